// The ledger in a SQLite database: one file, nothing to install. Rows have a column for each field, for people with
// SQL.
//
// One connection writes and another reads, each behind a lock, so that reports do not hold up the journal's ingest.
// Sums are kept as rows come, by span of time, dimension and value; only the ends of periods that cut a span are added
// up from rows.
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

  Status insert(std::span<const ExchangeRow> rows, const journal::Position& position) override;
  Result<journal::Position> position() override;
  Result<std::optional<ExchangeRow>> find(std::string_view id) override;
  Result<Page> page(const PageQuery& query) override;
  Result<std::vector<PeriodSum>> sums(const SumQuery& query) override;

 private:
  SqliteLedger(std::unique_ptr<sqlite::LedgerWriter> writer, std::unique_ptr<sqlite::LedgerReader> reader)
      : writer_(std::move(writer)), reader_(std::move(reader)) {}

  std::mutex write_mutex_, read_mutex_;
  std::unique_ptr<sqlite::LedgerWriter> writer_;
  std::unique_ptr<sqlite::LedgerReader> reader_;
};

}  // namespace sluice::store
