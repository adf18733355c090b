#include "store/ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/text.h"

namespace sluice::store {

void apply(const Correction& correction, AttemptRow& attempt) {
  attempt.cost_nanos = correction.cost_nanos;
  attempt.price_version = correction.price_version;
  if (!correction.used) return;
  attempt.usage = correction.used->usage;
  attempt.service_tier = correction.used->service_tier;
}

Status check(const PageQuery& query) {
  if (query.filters.size() > kMostFilters)
    return fail(FaultKind::kInvalidRequest, fmt::format("Exchanges are listed by at most {} things.", kMostFilters));
  for (const auto& filter : query.filters) {
    if (is_dimension(filter.by)) continue;
    return fail(FaultKind::kInvalidRequest, fmt::format("Exchanges are not listed by '{}'.", printable(filter.by)));
  }
  if (query.most == 0 || query.most > kMostRows) {
    return fail(FaultKind::kInvalidRequest, fmt::format("A page has 1 to {} rows.", kMostRows));
  }
  return {};
}

Status check(const SumQuery& query, std::int64_t kept_from_us) {
  if (!is_dimension(query.by)) {
    return fail(FaultKind::kInvalidRequest, fmt::format("There are no sums by '{}'.", printable(query.by)));
  }
  const auto& bounds = query.bounds_us;
  const bool ascend = std::ranges::adjacent_find(bounds, std::greater_equal<>()) == bounds.end();
  const bool fits = bounds.size() >= 2 && bounds.size() <= kMostBounds;
  if (!fits || !ascend || bounds.front() < 0 || bounds.back() > kLatestUs) {
    return fail(
        FaultKind::kInvalidRequest,
        fmt::format("Sums need 2 to {} bounds of time from 1970 on, each later than the one before.", kMostBounds));
  }
  const bool cuts =
      std::ranges::any_of(bounds, [&](std::int64_t bound) { return bound < kept_from_us && bound % kSpanUs != 0; });
  if (cuts) {
    return fail(FaultKind::kInvalidRequest,
                "A bound is at a time whose rows are no longer kept: there it must be at a quarter of an hour.");
  }
  return {};
}

}  // namespace sluice::store
