// The connection of a SqliteLedger that writes, with its statements.
//
// Thread rule: one thread at a time. Faults: as store/ledger.h says.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <tuple>

#include "store/ledger.h"
#include "store/sqlite/database.h"
#include "store/sqlite/row_reader.h"
#include "store/sqlite/values.h"

namespace sluice::store::sqlite {

class LedgerWriter {
 public:
  static Result<std::unique_ptr<LedgerWriter>> open(const std::string& path);
  LedgerWriter(const LedgerWriter&) = delete;
  LedgerWriter& operator=(const LedgerWriter&) = delete;

  Status insert(std::span<const ExchangeRow> rows, const journal::Position& position);
  Result<std::size_t> remove_before(std::int64_t time_us, std::size_t most);
  Result<std::size_t> correct(std::span<const Correction> corrections, std::int64_t now_us);

 private:
  // By dimension, level, span, value.
  using Sums = std::map<std::tuple<std::string, std::size_t, std::int64_t, std::string>, Sum, std::less<>>;
  enum class Sign : std::uint8_t { kPlus, kMinus };

  explicit LedgerWriter(std::unique_ptr<Database> database) : database_(std::move(database)) {}
  Status prepare();
  Status insert_all(std::span<const ExchangeRow> rows, const journal::Position& position);
  Status insert_exchange(const ExchangeRow& row);
  Status insert_attempts(const ExchangeRow& row, std::int64_t number);
  Status collect(const ExchangeRow& row, Values::Use use, Sign sign, Sums& sums);
  Status add_sums(const Sums& sums);
  Status remove(std::int64_t time_us, std::size_t most, std::size_t& removed);
  Status correct_all(std::span<const Correction> corrections, std::int64_t now_us, std::size_t& changed);
  Status correct_one(const Correction& correction, std::int64_t now_us, ExchangeRow& row, std::int64_t number);

  std::unique_ptr<Database> database_;
  std::unique_ptr<RowReader> rows_;
  std::unique_ptr<Values> values_;
  std::unique_ptr<Statement> exchange_, attempt_, sum_, position_;
  std::unique_ptr<Statement> old_, remove_attempts_, remove_exchange_, kept_from_, correct_, history_;
};

}  // namespace sluice::store::sqlite
