// Why answers end, in the words of Converse. Source: StopReason of the AWS SDK. Thread rule: pure.
#pragma once

#include <string_view>

#include "chat/event.h"

namespace sluice::dialect::bedrock {

// kNone for an empty word; a word that is not known is taken for kStop.
chat::FinishReason finish_of(std::string_view word);
// `told` is the provider's own word, which stays where it is one of this API and means the same.
std::string_view word_of(chat::FinishReason finish, std::string_view told);

}  // namespace sluice::dialect::bedrock
