#include "store/ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

#include "base/text.h"

namespace sluice::store {

namespace {

constexpr std::int64_t kLatestUs = 253'402'300'800'000'000;  // the year 10000

constexpr std::array<std::string_view, 5> kPageFilters{"", "key", "team", "user", "route"};

}  // namespace

Status check(const PageQuery& query) {
  if (std::ranges::find(kPageFilters, query.by) == kPageFilters.end()) {
    return fail(FaultKind::kInvalidRequest, fmt::format("Exchanges are not listed by '{}'.", printable(query.by)));
  }
  if (query.most == 0 || query.most > kMostRows) {
    return fail(FaultKind::kInvalidRequest, fmt::format("A page has 1 to {} rows.", kMostRows));
  }
  return {};
}

Status check(const SumQuery& query) {
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
  return {};
}

}  // namespace sluice::store
