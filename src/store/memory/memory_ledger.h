// A ledger in memory: the last so many exchanges, for tests and for running without a disk. It answers what is asked by
// looking through them.
//
// Thread rule: any thread; a lock is held while it looks. Lifetime: what it holds ends with it.
#pragma once

#include <map>
#include <mutex>
#include <tuple>
#include <unordered_map>

#include "store/ledger.h"

namespace sluice::store {

class MemoryLedger final : public Ledger {
 public:
  explicit MemoryLedger(std::size_t most_rows) : most_rows_(most_rows) {}

  Status insert(std::span<const ExchangeView> rows, const journal::Position& position) override;
  Status sync() override { return {}; }
  Result<journal::Position> position() override;
  Result<std::optional<ExchangeRow>> find(std::string_view id) override;
  Result<std::optional<ExchangeRow>> find_kept(std::string_view kept_id) override;
  Result<Page> page(const PageQuery& query) override;
  Result<std::vector<PeriodSum>> sums(const SumQuery& query) override;
  Result<Told> each_cost(const SumQuery& query, const VisitCost& visit) override;
  Result<std::size_t> remove_before(std::int64_t time_us, std::size_t most) override;
  Result<std::int64_t> kept_from() override;
  Result<std::size_t> correct(std::span<const Correction> corrections, std::int64_t now_us) override;
  Result<std::int64_t> corrections() override;

 private:
  using Place = std::pair<std::int64_t, std::string>;  // when it arrived, its id
  using PeriodSums = std::map<std::pair<std::int64_t, std::string>, Sum>;

  void add_rows(const SumQuery& query, PeriodSums& sums) const;
  void add_removed(const SumQuery& query, PeriodSums& sums) const;

  const std::size_t most_rows_;
  std::mutex mutex_;
  std::map<Place, ExchangeRow> rows_;
  std::unordered_map<std::string, std::int64_t> arrived_;                      // by id
  std::map<std::tuple<std::string, std::int64_t, std::string>, Sum> removed_;  // of rows, by dimension, span, value
  std::int64_t kept_from_us_ = 0;
  std::int64_t corrections_ = 0;
  journal::Position position_;
};

}  // namespace sluice::store
