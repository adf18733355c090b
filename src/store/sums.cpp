#include "store/sums.h"

#include <algorithm>
#include <bit>

namespace sluice::store {

namespace {

// The words of FaultKind; this layer knows rows alone.
constexpr std::string_view kSuperseded = "superseded", kClientGone = "client_gone";

bool is_retry(std::string_view why) {
  return !why.empty() && why != "first" && why != "hedge";
}

void add_waste(const AttemptRow& attempt, Sum& sum) {
  const auto cost = sum.cost_nanos;
  if (is_retry(attempt.why)) {
    sum.retries = 1;
    sum.retries_nanos = cost;
  }
  if (attempt.fault.empty()) return;
  if (attempt.fault == kSuperseded) {
    sum.hedges_lost = 1;
    sum.hedges_lost_nanos = cost;
  } else if (attempt.fault == kClientGone) {
    sum.aborted = 1;
    sum.aborted_nanos = cost;
  } else {
    sum.failed_attempts = 1;
    sum.failed_nanos = cost;
  }
}

Sum sum_of(const AttemptRow& attempt) {
  const auto& usage = attempt.usage;
  Sum sum{.attempts = 1,
          .input = usage.input,
          .cache_read = usage.cache_read,
          .cache_write = usage.cache_write,
          .output = usage.output,
          .reasoning = usage.reasoning,
          .cost_nanos = attempt.cost_nanos.value_or(0),
          .duration_us = attempt.duration_us,
          .held_nanos = attempt.cost_nanos ? 0 : attempt.held_nanos};
  // One that was refused or never reached its provider is not billed.
  const bool was_answered = (attempt.status >= 200 && attempt.status < 300) || !usage.source.empty();
  sum.cost_unknown = was_answered && !attempt.cost_nanos ? 1 : 0;
  if (usage.source == "estimated") sum.estimated_nanos = sum.cost_nanos;
  add_waste(attempt, sum);
  return sum;
}

// What the exchange itself is, without its attempts.
Sum sum_of(const ExchangeRow& row) {
  return {
      .exchanges = 1, .failed = row.fault.empty() || row.client_left ? 0 : 1, .client_left = row.client_left ? 1 : 0};
}

// One share for each value that `member` has among the attempts.
void add_attempts(const ExchangeRow& row, std::string_view dimension, std::string AttemptRow::* member,
                  std::vector<Share>& shares) {
  const auto first = shares.size();
  for (const auto& attempt : row.attempts) {
    auto mine = std::find_if(shares.begin() + static_cast<std::ptrdiff_t>(first), shares.end(),
                             [&](const Share& share) { return share.value == attempt.*member; });
    if (mine == shares.end()) {
      mine = shares.insert(mine, {std::string(dimension), attempt.*member, sum_of(row)});
    }
    mine->sum.add(sum_of(attempt));
  }
}

}  // namespace

// A sum is numbers and nothing else: bit_cast sees to the size.
void Sum::add(const Sum& other) {
  using Numbers = std::array<std::int64_t, sizeof(Sum) / sizeof(std::int64_t)>;
  auto mine = std::bit_cast<Numbers>(*this);
  const auto theirs = std::bit_cast<Numbers>(other);
  for (std::size_t i = 0; i < mine.size(); ++i) mine[i] += theirs[i];
  *this = std::bit_cast<Sum>(mine);
}

void Sum::subtract(const Sum& other) {
  Sum negative = other;
  each_field(negative, [](int, const char*, std::int64_t& member) { member = -member; });
  add(negative);
}

bool is_dimension(std::string_view name) {
  if (name.starts_with(kTagPrefix)) return name.size() > kTagPrefix.size();
  return std::ranges::find(kDimensions, name) != kDimensions.end();
}

std::vector<Share> shares_of(const ExchangeRow& row) {
  Sum whole = sum_of(row);
  for (const auto& attempt : row.attempts) whole.add(sum_of(attempt));
  whole.duration_us = row.duration_us;
  std::vector<Share> shares{{"all", "", whole},
                            {"key", row.key, whole},
                            {"team", row.team, whole},
                            {"user", row.user, whole},
                            {"route", row.route, whole},
                            {"operation", row.operation, whole},
                            {"status", std::to_string(row.status), whole},
                            {"fault", row.fault, whole}};
  shares.reserve(shares.size() + row.tags.size() + 3 * row.attempts.size());
  for (const auto& [name, value] : row.tags) shares.push_back({std::string(kTagPrefix) + name, value, whole});
  add_attempts(row, "deployment", &AttemptRow::deployment, shares);
  add_attempts(row, "provider", &AttemptRow::provider, shares);
  add_attempts(row, "model", &AttemptRow::model_routed, shares);
  return shares;
}

bool has_share(const ExchangeRow& row, std::string_view dimension, std::string_view value) {
  return std::ranges::any_of(shares_of(row),
                             [&](const Share& share) { return share.dimension == dimension && share.value == value; });
}

std::vector<Run> runs_of(std::int64_t first, std::int64_t end) {
  std::vector<Run> runs;
  while (first < end) {
    // The widest span that begins here and does not reach beyond the end.
    std::size_t level = kWidths.size() - 1;
    while (level > 0 && (first % kWidths[level] != 0 || first + kWidths[level] > end)) --level;
    const auto at = first / kWidths[level];
    if (runs.empty() || runs.back().level != level) runs.push_back({level, at, at});
    runs.back().end = at + 1;
    first += kWidths[level];
  }
  return runs;
}

}  // namespace sluice::store
