#include "dialect/anthropic/stop.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sluice::dialect::anthropic {

namespace {

using chat::FinishReason;

constexpr std::array<std::pair<std::string_view, FinishReason>, 7> kReasons{{
    {"end_turn", FinishReason::kStop},
    {"stop_sequence", FinishReason::kStopSequence},
    {"tool_use", FinishReason::kToolCalls},
    {"max_tokens", FinishReason::kLength},
    {"model_context_window_exceeded", FinishReason::kContextWindow},
    {"refusal", FinishReason::kRefusal},
    {"pause_turn", FinishReason::kPause},
}};

}  // namespace

FinishReason read_stop(std::string_view word) {
  const auto found = std::ranges::find(kReasons, word, &std::pair<std::string_view, FinishReason>::first);
  return found == kReasons.end() ? FinishReason::kStop : found->second;
}

std::string_view write_stop(FinishReason reason, bool calls) {
  switch (reason) {
    case FinishReason::kNone:
    case FinishReason::kStop:
    case FinishReason::kToolCalls:
      return calls ? "tool_use" : "end_turn";
    case FinishReason::kContentFilter:
    case FinishReason::kModelError:
      return "refusal";
    default:
      break;
  }
  return std::ranges::find(kReasons, reason, &std::pair<std::string_view, FinishReason>::second)->first;
}

}  // namespace sluice::dialect::anthropic
