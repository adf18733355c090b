#include "store/memory/memory_ledger.h"

#include <algorithm>

namespace sluice::store {

namespace {

bool is_listed(const ExchangeRow& row, const PageQuery& query) {
  return std::ranges::all_of(query.filters,
                             [&](const Filter& filter) { return has_share(row, filter.by, filter.value); });
}

std::int64_t period_of(const std::vector<std::int64_t>& bounds, std::int64_t time_us) {
  return *(std::ranges::upper_bound(bounds, time_us) - 1);
}

}  // namespace

Status MemoryLedger::insert(std::span<const ExchangeView> rows, const journal::Position& position) {
  std::lock_guard lock(mutex_);
  for (const auto& row : rows) {
    if (!arrived_.emplace(row.id, row.arrived_us).second) continue;
    rows_.emplace(Place(row.arrived_us, row.id), row_as<ExchangeRow>(row));
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

Result<std::optional<ExchangeRow>> MemoryLedger::find_kept(std::string_view kept_id) {
  std::lock_guard lock(mutex_);
  for (auto at = rows_.rbegin(); at != rows_.rend() && !kept_id.empty(); ++at) {
    const auto& row = at->second;
    if (row.kept_id == kept_id) return row;
  }
  return std::nullopt;
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
    if (query.detail == PageQuery::Detail::kExchanges) page.rows.back().attempts.clear();
  }
  return page;
}

void MemoryLedger::add_rows(const SumQuery& query, PeriodSums& sums) const {
  const auto& bounds = query.bounds_us;
  const auto end = rows_.lower_bound({bounds.back(), ""});
  for (auto at = rows_.lower_bound({bounds.front(), ""}); at != end; ++at) {
    for (const auto& share : shares_of(at->second)) {
      if (share.dimension == query.by) sums[{period_of(bounds, at->first.first), share.value}].add(share.sum);
    }
  }
}

// Spans of removed rows are whole ones: check() sees to it.
void MemoryLedger::add_removed(const SumQuery& query, PeriodSums& sums) const {
  const auto& bounds = query.bounds_us;
  for (const auto& [place, sum] : removed_) {
    const auto& [dimension, span, value] = place;
    const auto time = span * kSpanUs;
    if (dimension == query.by && time >= bounds.front() && time < bounds.back())
      sums[{period_of(bounds, time), value}].add(sum);
  }
}

Result<std::vector<PeriodSum>> MemoryLedger::sums(const SumQuery& query) {
  std::lock_guard lock(mutex_);
  if (auto fine = check(query, kept_from_us_); !fine) return fail_from(fine);
  PeriodSums sums;
  add_rows(query, sums);
  add_removed(query, sums);
  if (sums.size() > kMostSums) return fail(FaultKind::kTooLarge, "There are too many sums; ask for a shorter time.");
  std::vector<PeriodSum> result;
  result.reserve(sums.size());
  for (const auto& [place, sum] : sums) result.push_back({place.first, place.second, sum});
  return result;
}

Result<Ledger::Told> MemoryLedger::each_cost(const SumQuery& query, const VisitCost& visit) {
  std::lock_guard lock(mutex_);
  if (auto fine = check(query, kept_from_us_); !fine) return fail_from(fine);
  PeriodSums sums;
  add_rows(query, sums);
  add_removed(query, sums);
  for (const auto& [place, sum] : sums) {
    if (const auto nanos = sum.cost_nanos + sum.held_nanos; nanos != 0) visit(place.first, place.second, nanos);
  }
  return Told::kAll;
}

Result<std::size_t> MemoryLedger::remove_before(std::int64_t time_us, std::size_t most) {
  std::lock_guard lock(mutex_);
  time_us = span_of(time_us) * kSpanUs;  // the rows of no span are gone in part
  std::size_t removed = 0;
  while (removed < most && !rows_.empty() && rows_.begin()->first.first < time_us) {
    const auto& row = rows_.begin()->second;
    for (const auto& share : shares_of(row))
      removed_[{share.dimension, span_of(row.arrived_us), share.value}].add(share.sum);
    arrived_.erase(row.id);
    rows_.erase(rows_.begin());
    ++removed;
  }
  if (removed > 0) kept_from_us_ = std::max(kept_from_us_, time_us);
  return removed;
}

Result<std::int64_t> MemoryLedger::kept_from() {
  std::lock_guard lock(mutex_);
  return kept_from_us_;
}

Result<std::size_t> MemoryLedger::correct(std::span<const Correction> corrections, std::int64_t) {
  std::lock_guard lock(mutex_);
  std::size_t changed = 0;
  for (const auto& correction : corrections) {
    auto arrived = arrived_.find(correction.id);
    if (arrived == arrived_.end()) continue;
    auto& attempts = rows_.at({arrived->second, arrived->first}).attempts;
    if (correction.attempt >= attempts.size()) continue;
    apply(correction, attempts[correction.attempt]);
    ++changed;
  }
  corrections_ += static_cast<std::int64_t>(changed);
  return changed;
}

Result<std::int64_t> MemoryLedger::corrections() {
  std::lock_guard lock(mutex_);
  return corrections_;
}

}  // namespace sluice::store
