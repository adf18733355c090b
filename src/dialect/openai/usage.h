// Reads `usage` objects of the OpenAI dialect and of the many servers that speak something near it.
//
//   input        prompt_tokens | input_tokens | the rest of total_tokens, where neither is given
//   cache_read   prompt_tokens_details.cached_tokens | prompt_cache_hit_tokens (DeepSeek) | num_cached_tokens (Mistral)
//   cache_write  prompt_tokens_details.cache_write_tokens
//   output       completion_tokens | output_tokens
//   reasoning    completion_tokens_details.reasoning_tokens
//   audio_*      *_details.audio_tokens
//
// Counts that are no counts (null, text, negative, beyond a million millions) are taken for absent. Parts are cut to
// their totals. Thread rule: pure.
#pragma once

#include <optional>

#include "chat/usage.h"
#include "json/cursor.h"

namespace sluice::dialect::openai {

// Consumes the value ahead; nothing when it holds no count. `earlier`: what the same answer has told before, to be
// joined with this.
std::optional<chat::Usage> read_usage(json::Cursor& cursor, const chat::Usage& earlier = {});

}  // namespace sluice::dialect::openai
