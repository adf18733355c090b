// Usage of the Responses API, read and written.
//
//   input        input_tokens                        cache_read      input_tokens_details.cached_tokens
//   output       output_tokens                       cache_write     input_tokens_details.cache_write_tokens
//   reasoning    output_tokens_details.reasoning_tokens
//   cache_write_1h   input_tokens_details.cache_write_tokens_details.ttl_12h_tokens: the longer of its two terms
//
// Counts that are no counts are taken for absent, parts are cut to their totals. Thread rule: pure.
#pragma once

#include <optional>

#include "chat/usage.h"
#include "json/cursor.h"
#include "json/writer.h"

namespace sluice::dialect::responses {

// Consumes the value ahead; nothing when it holds no count.
std::optional<chat::Usage> read_usage(json::Cursor& cursor);
// Consumes a `tool_usage` object.
struct ToolUsage {
  std::optional<std::uint64_t> searches;
  bool has_images = false;  // a model drew: its tokens are told, and charged, beside those of `usage`
};
ToolUsage read_tool_usage(json::Cursor& cursor);
// Null when nothing is known.
void write_usage(json::Writer& json, const chat::Usage& usage);

}  // namespace sluice::dialect::responses
