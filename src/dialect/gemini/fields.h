// The fields of Gemini requests. Source: the API's reference of GenerateContentRequest, EmbedContentRequest and what
// they hold. Thread rule: constants.
#pragma once

#include <string>
#include <string_view>

#include "dialect/endpoint.h"
#include "dialect/fields.h"

namespace sluice::dialect::gemini {

FieldTable chat_fields();
FieldTable embed_fields();
FieldTable fields_of(Operation operation);

// "system_instruction" → "systemInstruction": the API reads both spellings of its own names.
std::string camel(std::string_view name);

// The name of `request.path(kMessages)` in requests that were written by a client of this dialect.
inline constexpr std::string_view kContents = "contents";

// Notes a field that is left out, once.
void lose(std::vector<chat::Request::Lost>& lost, std::string_view path,
          chat::Unplaced unplaced = chat::Unplaced::kDropped, std::string_view why = {});

}  // namespace sluice::dialect::gemini
