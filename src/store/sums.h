// What the ledger adds up, and what of it a row adds to which sum.
//
// Money and tokens are those of the attempts, in every dimension: what a retry cost is in all of them, and so the sums
// over keys, teams, models or deployments of the same time are the same. Thread rule: plain values and pure functions.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "store/row.h"

namespace sluice::store {

struct Sum {
  std::int64_t exchanges = 0, failed = 0;
  std::int64_t attempts = 0, failed_attempts = 0;
  std::int64_t input = 0, cache_read = 0, cache_write = 0, output = 0, reasoning = 0;  // tokens
  std::int64_t cost_nanos = 0;    // of the attempts whose cost is known
  std::int64_t cost_unknown = 0;  // attempts that were answered and whose cost is not known
  std::int64_t duration_us = 0;

  void add(const Sum& other);
  bool operator==(const Sum&) const = default;
};

template <class Row, class Visit>
  requires std::same_as<std::remove_const_t<Row>, Sum>
void each_field(Row& row, Visit&& visit) {
  visit(1, "exchanges", row.exchanges);
  visit(2, "failed", row.failed);
  visit(3, "attempts", row.attempts);
  visit(4, "failed_attempts", row.failed_attempts);
  visit(5, "input_tokens", row.input);
  visit(6, "cache_read_tokens", row.cache_read);
  visit(7, "cache_write_tokens", row.cache_write);
  visit(8, "output_tokens", row.output);
  visit(9, "reasoning_tokens", row.reasoning);
  visit(10, "cost_nanos", row.cost_nanos);
  visit(11, "cost_unknown", row.cost_unknown);
  visit(12, "duration_us", row.duration_us);
}

// A dimension is one of all, key, team, user, route, operation, deployment, provider, model, or "tag:" and a tag's
// name. The value of `all` is empty. With deployment, provider and model (the upstream one) an exchange counts once for
// each value that one of its attempts has.
bool is_dimension(std::string_view name);

struct Share {
  std::string dimension, value;
  Sum sum;
};
std::vector<Share> shares_of(const ExchangeRow& row);

// Sums are kept for spans of a quarter of an hour, which is what the offsets of the world's time zones are multiples
// of: days of every zone are whole spans.
inline constexpr std::int64_t kSpanUs = 15LL * 60 * 1'000'000;
constexpr std::int64_t span_of(std::int64_t time_us) {
  return (time_us >= 0 ? time_us : time_us - kSpanUs + 1) / kSpanUs;
}

}  // namespace sluice::store
