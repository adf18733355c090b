#include "chat/event.h"

namespace sluice::chat {

std::string_view name(FinishReason reason) {
  switch (reason) {
    case FinishReason::kNone:
      return "none";
    case FinishReason::kStop:
      return "stop";
    case FinishReason::kStopSequence:
      return "stop_sequence";
    case FinishReason::kToolCalls:
      return "tool_calls";
    case FinishReason::kLength:
      return "length";
    case FinishReason::kContextWindow:
      return "context_window";
    case FinishReason::kContentFilter:
      return "content_filter";
    case FinishReason::kRefusal:
      return "refusal";
    case FinishReason::kPause:
      return "pause";
    case FinishReason::kModelError:
      return "model_error";
  }
  return "none";
}

}  // namespace sluice::chat
