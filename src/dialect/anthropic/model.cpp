#include "dialect/anthropic/model.h"

#include <algorithm>
#include <array>

namespace sluice::dialect::anthropic {

namespace {

using enum ModelFacts::Thinking;

constexpr ModelFacts old(std::string_view prefix, std::uint64_t max_output, ModelFacts::Thinking thinking) {
  return {.prefix = prefix,
          .max_output = max_output,
          .thinking = thinking,
          .sampling = true,
          .both_sampling = true,
          .structured = false,
          .strict_tools = false,
          .prefill = true};
}
// 4.5: structured outputs, but a budget for thinking.
constexpr ModelFacts middle(std::string_view prefix) {
  return {.prefix = prefix, .max_output = 64000, .thinking = kBudget, .sampling = true, .prefill = true};
}
constexpr ModelFacts first_adaptive(std::string_view prefix) {
  return {.prefix = prefix, .max_output = 128000, .effort_xhigh = false, .sampling = true};
}
constexpr ModelFacts today(std::string_view prefix, bool forced_tool = true, bool can_be_quiet = true) {
  return {.prefix = prefix,
          .max_output = 128000,
          .can_be_quiet = can_be_quiet,
          .forced_tool = forced_tool,
          .system_in_turns = true};
}

constexpr ModelFacts opus_4_1(std::string_view prefix) {
  ModelFacts facts = old(prefix, 32000, kBudget);
  facts.both_sampling = false;
  return facts;
}
constexpr ModelFacts opus_4_7() {
  ModelFacts facts = today("claude-opus-4-7");
  facts.system_in_turns = false;
  return facts;
}

// A longer prefix stands before a shorter one of it.
constexpr std::array kModels = {
    today("claude-fable-5-1", false, false),
    today("claude-fable-5-2", false, false),
    today("claude-mythos-5-1", false, false),
    today("claude-mythos-5-2", false, false),
    today("claude-fable-5"),
    today("claude-mythos-5"),
    today("claude-opus-5-5", false, false),
    today("claude-sonnet-5-5", false),
    today("claude-haiku-5-5"),
    today("claude-opus-5"),
    today("claude-sonnet-5"),
    today("claude-opus-4-8"),
    opus_4_7(),
    first_adaptive("claude-opus-4-6"),
    first_adaptive("claude-sonnet-4-6"),
    middle("claude-opus-4-5"),
    middle("claude-sonnet-4-5"),
    middle("claude-haiku-4-5"),
    opus_4_1("claude-opus-4-1"),
    old("claude-opus-4", 32000, kBudget),
    old("claude-sonnet-4", 64000, kBudget),
    old("claude-3-7-sonnet", 64000, kBudget),
    old("claude-3-5", 8192, kNone),
    old("claude-3", 4096, kNone),
};

constexpr ModelFacts kUnknown = [] {
  ModelFacts facts = today("");
  facts.max_output = 32000;
  return facts;
}();

}  // namespace

const ModelFacts& facts_of(std::string_view model) {
  const auto at = model.find("claude-");
  if (at == std::string_view::npos) return kUnknown;
  const std::string_view name = model.substr(at);
  const auto found =
      std::ranges::find_if(kModels, [&](const ModelFacts& facts) { return name.starts_with(facts.prefix); });
  return found == kModels.end() ? kUnknown : *found;
}

}  // namespace sluice::dialect::anthropic
