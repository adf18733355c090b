#include "sim/gemini/thought.h"

#include <algorithm>

#include "base/base64.h"
#include "base/digest.h"
#include "sim/dom.h"
#include "sim/vouch.h"

namespace sluice::sim {

namespace {

constexpr std::size_t kMarkSize = 32;
constexpr std::string_view kSkips[] = {"skip_thought_signature_validator", "context_engineering_is_the_way_to_go"};

std::string mark(std::string_view kind, std::string_view said) {
  return base64_decode(vouch(kind, said)).value_or("");
}

std::string_view kind_of(Signed what) {
  switch (what) {
    case Signed::kCall:
      return "gemini call";
    case Signed::kText:
      return "gemini text";
    case Signed::kEmptyText:
      return "gemini empty text";
  }
  return {};
}

std::string marks(Signed what, std::string_view said, const std::string& thoughts_mark) {
  return mark(kind_of(what), thoughts_mark + std::string(said)) + thoughts_mark;
}

}  // namespace

std::string sign_thought(Signed what, std::string_view said, std::string_view thoughts) {
  return base64(marks(what, said, mark("gemini reasoning", thoughts)));
}

bool vouches(std::string_view signature, Signed what, std::string_view said,
             const std::optional<std::string>& thoughts) {
  auto bytes = base64_decode(signature);
  if (!bytes || bytes->size() != 2 * kMarkSize) return false;
  std::string thoughts_mark = bytes->substr(kMarkSize);
  if (thoughts && thoughts_mark != mark("gemini reasoning", *thoughts)) return false;
  return *bytes == marks(what, said, thoughts_mark);
}

std::string said_by_call(std::string_view name, std::string_view arguments) {
  auto value = parsed(arguments);
  return std::string(name) + "\n" + (value ? boost::json::serialize(*value) : std::string(arguments));
}

bool skips_validation(std::string_view signature) {
  auto bytes = base64_decode(signature);
  return bytes && std::ranges::any_of(kSkips, [&](std::string_view skip) { return base64_decode(skip) == bytes; });
}

}  // namespace sluice::sim
