// Reads what a request of the OpenAI API asks, leniently: strictness is another's job.
//
// Thread rule: pure.
#pragma once

#include <string>
#include <string_view>

#include "json/cursor.h"
#include "sim/ask.h"

namespace sluice::sim {

// Reads the body ahead. The cursor may be broken afterwards: that is for the caller to see.
void read_ask(json::Cursor& cursor, Ask& ask);

// The messages of a chat: the last user text, how much text there is, whether calls and results belong together.
void read_messages(json::Cursor& cursor, Ask& ask);

// The text of the string ahead, which is consumed whatever it is; empty when it is none.
std::string take_string(json::Cursor& cursor);
// The bytes of a JSON string's text, given what stands between its quotes.
std::size_t text_size(std::string_view raw);

}  // namespace sluice::sim
