#include "dialect/gemini/finish.h"

#include <algorithm>
#include <array>

namespace sluice::dialect::gemini {

namespace {

using chat::FinishReason;

struct Word {
  std::string_view word;
  FinishReason finish;
};
constexpr std::array<Word, 19> kWords{{
    {"STOP", FinishReason::kStop},
    {"MAX_TOKENS", FinishReason::kLength},
    {"SAFETY", FinishReason::kContentFilter},
    {"RECITATION", FinishReason::kContentFilter},
    {"LANGUAGE", FinishReason::kContentFilter},
    {"BLOCKLIST", FinishReason::kContentFilter},
    {"PROHIBITED_CONTENT", FinishReason::kContentFilter},
    {"SPII", FinishReason::kContentFilter},
    {"IMAGE_SAFETY", FinishReason::kContentFilter},
    {"IMAGE_PROHIBITED_CONTENT", FinishReason::kContentFilter},
    {"IMAGE_RECITATION", FinishReason::kContentFilter},
    {"CONTINUATION", FinishReason::kPause},
    {"OTHER", FinishReason::kModelError},
    {"MALFORMED_FUNCTION_CALL", FinishReason::kModelError},
    {"UNEXPECTED_TOOL_CALL", FinishReason::kModelError},
    {"TOO_MANY_TOOL_CALLS", FinishReason::kModelError},
    {"MALFORMED_RESPONSE", FinishReason::kModelError},
    {"IMAGE_OTHER", FinishReason::kModelError},
    {"NO_IMAGE", FinishReason::kModelError},
}};

}  // namespace

FinishReason finish_of(std::string_view word) {
  if (word.empty() || word == "FINISH_REASON_UNSPECIFIED") return FinishReason::kNone;
  const auto found = std::ranges::find(kWords, word, &Word::word);
  // A new word is one for something out of the ordinary: STOP is there for the rest.
  return found == kWords.end() ? FinishReason::kModelError : found->finish;
}

std::string_view word_of(FinishReason finish, std::string_view told) {
  const auto same = std::ranges::find(kWords, told, &Word::word);
  if (same != kWords.end() && same->finish == finish) return same->word;
  switch (finish) {
    case FinishReason::kNone:
    case FinishReason::kStop:
    case FinishReason::kStopSequence:
    case FinishReason::kToolCalls:
      return "STOP";
    case FinishReason::kLength:
    case FinishReason::kContextWindow:
      return "MAX_TOKENS";
    case FinishReason::kContentFilter:
    case FinishReason::kRefusal:
      return "SAFETY";
    case FinishReason::kPause:
      return "CONTINUATION";
    case FinishReason::kModelError:
      return "OTHER";
  }
  return "OTHER";
}

}  // namespace sluice::dialect::gemini
