#include "dialect/openai/usage.h"

#include <algorithm>
#include <cstdint>

#include "base/text.h"
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
    cursor.skip();
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
  return usage;
}

}  // namespace sluice::dialect::openai
