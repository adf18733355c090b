// The usage of Gemini answers. Source: UsageMetadata of the API's reference: promptTokenCount holds what was cached and
// not the results of server tools; candidatesTokenCount holds no thoughts; what is zero is left out. Thread rule: pure.
#pragma once

#include <optional>
#include <string_view>

#include "chat/learned.h"
#include "json/writer.h"

namespace sluice::dialect::gemini {

// Consumes the usageMetadata ahead; keeps what is in `learned` where it tells nothing, or 0. Returns how much output it
// tells of.
std::uint64_t read_usage(json::Cursor& cursor, chat::Learned& learned);

// Appends the member "usageMetadata"; nothing where no usage is known.
void write_usage(const chat::Learned& learned, json::Writer& json);

// A whole number, also within quotes or as 12.0.
std::optional<std::uint64_t> take_count(json::Cursor& cursor);

}  // namespace sluice::dialect::gemini
