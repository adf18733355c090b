#include "store/sums.h"

#include <algorithm>
#include <bit>

namespace sluice::store {

namespace {

// The words of FaultKind; this layer knows rows alone.
// And those of the classes of failures: it was refused here before its provider was asked.
constexpr std::string_view kRefusedHere[] = {"no_room", "spend_cap", "unpriced", "budget"};
constexpr std::string_view kSuperseded = "superseded", kClientGone = "client_gone", kUnreachable = "unreachable";

bool is_retry(std::string_view why) {
  return !why.empty() && why != "first" && why != "hedge";
}

void add_waste(const AttemptView& attempt, Sum& sum) {
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

bool was_refused_here(const AttemptView& attempt) {
  return attempt.status == 0 && std::ranges::find(kRefusedHere, attempt.failure) != std::end(kRefusedHere);
}

Sum sum_of(const AttemptView& attempt) {
  if (was_refused_here(attempt)) return {};
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
  // One that was refused or never reached its provider is not billed; who was not waited for may have worked.
  const bool was_left = attempt.status == 0 && !attempt.fault.empty() && attempt.fault != kUnreachable;
  const bool was_answered = was_left || (attempt.status >= 200 && attempt.status < 300) || !usage.source.empty();
  sum.cost_unknown = was_answered && !attempt.cost_nanos ? 1 : 0;
  if (usage.source == "estimated") sum.estimated_nanos = sum.cost_nanos;
  add_waste(attempt, sum);
  return sum;
}

// What the exchange itself is, without its attempts.
Sum sum_of(const ExchangeView& row) {
  return {
      .exchanges = 1, .failed = row.fault.empty() || row.client_left ? 0 : 1, .client_left = row.client_left ? 1 : 0};
}

// Of the one attempt there is: `sum` is the exchange's with it.
void each_of_one(const AttemptView& attempt, const Sum& sum, const VisitShare& visit) {
  if (was_refused_here(attempt)) return;
  visit("deployment", attempt.deployment, sum);
  visit("provider", attempt.provider, sum);
  visit("model", attempt.model_routed, sum);
}

// One share for each value that `member` has among the attempts.
void each_of_attempts(const ExchangeView& row, std::string_view dimension, std::string_view AttemptView::* member,
                      const VisitShare& visit) {
  const auto& attempts = row.attempts;
  for (auto first = attempts.begin(); first != attempts.end(); ++first) {
    const auto& value = *first.*member;
    auto is_of_it = [&](const AttemptView& one) { return one.*member == value && !was_refused_here(one); };
    if (std::find_if(attempts.begin(), first + 1, is_of_it) != first) continue;
    Sum sum = sum_of(row);
    for (auto attempt = first; attempt != attempts.end(); ++attempt) {
      if (is_of_it(*attempt)) sum.add(sum_of(*attempt));
    }
    visit(dimension, value, sum);
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

void each_share(const ExchangeView& row, const VisitShare& visit) {
  Sum sum = sum_of(row);
  for (const auto& attempt : row.attempts) sum.add(sum_of(attempt));
  Sum whole = sum;
  whole.duration_us = row.duration_us;
  visit("all", "", whole);
  visit("key", row.key, whole);
  visit("team", row.team, whole);
  visit("user", row.user, whole);
  visit("route", row.route, whole);
  visit("operation", row.operation, whole);
  visit("status", std::to_string(row.status), whole);
  visit("fault", row.fault, whole);
  std::string tag;
  for (const auto& [name, value] : row.tags) visit(tag.assign(kTagPrefix).append(name), value, whole);
  if (row.attempts.size() == 1) return each_of_one(row.attempts[0], sum, visit);
  each_of_attempts(row, "deployment", &AttemptView::deployment, visit);
  each_of_attempts(row, "provider", &AttemptView::provider, visit);
  each_of_attempts(row, "model", &AttemptView::model_routed, visit);
}

std::vector<Share> shares_of(const ExchangeRow& row) {
  std::vector<Share> shares;
  each_share(row_as<ExchangeView>(row), [&](std::string_view dimension, std::string_view value, const Sum& sum) {
    shares.push_back({std::string(dimension), std::string(value), sum});
  });
  return shares;
}

bool has_share(const ExchangeRow& row, std::string_view dimension, std::string_view value) {
  bool found = false;
  each_share(row_as<ExchangeView>(row), [&](std::string_view of, std::string_view its, const Sum&) {
    found = found || (of == dimension && its == value);
  });
  return found;
}

std::vector<Run> runs_of(std::int64_t first, std::int64_t end, const Until& until) {
  // From there on no wider span has sums: all the rest is one run, however far the end is.
  std::int64_t rest = first;
  for (std::size_t level = 1; level < kWidths.size(); ++level) {
    const bool is_all = until[level] > end / kWidths[level];
    rest = std::max(rest, is_all ? end : until[level] * kWidths[level]);
  }
  std::vector<Run> runs;
  while (first < end) {
    // The widest span that begins here, does not reach beyond the end and has sums.
    std::size_t level = kWidths.size() - 1;
    while (level > 0 &&
           (first % kWidths[level] != 0 || first + kWidths[level] > end || first / kWidths[level] >= until[level])) {
      --level;
    }
    const auto at = first / kWidths[level];
    const auto count = first >= rest ? end - first : 1;
    if (runs.empty() || runs.back().level != level) runs.push_back({level, at, at});
    runs.back().end = at + count;
    first += count * kWidths[level];
  }
  return runs;
}

}  // namespace sluice::store
