// What the ledger adds up, and what of it a row adds to which sum.
//
// Money and tokens are those of the attempts, in every dimension: what a retry cost is in all of them, and so the sums
// over keys, teams, models or deployments of the same time are the same. Thread rule: plain values and pure functions.
#pragma once

#include <array>
#include <concepts>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "store/row.h"

namespace sluice::store {

struct Sum {
  std::int64_t exchanges = 0;
  std::int64_t failed = 0;       // of them: the client got an error, or no whole answer
  std::int64_t client_left = 0;  // of them: the client went away, which is no failure
  // Each attempt that did not serve is one of failed, lost (to another one that was made beside it) and aborted (the
  // client went away); one that was made again is a retry, whatever became of it.
  std::int64_t attempts = 0, failed_attempts = 0, retries = 0, hedges_lost = 0, aborted = 0;
  std::int64_t input = 0, cache_read = 0, cache_write = 0, output = 0, reasoning = 0;  // tokens
  std::int64_t cost_nanos = 0;       // of the attempts whose cost is known
  std::int64_t cost_unknown = 0;     // attempts that were answered and whose cost is not known
  std::int64_t estimated_nanos = 0;  // of the cost: by usage that was estimated
  std::int64_t failed_nanos = 0, retries_nanos = 0, hedges_lost_nanos = 0, aborted_nanos = 0;  // of the cost
  std::int64_t duration_us = 0;
  std::int64_t held_nanos = 0;  // no cost, but the most that attempts of unknown cost can have: budgets count it

  // What was paid for and not used: answers that failed, were not waited for or that nobody was there to read.
  std::int64_t wasted_nanos() const { return failed_nanos + hedges_lost_nanos + aborted_nanos; }

  void add(const Sum& other);
  void subtract(const Sum& other);
  bool operator==(const Sum&) const = default;
};

template <class Row, class Visit>
  requires std::same_as<std::remove_const_t<Row>, Sum>
void each_field(Row& row, Visit&& visit) {
  visit(1, "exchanges", row.exchanges);
  visit(2, "failed", row.failed);
  visit(3, "client_left", row.client_left);
  visit(4, "attempts", row.attempts);
  visit(5, "failed_attempts", row.failed_attempts);
  visit(6, "retries", row.retries);
  visit(7, "hedges_lost", row.hedges_lost);
  visit(8, "aborted", row.aborted);
  visit(9, "input_tokens", row.input);
  visit(10, "cache_read_tokens", row.cache_read);
  visit(11, "cache_write_tokens", row.cache_write);
  visit(12, "output_tokens", row.output);
  visit(13, "reasoning_tokens", row.reasoning);
  visit(14, "cost_nanos", row.cost_nanos);
  visit(15, "cost_unknown", row.cost_unknown);
  visit(16, "estimated_nanos", row.estimated_nanos);
  visit(17, "failed_nanos", row.failed_nanos);
  visit(18, "retries_nanos", row.retries_nanos);
  visit(19, "hedges_lost_nanos", row.hedges_lost_nanos);
  visit(20, "aborted_nanos", row.aborted_nanos);
  visit(21, "duration_us", row.duration_us);
  visit(22, "held_nanos", row.held_nanos);
}

// A dimension is one of kDimensions, or "tag:" and a tag's name. The value of `all` is empty. With deployment, provider
// and model (the upstream one) an exchange counts once for each value that one of its attempts has.
inline constexpr std::array<std::string_view, 11> kDimensions{
    "all", "key", "team", "user", "route", "operation", "status", "fault", "deployment", "provider", "model"};
inline constexpr std::string_view kTagPrefix = "tag:";
bool is_dimension(std::string_view name);

struct Share {
  std::string dimension, value;
  Sum sum;
};
std::vector<Share> shares_of(const ExchangeRow& row);
// The same without copies: the views are good until `visit` returns.
using VisitShare = std::function<void(std::string_view dimension, std::string_view value, const Sum& sum)>;
void each_share(const ExchangeView& row, const VisitShare& visit);
// Has the row this value of this dimension?
bool has_share(const ExchangeRow& row, std::string_view dimension, std::string_view value);

// Sums are kept for spans of a quarter of an hour, which is what the offsets of the world's time zones are multiples
// of: days of every zone are whole spans. The same is kept for longer spans, so that a long time is few of them.
inline constexpr std::int64_t kSpanUs = 15LL * 60 * 1'000'000;
inline constexpr std::array<std::int64_t, 5> kWidths{1, 4, 24, 96, 768};  // in spans: to 1 h, 6 h, a day, 8 days
// The span of that width in which this one is.
constexpr std::int64_t wider(std::int64_t span, std::int64_t width) {
  return (span >= 0 ? span : span - width + 1) / width;
}
constexpr std::int64_t span_of(std::int64_t time_us) {
  return wider(time_us, kSpanUs);
}

// The first span of each level that has no sums yet, counted in its own width.
using Until = std::array<std::int64_t, kWidths.size()>;
inline constexpr Until kWhole{INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX};

// The spans [first, end), counted in kSpanUs, as runs of wide ones where they fit: each run counted in its own width.
struct Run {
  std::size_t level = 0;  // of kWidths
  std::int64_t first = 0, end = 0;

  bool operator==(const Run&) const = default;
};
std::vector<Run> runs_of(std::int64_t first, std::int64_t end, const Until& until = kWhole);

}  // namespace sluice::store
