#include "store/sums.h"

#include <algorithm>
#include <array>

namespace sluice::store {

namespace {

constexpr std::string_view kTagPrefix = "tag:";
constexpr std::array<std::string_view, 9> kDimensions{"all",       "key",        "team",     "user", "route",
                                                      "operation", "deployment", "provider", "model"};

Sum sum_of(const AttemptRow& attempt) {
  const auto& usage = attempt.usage;
  Sum sum{.attempts = 1,
          .failed_attempts = attempt.fault.empty() ? 0 : 1,
          .input = usage.input,
          .cache_read = usage.cache_read,
          .cache_write = usage.cache_write,
          .output = usage.output,
          .reasoning = usage.reasoning,
          .cost_nanos = attempt.cost_nanos.value_or(0),
          .duration_us = attempt.duration_us};
  // One that was refused or never reached its provider is not billed.
  const bool was_answered = (attempt.status >= 200 && attempt.status < 300) || !usage.source.empty();
  sum.cost_unknown = was_answered && !attempt.cost_nanos ? 1 : 0;
  return sum;
}

// One share for each value that `member` has among the attempts.
void add_attempts(const ExchangeRow& row, std::string_view dimension, std::string AttemptRow::* member,
                  std::vector<Share>& shares) {
  const auto first = shares.size();
  for (const auto& attempt : row.attempts) {
    auto mine = std::find_if(shares.begin() + static_cast<std::ptrdiff_t>(first), shares.end(),
                             [&](const Share& share) { return share.value == attempt.*member; });
    if (mine == shares.end()) {
      Sum fresh{.exchanges = 1, .failed = row.fault.empty() ? 0 : 1};
      mine = shares.insert(mine, {std::string(dimension), attempt.*member, fresh});
    }
    mine->sum.add(sum_of(attempt));
  }
}

}  // namespace

void Sum::add(const Sum& other) {
  exchanges += other.exchanges;
  failed += other.failed;
  attempts += other.attempts;
  failed_attempts += other.failed_attempts;
  input += other.input;
  cache_read += other.cache_read;
  cache_write += other.cache_write;
  output += other.output;
  reasoning += other.reasoning;
  cost_nanos += other.cost_nanos;
  cost_unknown += other.cost_unknown;
  duration_us += other.duration_us;
}

bool is_dimension(std::string_view name) {
  if (name.starts_with(kTagPrefix)) return name.size() > kTagPrefix.size();
  return std::ranges::find(kDimensions, name) != kDimensions.end();
}

std::vector<Share> shares_of(const ExchangeRow& row) {
  Sum whole{.exchanges = 1, .failed = row.fault.empty() ? 0 : 1};
  for (const auto& attempt : row.attempts) whole.add(sum_of(attempt));
  whole.duration_us = row.duration_us;
  std::vector<Share> shares{{"all", "", whole},          {"key", row.key, whole},
                            {"team", row.team, whole},   {"user", row.user, whole},
                            {"route", row.route, whole}, {"operation", row.operation, whole}};
  for (const auto& [name, value] : row.tags) shares.push_back({std::string(kTagPrefix) + name, value, whole});
  add_attempts(row, "deployment", &AttemptRow::deployment, shares);
  add_attempts(row, "provider", &AttemptRow::provider, shares);
  add_attempts(row, "model", &AttemptRow::model_routed, shares);
  return shares;
}

}  // namespace sluice::store
