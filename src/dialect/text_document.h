// Documents that are texts, for APIs that have texts only.
//
// Thread rule: pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "chat/request.h"

namespace sluice::dialect {

// Escaped: title and context of a document as lines before its text.
std::string headed_text(const chat::Media& document, std::string_view text);

// By its type; where that says nothing, by its first bytes.
bool is_pdf(const chat::Media& document);
// Escaped: the text of a document in base64 whose type says that it is one. Nothing for all others, and where the bytes
// are no base64.
std::optional<std::string> decoded_text(const chat::Media& document);
// Makes such documents, also those that tools gave, documents of Form::kText.
void decode_texts(chat::Request& request);

}  // namespace sluice::dialect
