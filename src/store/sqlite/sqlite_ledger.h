// The ledger in a SQLite database: one file, nothing to install. Rows have a column for each field, for people with
// SQL.
//
// Its tables are exchange and attempt (a row each), sum (what was added up, which outlives the rows), correction (what
// was computed anew) and small ones with a place.
//
// One connection writes and another reads, each behind a lock, so that reports do not hold up the journal's ingest.
// Sums are kept as rows come, by span of time, dimension and value, those of longer spans when they are over
// (sqlite/sum_levels.h); only the ends of periods that cut a span are added up from rows.
//
// Thread rule: any thread, never a loop. Lifetime: the file outlives it.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "store/ledger.h"
#include "store/sqlite/ledger_reader.h"
#include "store/sqlite/ledger_writer.h"

namespace sluice::store {

class SqliteLedger final : public Ledger {
 public:
  // Makes or migrates the database. Faults: kInvalidConfig: it is of a newer version; kOverloaded: it cannot be opened.
  static Result<std::unique_ptr<SqliteLedger>> open(const std::string& path);
  // To be asked only; the file is there, and a gateway may be writing to it. Faults: kInvalidConfig: it is none, or of
  // another version.
  static Result<std::unique_ptr<SqliteLedger>> open_to_read(const std::string& path);

  Status insert(std::span<const ExchangeView> rows, const journal::Position& position) override;
  Status sync() override;
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
  SqliteLedger(std::unique_ptr<sqlite::LedgerWriter> writer, std::unique_ptr<sqlite::LedgerReader> reader)
      : writer_(std::move(writer)), reader_(std::move(reader)) {}

  std::mutex write_mutex_, read_mutex_;
  std::unique_ptr<sqlite::LedgerWriter> writer_;  // null: it is only asked
  std::unique_ptr<sqlite::LedgerReader> reader_;
};

}  // namespace sluice::store
