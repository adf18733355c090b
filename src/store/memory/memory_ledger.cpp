#include "store/memory/memory_ledger.h"

#include <algorithm>

namespace sluice::store {

namespace {

bool is_listed(const ExchangeRow& row, const PageQuery& query) {
  if (query.by == "key") return row.key == query.value;
  if (query.by == "team") return row.team == query.value;
  if (query.by == "user") return row.user == query.value;
  if (query.by == "route") return row.route == query.value;
  return true;
}

}  // namespace

Status MemoryLedger::insert(std::span<const ExchangeRow> rows, const journal::Position& position) {
  std::lock_guard lock(mutex_);
  for (const auto& row : rows) {
    if (!arrived_.emplace(row.id, row.arrived_us).second) continue;
    rows_.emplace(Place(row.arrived_us, row.id), row);
    if (rows_.size() <= most_rows_) continue;
    arrived_.erase(rows_.begin()->first.second);
    rows_.erase(rows_.begin());
  }
  position_ = position;
  return {};
}

Result<journal::Position> MemoryLedger::position() {
  std::lock_guard lock(mutex_);
  return position_;
}

Result<std::optional<ExchangeRow>> MemoryLedger::find(std::string_view id) {
  std::lock_guard lock(mutex_);
  auto arrived = arrived_.find(std::string(id));
  if (arrived == arrived_.end()) return std::nullopt;
  return rows_.at({arrived->second, arrived->first});
}

Result<Page> MemoryLedger::page(const PageQuery& query) {
  if (auto fine = check(query); !fine) return fail_from(fine);
  std::lock_guard lock(mutex_);
  Page page;
  Place end(query.to_us, "");
  if (query.before) end = std::min(end, Place(query.before->arrived_us, query.before->id));
  for (auto at = rows_.lower_bound(end); at != rows_.begin();) {
    const auto& row = (--at)->second;
    if (row.arrived_us < query.from_us) break;
    if (!is_listed(row, query)) continue;
    if (page.rows.size() == query.most) {
      page.next = {page.rows.back().arrived_us, page.rows.back().id};
      break;
    }
    page.rows.push_back(row);
    page.rows.back().attempts.clear();
  }
  return page;
}

Result<std::vector<PeriodSum>> MemoryLedger::sums(const SumQuery& query) {
  if (auto fine = check(query); !fine) return fail_from(fine);
  std::lock_guard lock(mutex_);
  std::map<std::pair<std::int64_t, std::string>, Sum> sums;
  const auto& bounds = query.bounds_us;
  auto end = rows_.lower_bound({bounds.back(), ""});
  for (auto at = rows_.lower_bound({bounds.front(), ""}); at != end; ++at) {
    auto from = *(std::ranges::upper_bound(bounds, at->first.first) - 1);
    for (const auto& share : shares_of(at->second)) {
      if (share.dimension == query.by) sums[{from, share.value}].add(share.sum);
    }
  }
  if (sums.size() > kMostSums) return fail(FaultKind::kTooLarge, "There are too many sums; ask for a shorter time.");
  std::vector<PeriodSum> result;
  result.reserve(sums.size());
  for (const auto& [place, sum] : sums) result.push_back({place.first, place.second, sum});
  return result;
}

}  // namespace sluice::store
