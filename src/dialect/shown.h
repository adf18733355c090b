// How much a value of an answer shows where its shape is one of several: chunks of content, calls, events of models
// that pass through.
//
// Thread rule: pure.
#pragma once

#include <cstdint>

#include "json/cursor.h"

namespace sluice::dialect {

// Consumes the value ahead. The bytes of plain text in its members, at any depth, that are named as texts are: "text",
// "thinking", "name", "arguments" …; arguments that are no string count as they are written.
std::uint64_t shown_in(json::Cursor& cursor);

}  // namespace sluice::dialect
