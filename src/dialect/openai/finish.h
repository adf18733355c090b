// Why a chat answer ended, in this dialect's words. Source: the API's reference; Mistral's and DeepSeek's words too.
// Thread rule: pure.
#pragma once

#include <string_view>

#include "chat/event.h"

namespace sluice::dialect::openai {

// What a choice held, which tells more than the word: an answer that calls a tool the client forced, or that refuses,
// ends with "stop".
struct Held {
  bool calls = false;
  bool refusal = false;
};

chat::FinishReason finish_of(std::string_view word, const Held& held);
// The other way; `told` is the provider's own word. Only the older functions end with "function_call".
std::string_view finish_word(chat::FinishReason finish, const Held& held, std::string_view told);

}  // namespace sluice::dialect::openai
