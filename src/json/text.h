// JSON strings: their escapes, read and written.
//
// Source: RFC 8259, 7. Thread rule: pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice::json {

// What the text between two quotes stands for; nothing when an escape is not one, or is half of a surrogate pair.
std::optional<std::string> unescape(std::string_view raw);

// Appends `text` as a JSON string with its quotes. Always valid: bytes that are not UTF-8 become U+FFFD.
void append_quoted(std::string& out, std::string_view text);

}  // namespace sluice::json
