// The connection of a SqliteLedger that writes, with its statements.
//
// Thread rule: one thread at a time. Faults: as store/ledger.h says.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <tuple>

#include "store/ledger.h"
#include "store/sqlite/database.h"

namespace sluice::store::sqlite {

class LedgerWriter {
 public:
  static Result<std::unique_ptr<LedgerWriter>> open(const std::string& path);
  LedgerWriter(const LedgerWriter&) = delete;
  LedgerWriter& operator=(const LedgerWriter&) = delete;

  Status insert(std::span<const ExchangeRow> rows, const journal::Position& position);

 private:
  using Sums = std::map<std::tuple<std::string, std::int64_t, std::string>, Sum>;  // by dimension, span, value

  explicit LedgerWriter(std::unique_ptr<Database> database) : database_(std::move(database)) {}
  Status prepare();
  Status insert_all(std::span<const ExchangeRow> rows, const journal::Position& position);
  Status insert_exchange(const ExchangeRow& row);
  Status insert_attempts(const ExchangeRow& row, std::int64_t number);
  Status add_sums(const Sums& sums);

  std::unique_ptr<Database> database_;
  std::unique_ptr<Statement> exchange_, attempt_, sum_, position_;
};

}  // namespace sluice::store::sqlite
