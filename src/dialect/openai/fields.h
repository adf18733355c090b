// The fields of OpenAI requests that can be translated. Source: the API's reference and the official SDK's types; what
// other servers of the dialect add (reasoning_content, top_k …) is there too. Thread rule: constants.
#pragma once

#include "chat/ids.h"
#include "dialect/endpoint.h"
#include "dialect/fields.h"

namespace sluice::dialect::openai {

// The path under which this dialect gives Field::kMessages. Its address is what tells a request of this dialect from
// one whose API has the same word.
inline constexpr char kMessagesPath[] = "messages";
// Whether a client of this dialect has sent it: what is marked as this dialect's own can be written again.
inline bool is_own(const chat::Request& request) {
  return request.path(chat::Field::kMessages).data() == kMessagesPath;
}

// Of tool calls, where a provider takes no others (dialect/quirks.h).
inline constexpr chat::Alphabet kShortIds{.longest = 9, .exactly = 9};

// Whoever asks, for a provider: OpenAI's APIs take 64 characters. Empty: nobody is named.
chat::Escaped fitted_user(chat::Request& request);

FieldTable chat_fields();
FieldTable embed_fields();
FieldTable fields_of(Operation operation);

}  // namespace sluice::dialect::openai
