// What the ledger knows about a served request: one row for the exchange, one for each attempt at a provider.
//
// Rows are plain values with owned texts; views are the same with texts that are somebody else's and good as long as
// those, for who writes them down at once. each_field() is their one list of fields: the bytes in the journal, the
// columns of a database and the JSON of the admin API are made from it. Times are microseconds since 1970 (UTC),
// durations microseconds, money billionths of a dollar. Thread rule: plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace sluice::store {

template <class Text>
using BasicTags = std::vector<std::pair<Text, Text>>;  // by name, ascending
using Tags = BasicTags<std::string>;
using TagsView = std::span<const Tags::value_type>;

// The tokens of an answer, as chat/usage.h defines them.
template <class Text>
struct BasicUsageRow {
  Text source;  // "provider", "estimated"; empty: nobody told
  std::int64_t input = 0, cache_read = 0, cache_write = 0, cache_write_1h = 0;
  std::int64_t output = 0, reasoning = 0;
  std::int64_t audio_input = 0, audio_output = 0, image_input = 0, image_output = 0;
  std::int64_t tool_input = 0, tool_requests = 0;
  std::int64_t audio_cache_read = 0;
  std::optional<std::int64_t> billed_input, billed_output, billed_searches;
  std::int64_t file_searches = 0, tool_calls = 0;
  std::optional<std::int64_t> billed_request_nanos;
  std::int64_t search_size = 0;  // 1: low, 2: medium, 3: high

  bool operator==(const BasicUsageRow&) const = default;
};
using UsageRow = BasicUsageRow<std::string>;
using UsageView = BasicUsageRow<std::string_view>;

template <class Text>
struct BasicAttemptRow {
  std::int64_t began_us = 0;
  std::int64_t duration_us = 0;
  Text deployment, provider;
  Text model_routed;         // the upstream model that was asked
  Text model_served;         // as the provider names it
  std::int64_t status = 0;   // the provider's; 0: none came
  Text fault, error;         // empty: it served
  Text provider_request_id;  // as the provider names it
  Text finish_reason;
  bool delivered = false;  // it had something to show
  BasicUsageRow<Text> usage;
  std::optional<std::int64_t> cost_nanos;  // nothing: not known
  Text price_version;                      // of the price it was computed with; empty: it was not charged, or not known
  Text why;                                // it was made: "first", "retry", "fallback", "hedge" …
  Text service_tier, speed, geo;           // as answered: what its price depends on
  Text catalogue;                          // whose models the provider's were looked up among; empty: nobody's
  std::int64_t queued_us = 0;              // it waited for room, before it began
  Text failure;                            // the class by which was decided what follows
  std::int64_t held_nanos = 0;  // the most it can have cost, where it was counted so: nobody told what it used

  bool operator==(const BasicAttemptRow&) const = default;
};
using AttemptRow = BasicAttemptRow<std::string>;
using AttemptView = BasicAttemptRow<std::string_view>;

template <class Text, class TagList = BasicTags<Text>>
struct BasicExchangeRow {
  Text id;
  std::int64_t arrived_us = 0;
  std::int64_t duration_us = 0;
  std::int64_t upstream_us = 0;         // of it, waiting for providers
  std::optional<std::int64_t> ttft_us;  // to the first content
  Text operation, dialect;              // what was asked, in whose language
  Text client_request_id;
  Text key, team, user;
  TagList tags;
  Text route, model_asked;
  Text deployment, provider, model_routed, model_served;  // of the answer, or the last attempt
  std::int64_t status = 0;
  Text fault, error;  // empty: it was answered whole
  Text finish_reason;
  bool stream = false;
  bool client_left = false;
  Text kept_id;  // of an answer that its provider keeps and later requests may name; empty: it keeps none
  std::vector<BasicAttemptRow<Text>> attempts;

  bool operator==(const BasicExchangeRow&) const = default;
};
using ExchangeRow = BasicExchangeRow<std::string>;
using ExchangeView = BasicExchangeRow<std::string_view>;
using NewExchangeView = BasicExchangeRow<std::string_view, TagsView>;  // of one that was just served: its tags too

template <class Row, template <class...> class Basic>
inline constexpr bool kIsRow = false;
template <class... Of, template <class...> class Basic>
inline constexpr bool kIsRow<Basic<Of...>, Basic> = true;
template <class Row, template <class...> class Basic>
concept RowOf = kIsRow<std::remove_const_t<Row>, Basic>;

// visit(number, name, member...) for each field, of one row or of several alike. A number belongs to its field for
// ever: it is in journals on disk.
template <class Visit, RowOf<BasicUsageRow>... Rows>
void each_field_of(Visit&& visit, Rows&... rows) {
  visit(1, "usage_source", rows.source...);
  visit(2, "input_tokens", rows.input...);
  visit(3, "cache_read_tokens", rows.cache_read...);
  visit(4, "cache_write_tokens", rows.cache_write...);
  visit(5, "cache_write_1h_tokens", rows.cache_write_1h...);
  visit(6, "output_tokens", rows.output...);
  visit(7, "reasoning_tokens", rows.reasoning...);
  visit(8, "audio_input_tokens", rows.audio_input...);
  visit(9, "audio_output_tokens", rows.audio_output...);
  visit(10, "image_input_tokens", rows.image_input...);
  visit(11, "image_output_tokens", rows.image_output...);
  visit(12, "tool_input_tokens", rows.tool_input...);
  visit(13, "tool_requests", rows.tool_requests...);
  visit(14, "audio_cache_read_tokens", rows.audio_cache_read...);
  visit(15, "billed_input_tokens", rows.billed_input...);
  visit(16, "billed_output_tokens", rows.billed_output...);
  visit(17, "billed_searches", rows.billed_searches...);
  visit(18, "file_searches", rows.file_searches...);
  visit(19, "tool_calls", rows.tool_calls...);
  visit(20, "billed_request_nanos", rows.billed_request_nanos...);
  visit(21, "search_size", rows.search_size...);
}

template <class Visit, RowOf<BasicAttemptRow>... Rows>
void each_field_of(Visit&& visit, Rows&... rows) {
  visit(1, "began_us", rows.began_us...);
  visit(2, "duration_us", rows.duration_us...);
  visit(3, "deployment", rows.deployment...);
  visit(4, "provider", rows.provider...);
  visit(5, "model_routed", rows.model_routed...);
  visit(6, "model_served", rows.model_served...);
  visit(7, "status", rows.status...);
  visit(8, "fault", rows.fault...);
  visit(9, "error", rows.error...);
  visit(10, "provider_request_id", rows.provider_request_id...);
  visit(11, "finish_reason", rows.finish_reason...);
  visit(12, "delivered", rows.delivered...);
  visit(13, "cost_nanos", rows.cost_nanos...);
  visit(14, "price_version", rows.price_version...);
  visit(15, "why", rows.why...);
  visit(16, "service_tier", rows.service_tier...);
  visit(17, "speed", rows.speed...);
  visit(18, "geo", rows.geo...);
  visit(19, "catalogue", rows.catalogue...);
  visit(20, "queued_us", rows.queued_us...);
  visit(21, "failure", rows.failure...);
  visit(22, "held_nanos", rows.held_nanos...);
  // Numbers 101 to 199 are those of the usage.
  each_field_of([&](int number, const char* name, auto&... members) { visit(100 + number, name, members...); },
                rows.usage...);
}

template <class Visit, RowOf<BasicExchangeRow>... Rows>
void each_field_of(Visit&& visit, Rows&... rows) {
  visit(1, "id", rows.id...);
  visit(2, "arrived_us", rows.arrived_us...);
  visit(3, "duration_us", rows.duration_us...);
  visit(4, "upstream_us", rows.upstream_us...);
  visit(5, "ttft_us", rows.ttft_us...);
  visit(6, "operation", rows.operation...);
  visit(7, "dialect", rows.dialect...);
  visit(8, "client_request_id", rows.client_request_id...);
  visit(9, "key", rows.key...);
  visit(10, "team", rows.team...);
  visit(11, "user", rows.user...);
  visit(12, "tags", rows.tags...);
  visit(13, "route", rows.route...);
  visit(14, "model_asked", rows.model_asked...);
  visit(15, "deployment", rows.deployment...);
  visit(16, "provider", rows.provider...);
  visit(17, "model_routed", rows.model_routed...);
  visit(18, "model_served", rows.model_served...);
  visit(19, "status", rows.status...);
  visit(20, "fault", rows.fault...);
  visit(21, "error", rows.error...);
  visit(22, "finish_reason", rows.finish_reason...);
  visit(23, "stream", rows.stream...);
  visit(24, "client_left", rows.client_left...);
  visit(25, "kept_id", rows.kept_id...);
}

template <class Row, class Visit>
  requires RowOf<Row, BasicUsageRow> || RowOf<Row, BasicAttemptRow> || RowOf<Row, BasicExchangeRow>
void each_field(Row& row, Visit&& visit) {
  each_field_of(visit, row);
}

// The same row with texts of another kind; views are of those of `from`.
template <class To, class From>
To row_as(const From& from) {
  To row;
  auto copy = [](int, const char*, auto& member, const auto& its) {
    if constexpr (requires { member = its; }) {
      member = its;
    } else {
      member.assign(its.begin(), its.end());
    }
  };
  each_field_of(copy, row, from);
  for (const auto& attempt : from.attempts) each_field_of(copy, row.attempts.emplace_back(), attempt);
  return row;
}

}  // namespace sluice::store
