#include "dialect/responses/usage.h"

#include <algorithm>

#include "base/text.h"

namespace sluice::dialect::responses {

namespace {

using Count = std::optional<std::uint64_t>;

constexpr std::uint64_t kMostTokens = 1'000'000'000'000;

Count take_count(json::Cursor& cursor) {
  const bool is_number = cursor.kind() == json::Kind::kNumber;
  const auto count = to_number<std::uint64_t>(cursor.skip());
  return is_number && count && *count <= kMostTokens ? count : std::nullopt;
}

struct Counts {
  Count input, output, total, cached, written, written_long, reasoning;
};

void read_input_details(json::Cursor& cursor, Counts& counts) {
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "cached_tokens") counts.cached = take_count(cursor);
    if (key == "cache_write_tokens") counts.written = take_count(cursor);
    if (key != "cache_write_tokens_details") return;
    json::each_member(cursor, [&](std::string_view term) {
      if (term == "ttl_12h_tokens") counts.written_long = take_count(cursor);
    });
  });
}

}  // namespace

std::optional<chat::Usage> read_usage(json::Cursor& cursor) {
  Counts counts;
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "input_tokens") counts.input = take_count(cursor);
    if (key == "output_tokens") counts.output = take_count(cursor);
    if (key == "total_tokens") counts.total = take_count(cursor);
    if (key == "input_tokens_details") read_input_details(cursor, counts);
    if (key != "output_tokens_details") return;
    json::each_member(cursor, [&](std::string_view detail) {
      if (detail == "reasoning_tokens") counts.reasoning = take_count(cursor);
    });
  });
  if (!counts.input && !counts.output && !counts.total) return std::nullopt;
  chat::Usage usage;
  usage.source = chat::UsageSource::kProvider;
  usage.input = counts.input.value_or(0);
  usage.output = counts.output.value_or(0);
  if (usage.input == 0 && counts.total > usage.output) usage.input = *counts.total - usage.output;
  usage.cache_read = std::min(counts.cached.value_or(0), usage.input);
  usage.cache_write = std::min(counts.written.value_or(0), usage.input - usage.cache_read);
  usage.cache_write_1h = std::min(counts.written_long.value_or(0), usage.cache_write);
  usage.reasoning = std::min(counts.reasoning.value_or(0), usage.output);
  return usage;
}

ToolUsage read_tool_usage(json::Cursor& cursor) {
  ToolUsage usage;
  json::each_member(cursor, [&](std::string_view key) {
    const bool searches = key == "web_search", draws = key == "image_gen";
    if (!searches && !draws) return;
    json::each_member(cursor, [&](std::string_view member) {
      if (searches && member == "num_requests") usage.searches = take_count(cursor);
      if (draws && member == "total_tokens") usage.has_images = take_count(cursor).value_or(0) > 0;
    });
  });
  return usage;
}

void write_usage(json::Writer& json, const chat::Usage& usage) {
  if (usage.source != chat::UsageSource::kProvider) {
    json.null();
    return;
  }
  json.begin_object();
  json.key("input_tokens").number(usage.input);
  json.key("input_tokens_details").begin_object();
  json.key("cached_tokens").number(usage.cache_read);
  json.key("cache_write_tokens").number(usage.cache_write);
  if (usage.cache_write > 0) {
    json.key("cache_write_tokens_details").begin_object();
    json.key("ttl_30m_tokens").number(usage.cache_write - std::min(usage.cache_write_1h, usage.cache_write));
    json.key("ttl_12h_tokens").number(usage.cache_write_1h);
    json.end_object();
  }
  json.end_object();
  json.key("output_tokens").number(usage.output);
  json.key("output_tokens_details").begin_object();
  json.key("reasoning_tokens").number(usage.reasoning);
  json.end_object();
  json.key("total_tokens").number(usage.input + usage.output);
  json.end_object();
}

}  // namespace sluice::dialect::responses
