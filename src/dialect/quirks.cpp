#include "dialect/quirks.h"

#include <algorithm>
#include <array>

namespace sluice::dialect {

namespace {

struct Quirk {
  std::string_view name;
  bool Quirks::* member;
};
constexpr std::array kQuirks = {
    Quirk{"stream_options", &Quirks::stream_options},
    Quirk{"usage_on_streams", &Quirks::usage_on_streams},
    Quirk{"max_completion_tokens", &Quirks::max_completion_tokens},
    Quirk{"max_tokens", &Quirks::max_tokens},
    Quirk{"developer_role", &Quirks::developer_role},
    Quirk{"reasoning_content", &Quirks::reasoning_content},
    Quirk{"thinking_chunks", &Quirks::thinking_chunks},
    Quirk{"prefix", &Quirks::prefix},
    Quirk{"short_tool_ids", &Quirks::short_tool_ids},
    Quirk{"unknown_fields", &Quirks::unknown_fields},
    Quirk{"random_seed", &Quirks::random_seed},
    Quirk{"openai_tools", &Quirks::openai_tools},
    Quirk{"effort_levels", &Quirks::effort_levels},
    Quirk{"high_temperature", &Quirks::high_temperature},
    Quirk{"other_models", &Quirks::other_models},
};
constexpr auto kQuirkNames = [] {
  std::array<std::string_view, kQuirks.size()> names;
  std::ranges::transform(kQuirks, names.begin(), &Quirk::name);
  return names;
}();

}  // namespace

bool set_quirk(Quirks& quirks, std::string_view name, bool value) {
  const auto quirk = std::ranges::find(kQuirks, name, &Quirk::name);
  if (quirk == kQuirks.end()) return false;
  quirks.*(quirk->member) = value;
  return true;
}

std::span<const std::string_view> quirk_names() {
  return kQuirkNames;
}

}  // namespace sluice::dialect
