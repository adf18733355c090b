// A JSON string as it stands between its quotes, escapes as they came.
//
// Translating a body copies such texts from one JSON into another without decoding them: it is fast, and what was
// written by one side is read by the other character for character. Source: RFC 8259, 7.
//
// Thread rule: plain values. Lifetime: a view; who made it says of what.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "json/cursor.h"

namespace sluice::json {

struct Escaped {
  std::string_view raw;

  bool empty() const { return raw.empty(); }
  bool operator==(const Escaped&) const = default;
};

// What it stands for; half of a surrogate pair becomes U+FFFD.
std::string plain(Escaped text);
// The other way: without quotes. Broken UTF-8 becomes U+FFFD.
void append_escaped(std::string& out, std::string_view plain);
std::string escape(std::string_view plain);

// With its quotes.
void append_quoted(std::string& out, Escaped text);

// Consumes the value ahead. Nothing when it is no string (the value is consumed all the same) or its escapes are
// broken.
std::optional<Escaped> take_string(Cursor& cursor);

// Calls visit(key) for each member of the object ahead, the cursor on its value; a value that visit did not consume is
// skipped. False, with the value consumed, when it is no object.
template <class Visit>
bool each_member(Cursor& cursor, Visit visit) {
  if (!cursor.enter_object()) {
    cursor.skip();
    return false;
  }
  while (auto key = cursor.next_key()) {
    const std::size_t before = cursor.offset();
    visit(*key);
    if (cursor.offset() == before && !cursor.broken()) cursor.skip();
  }
  return true;
}

// The same for the elements of an array: visit(index).
template <class Visit>
bool each_element(Cursor& cursor, Visit visit) {
  if (!cursor.enter_array()) {
    cursor.skip();
    return false;
  }
  for (std::size_t index = 0; cursor.next_element(); ++index) {
    const std::size_t before = cursor.offset();
    visit(index);
    if (cursor.offset() == before && !cursor.broken()) cursor.skip();
  }
  return true;
}

}  // namespace sluice::json
