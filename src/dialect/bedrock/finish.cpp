#include "dialect/bedrock/finish.h"

#include <algorithm>
#include <array>

namespace sluice::dialect::bedrock {

namespace {

using chat::FinishReason;

struct Word {
  std::string_view word;
  FinishReason finish;
};
constexpr std::array<Word, 9> kWords{{
    {"end_turn", FinishReason::kStop},
    {"tool_use", FinishReason::kToolCalls},
    {"max_tokens", FinishReason::kLength},
    {"stop_sequence", FinishReason::kStopSequence},
    {"content_filtered", FinishReason::kContentFilter},
    {"guardrail_intervened", FinishReason::kContentFilter},
    {"model_context_window_exceeded", FinishReason::kContextWindow},
    {"malformed_model_output", FinishReason::kModelError},
    {"malformed_tool_use", FinishReason::kModelError},
}};

}  // namespace

FinishReason finish_of(std::string_view word) {
  if (word.empty()) return FinishReason::kNone;
  const auto found = std::ranges::find(kWords, word, &Word::word);
  return found == kWords.end() ? FinishReason::kStop : found->finish;
}

std::string_view word_of(FinishReason finish, std::string_view told) {
  const auto same = std::ranges::find(kWords, told, &Word::word);
  if (same != kWords.end() && same->finish == finish) return same->word;
  if (finish == FinishReason::kRefusal) return "content_filtered";
  const auto found = std::ranges::find(kWords, finish, &Word::finish);
  return found == kWords.end() ? "end_turn" : found->word;
}

}  // namespace sluice::dialect::bedrock
