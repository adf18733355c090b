// Why answers end, in the words of the Gemini API. Source: Candidate.FinishReason. Thread rule: pure.
#pragma once

#include <string_view>

#include "chat/event.h"

namespace sluice::dialect::gemini {

// kNone for a word that says nothing; kStop for STOP, also when there are calls.
chat::FinishReason finish_of(std::string_view word);
// `told` is the provider's own word, which stays where it is one of this API and means the same.
std::string_view word_of(chat::FinishReason finish, std::string_view told);

}  // namespace sluice::dialect::gemini
