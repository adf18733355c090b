// JSON strings: their escapes, read. They are written by append_json_string() of base/text.h.
//
// Source: RFC 8259, 7. Thread rule: pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::json {

// What the text between two quotes stands for; nothing when an escape is not one, or is half of a surrogate pair.
std::optional<std::string> unescape(std::string_view raw);
// The same, but half of a surrogate pair becomes U+FFFD and a broken escape stays as it is written.
std::string unescape_leniently(std::string_view raw);

// How many bytes that is, without making it. What is spelled wrongly counts as about as much.
std::size_t plain_size(std::string_view raw);

// Whether every escape is spelled as one; halves of surrogate pairs pass, as they do in JSON's grammar.
bool well_escaped(std::string_view raw);

}  // namespace sluice::json
