// Reads `usage` objects of the OpenAI dialect and of the many servers that speak something near it.
//
//   input        prompt_tokens | input_tokens | the rest of total_tokens, where neither is given
//   cache_read   prompt_tokens_details.cached_tokens | prompt_cache_hit_tokens (DeepSeek) | num_cached_tokens (Mistral)
//   cache_write  prompt_tokens_details.cache_write_tokens
//   output       completion_tokens | output_tokens
//   reasoning    completion_tokens_details.reasoning_tokens
//   audio_*      *_details.audio_tokens
//
// Perplexity's, where reasoning and what was read of the web are counted beside and charged at prices of their own
// (its pages "Pricing" and "Sonar Deep Research"):
//
//   input, tool_input    citation_tokens, beside prompt_tokens
//   output, reasoning    reasoning_tokens, beside completion_tokens (of other servers it is within)
//   tool_requests        num_search_queries
//   search_size          search_context_size
//   billed_request       cost.request_cost: which fee it was, nothing else tells
//
// OpenRouter's (its API reference): tool_requests are server_tool_use.web_search_requests, tool_calls the rest of
// server_tool_use.tool_calls_executed.
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
