#include "dialect/cohere/usage.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "json/escaped.h"

namespace sluice::dialect::cohere {

namespace {

// No provider counts that far; sums stay within 64 bits.
constexpr double kMostTokens = 1e15;

// Counts are of the type "number": 12 may come as 12.0.
std::optional<std::uint64_t> take_count(json::Cursor& cursor) {
  const json::Kind kind = cursor.kind();
  const auto count = to_number<double>(cursor.skip());
  if (kind != json::Kind::kNumber || !count || !(*count >= 0 && *count <= kMostTokens)) return std::nullopt;
  return static_cast<std::uint64_t>(*count);
}

struct Counts {
  std::optional<std::uint64_t> input, output, searches;
};

Counts read_counts(json::Cursor& cursor) {
  Counts counts;
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "input_tokens") counts.input = take_count(cursor);
    if (key == "output_tokens") counts.output = take_count(cursor);
    if (key == "search_units") counts.searches = take_count(cursor);
  });
  return counts;
}

}  // namespace

void read_usage(json::Cursor& cursor, chat::Usage& usage) {
  Counts tokens;
  Counts billed;
  std::uint64_t cached = 0;
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "tokens") tokens = read_counts(cursor);
    if (key == "billed_units") billed = read_counts(cursor);
    if (key == "cached_tokens") cached = take_count(cursor).value_or(0);
    if (key == "total_tokens") billed.input = take_count(cursor);  // Jina and Voyage
  });
  const auto input = tokens.input ? tokens.input : billed.input;
  const auto output = tokens.output ? tokens.output : billed.output;
  if (billed.searches) usage.billed_searches = billed.searches;
  if (!input && !output && !billed.searches) return;
  usage.source = chat::UsageSource::kProvider;
  usage.input = chat::last_told(input, usage.input);
  usage.output = chat::last_told(output, usage.output);
  usage.cache_read = std::min(chat::last_told(cached, usage.cache_read), usage.input);
  if (billed.input || !usage.billed_input) usage.billed_input = billed.input;
  if (billed.output || !usage.billed_output) usage.billed_output = billed.output;
}

}  // namespace sluice::dialect::cohere
