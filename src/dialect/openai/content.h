// Content parts of chat/completions messages, read.
//
// Source: the API's reference. Thread rule: pure. Lifetime: views point into the body and into request.texts.
#pragma once

#include <optional>
#include <string>

#include "chat/request.h"
#include "dialect/reading.h"

namespace sluice::dialect::openai {

// Consumes the part ahead; `path` is its own: "messages[2].content[0]". Nothing when it was complained about.
std::optional<chat::Part> read_part(Reading& read, const std::string& path, chat::Request& request);

// {"google": {"thought_signature": …}} of a tool call, as Google's servers of this dialect have it. Consumes the value.
chat::State read_thought_signature(json::Cursor& cursor);

// A medium behind a URL: data: URLs that are coded in base64 become bytes.
chat::Media media_of(json::Escaped url, chat::Texts& texts);

}  // namespace sluice::dialect::openai
