#include "dialect/openai/finish.h"

namespace sluice::dialect::openai {

using enum chat::FinishReason;

chat::FinishReason finish_of(std::string_view word, const Held& held) {
  if (word == "length" || word == "max_tokens") return kLength;
  if (word == "model_length") return kContextWindow;
  if (word == "content_filter") return kContentFilter;
  if (word == "error" || word == "insufficient_system_resource") return kModelError;
  if (held.calls) return kToolCalls;
  return held.refusal ? kRefusal : kStop;
}

std::string_view finish_word(chat::FinishReason finish, const Held& held, std::string_view told) {
  switch (finish) {
    case kLength:
    case kContextWindow:
      return "length";
    case kContentFilter:
      return "content_filter";
    case kRefusal:  // in the model's words it is an answer; "refusal" is Claude's word for one that was cut off
      return held.refusal && told != "refusal" ? "stop" : "content_filter";
    case kModelError:
      return "error";  // OpenRouter's and Mistral's word; the API has none
    case kNone:
    case kStop:
    case kStopSequence:
    case kToolCalls:
    case kPause:
      break;
  }
  return held.calls ? "tool_calls" : "stop";
}

}  // namespace sluice::dialect::openai
