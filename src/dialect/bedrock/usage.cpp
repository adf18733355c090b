#include "dialect/bedrock/usage.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace sluice::dialect::bedrock {

namespace {

// No provider counts that far; sums stay within 64 bits.
constexpr std::uint64_t kMostTokens = std::uint64_t{1} << 48;

std::optional<std::uint64_t> take_count(json::Cursor& cursor) {
  const json::Kind kind = cursor.kind();
  const auto count = to_number<std::uint64_t>(cursor.skip());
  if (kind != json::Kind::kNumber || !count || *count > kMostTokens) return std::nullopt;
  return count;
}

struct Counts {
  std::optional<std::uint64_t> input, output, read, written, written_5m, written_1h;
};

void keep(const Counts& counts, chat::Learned& learned) {
  // What was written may be told by its terms alone.
  const auto written = chat::last_told(counts.written, counts.written_5m.value_or(0) + counts.written_1h.value_or(0));
  if (!counts.input && !counts.output && !counts.read && !counts.written && written == 0) return;
  // Claude's own streams tell the input at their beginning and the output at their end.
  chat::Usage usage = learned.usage;
  const std::uint64_t beside = usage.input - std::min(usage.input, usage.cache_read + usage.cache_write);
  usage.source = chat::UsageSource::kProvider;
  usage.cache_read = chat::last_told(counts.read, usage.cache_read);
  usage.cache_write = chat::last_told(written, usage.cache_write);
  usage.cache_write_1h = std::min(chat::last_told(counts.written_1h, usage.cache_write_1h), usage.cache_write);
  usage.input = chat::last_told(counts.input, beside) + usage.cache_read + usage.cache_write;
  usage.output = chat::last_told(counts.output, usage.output);
  learned.usage = usage;
  learned.count_shown(counts.output.value_or(0));
}

// [{"ttl": "1h", "inputTokens": 1500}, …]: what was written.
void read_details(json::Cursor& cursor, Counts& counts) {
  json::each_element(cursor, [&](std::size_t) {
    bool is_long = false;
    std::uint64_t count = 0;
    json::each_member(cursor, [&](std::string_view key) {
      if (key == "ttl") is_long = cursor.skip() == "\"1h\"";
      if (key == "inputTokens") count = take_count(cursor).value_or(0);
    });
    auto& term = is_long ? counts.written_1h : counts.written_5m;
    term = std::min(term.value_or(0) + count, kMostTokens);
  });
}

}  // namespace

void read_usage(json::Cursor& cursor, chat::Learned& learned) {
  Counts counts;
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "inputTokens") counts.input = take_count(cursor);
    if (key == "outputTokens") counts.output = take_count(cursor);
    if (key == "cacheReadInputTokens") counts.read = take_count(cursor);
    if (key == "cacheWriteInputTokens") counts.written = take_count(cursor);
    if (key == "cacheDetails") read_details(cursor, counts);
  });
  keep(counts, learned);
}

void read_claude_usage(json::Cursor& cursor, chat::Learned& learned) {
  Counts counts;
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "input_tokens") counts.input = take_count(cursor);
    if (key == "output_tokens") counts.output = take_count(cursor);
    if (key == "cache_read_input_tokens") counts.read = take_count(cursor);
    if (key == "cache_creation_input_tokens") counts.written = take_count(cursor);
    if (key == "cache_creation") {
      json::each_member(cursor, [&](std::string_view term) {
        if (term == "ephemeral_5m_input_tokens") counts.written_5m = take_count(cursor);
        if (term == "ephemeral_1h_input_tokens") counts.written_1h = take_count(cursor);
      });
    }
  });
  keep(counts, learned);
}

void read_metrics(json::Cursor& cursor, chat::Learned& learned) {
  Counts counts;
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "inputTokenCount") counts.input = take_count(cursor);
    if (key == "outputTokenCount") counts.output = take_count(cursor);
    if (key == "cacheReadInputTokenCount") counts.read = take_count(cursor);
    if (key == "cacheWriteInputTokenCount") counts.written = take_count(cursor);
  });
  keep(counts, learned);
}

void write_usage(const chat::Usage& usage, json::Writer& json) {
  const std::uint64_t cached = std::min(usage.cache_read + usage.cache_write, usage.input);
  json.key("usage").begin_object();
  json.key("inputTokens").number(usage.input - cached);
  json.key("outputTokens").number(usage.output);
  json.key("totalTokens").number(usage.input + usage.output);
  if (usage.cache_read > 0 || usage.cache_write > 0) {
    json.key("cacheReadInputTokens").number(usage.cache_read);
    json.key("cacheWriteInputTokens").number(usage.cache_write);
  }
  if (usage.cache_write_1h > 0) {
    const std::uint64_t rest = usage.cache_write - std::min(usage.cache_write_1h, usage.cache_write);
    json.key("cacheDetails").begin_array();
    json.begin_object().key("ttl").text("1h").key("inputTokens").number(usage.cache_write_1h).end_object();
    if (rest > 0) json.begin_object().key("ttl").text("5m").key("inputTokens").number(rest).end_object();
    json.end_array();
  }
  json.end_object();
}

}  // namespace sluice::dialect::bedrock
