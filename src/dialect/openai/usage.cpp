#include "dialect/openai/usage.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "base/text.h"
#include "json/escaped.h"
#include "json/reader.h"

namespace sluice::dialect::openai {

namespace {

using Count = std::optional<std::uint64_t>;

constexpr std::uint64_t kMostTokens = 1'000'000'000'000;

// Whole numbers, also when written as 12.0 or 1e3.
Count take_count(json::Cursor& cursor) {
  if (const auto whole = cursor.take_count()) return *whole <= kMostTokens ? whole : std::nullopt;
  const bool is_number = cursor.kind() == json::Kind::kNumber;
  const std::string_view text = cursor.skip();
  if (!is_number) return std::nullopt;
  auto real = to_number<double>(text);
  if (!real || !(*real >= 0 && *real <= static_cast<double>(kMostTokens))) return std::nullopt;
  return static_cast<std::uint64_t>(*real);
}

struct Counts {
  Count prompt, completion, total;
  Count cached, written, reasoning, audio_in, audio_out;
  Count plain_reasoning, citations, queries, fee;  // as Perplexity names them
  bool tells_cost = false;
  Count searched, executed;  // as OpenRouter does
  chat::SearchSize size = chat::SearchSize::kUntold;
};

void keep_larger(Count& count, Count other) {
  count = std::max(count, other);  // nothing is the smallest
}

void read_prompt_details(json::Cursor& cursor, Counts& counts) {
  if (!cursor.enter_object()) {
    cursor.skip();
    return;
  }
  while (auto key = cursor.next_key()) {
    if (*key == "cached_tokens") {
      keep_larger(counts.cached, take_count(cursor));
    } else if (*key == "cache_write_tokens") {
      counts.written = take_count(cursor);
    } else if (*key == "audio_tokens") {
      counts.audio_in = take_count(cursor);
    } else {
      cursor.skip();
    }
  }
}

void read_completion_details(json::Cursor& cursor, Counts& counts) {
  if (!cursor.enter_object()) {
    cursor.skip();
    return;
  }
  while (auto key = cursor.next_key()) {
    if (*key == "reasoning_tokens") {
      counts.reasoning = take_count(cursor);
    } else if (*key == "audio_tokens") {
      counts.audio_out = take_count(cursor);
    } else {
      cursor.skip();
    }
  }
}

// In nano-dollars.
Count take_dollars(json::Cursor& cursor) {
  constexpr double kMost = 1000;
  const bool is_number = cursor.kind() == json::Kind::kNumber;
  const auto dollars = to_number<double>(cursor.skip());
  if (!is_number || !dollars || !(*dollars >= 0 && *dollars <= kMost)) return std::nullopt;
  return static_cast<std::uint64_t>(std::llround(*dollars * 1e9));
}

void read_cost(json::Cursor& cursor, Counts& counts) {
  counts.tells_cost = cursor.kind() == json::Kind::kObject;
  if (!counts.tells_cost) {  // OpenRouter's is a number
    cursor.skip();
    return;
  }
  cursor.enter_object();
  while (auto key = cursor.next_key()) {
    if (*key == "request_cost") {
      counts.fee = take_dollars(cursor);
    } else {
      cursor.skip();
    }
  }
}

void read_server_tools(json::Cursor& cursor, Counts& counts) {
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "web_search_requests") counts.searched = take_count(cursor);
    if (key == "tool_calls_executed") counts.executed = take_count(cursor);
  });
}

chat::SearchSize size_of(std::string_view word) {
  using enum chat::SearchSize;
  return word == "low" ? kLow : word == "medium" ? kMedium : word == "high" ? kHigh : kUntold;
}

void read_search(std::string_view key, json::Cursor& cursor, Counts& counts) {
  if (key == "reasoning_tokens") {
    counts.plain_reasoning = take_count(cursor);
  } else if (key == "citation_tokens") {
    counts.citations = take_count(cursor);
  } else if (key == "num_search_queries") {
    counts.queries = take_count(cursor);
  } else if (key == "search_context_size") {
    counts.size = size_of(cursor.kind() == json::Kind::kString ? cursor.take_text() : cursor.skip());
  } else if (key == "cost") {
    read_cost(cursor, counts);
  } else if (key == "server_tool_use") {
    read_server_tools(cursor, counts);
  } else {
    cursor.skip();
  }
}

// What was thought and read beside what the totals count.
void add_search(const Counts& counts, chat::Usage& usage) {
  usage.search_size = counts.size;
  usage.billed_request = counts.fee;
  usage.tool_requests += counts.queries.value_or(0);
  usage.tool_input = counts.citations.value_or(0);
  usage.input += usage.tool_input;
  usage.reasoning += counts.plain_reasoning.value_or(0);
  usage.output += counts.plain_reasoning.value_or(0);
}

void read_member(std::string_view key, json::Cursor& cursor, Counts& counts) {
  if (key == "prompt_tokens" || key == "input_tokens") {
    keep_larger(counts.prompt, take_count(cursor));
  } else if (key == "completion_tokens" || key == "output_tokens") {
    keep_larger(counts.completion, take_count(cursor));
  } else if (key == "total_tokens") {
    counts.total = take_count(cursor);
  } else if (key == "prompt_cache_hit_tokens" || key == "num_cached_tokens" || key == "cached_tokens") {
    keep_larger(counts.cached, take_count(cursor));
  } else if (key == "prompt_tokens_details" || key == "prompt_token_details" || key == "input_tokens_details" ||
             key == "input_token_details") {
    read_prompt_details(cursor, counts);
  } else if (key == "completion_tokens_details" || key == "output_tokens_details" || key == "output_token_details") {
    read_completion_details(cursor, counts);
  } else {
    read_search(key, cursor, counts);
  }
}

}  // namespace

std::optional<chat::Usage> read_usage(json::Cursor& cursor, const chat::Usage& earlier) {
  if (!cursor.enter_object()) {
    cursor.skip();
    return std::nullopt;
  }
  Counts counts;
  while (auto key = cursor.next_key()) read_member(*key, cursor, counts);
  if (!counts.prompt && !counts.completion && !counts.total) return std::nullopt;

  const bool searches =
      counts.citations || counts.queries || counts.tells_cost || counts.size != chat::SearchSize::kUntold;
  if (!searches) keep_larger(counts.reasoning, counts.plain_reasoning);
  chat::Usage usage;
  usage.source = chat::UsageSource::kProvider;
  usage.input = counts.prompt.value_or(0);
  usage.output = counts.completion.value_or(0);
  // xAI counts reasoning beside the completion; the total gives it away.
  const std::uint64_t beside = counts.reasoning.value_or(0);
  if (beside > 0 && counts.total == usage.input + usage.output + beside) usage.output += beside;
  // The rest of the total is the input, but where that was told before.
  const bool lacks_input = usage.input == 0 && earlier.input == 0;
  if (lacks_input && counts.total > usage.output) usage.input = *counts.total - usage.output;
  usage.cache_read = std::min(counts.cached.value_or(0), usage.input);
  usage.cache_write = std::min(counts.written.value_or(0), usage.input - usage.cache_read);
  usage.reasoning = std::min(counts.reasoning.value_or(0), usage.output);
  usage.audio_input = std::min(counts.audio_in.value_or(0), usage.input);
  usage.audio_output = std::min(counts.audio_out.value_or(0), usage.output);
  usage.tool_requests = counts.searched.value_or(0);
  usage.tool_calls = counts.executed.value_or(0) - std::min(counts.executed.value_or(0), usage.tool_requests);
  if (searches) add_search(counts, usage);
  return usage;
}

}  // namespace sluice::dialect::openai
