// The connection of a SqliteLedger that writes, with its statements.
//
// Thread rule: one thread at a time. Faults: as store/ledger.h says.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "store/ledger.h"
#include "store/sqlite/database.h"
#include "store/sqlite/feed.h"
#include "store/sqlite/feeder.h"
#include "store/sqlite/row_reader.h"
#include "store/sqlite/seen.h"
#include "store/sqlite/stored_row.h"
#include "store/sqlite/sum_levels.h"
#include "store/sqlite/sums_by_place.h"
#include "store/sqlite/values.h"

namespace sluice::store::sqlite {

// A sum as the table has it: of `level` of kWidths.
struct SumRow {
  std::string_view dimension;
  std::int64_t level = 0, span = 0;
  std::string_view value;
  Sum sum;
};

template <class Row, class Visit>
  requires std::same_as<std::remove_const_t<Row>, SumRow>
void each_field(Row& row, Visit&& visit) {
  visit(0, "dimension", row.dimension);
  visit(0, "level", row.level);
  visit(0, "span", row.span);
  visit(0, "value", row.value);
  each_field(row.sum, visit);
}

class LedgerWriter {
 public:
  static Result<std::unique_ptr<LedgerWriter>> open(const std::string& path);
  LedgerWriter(const LedgerWriter&) = delete;
  LedgerWriter& operator=(const LedgerWriter&) = delete;

  Status insert(std::span<const ExchangeView> rows, const journal::Position& position);
  Status sync() { return database_->sync(); }
  Result<std::size_t> remove_before(std::int64_t time_us, std::size_t most);
  Result<std::size_t> correct(std::span<const Correction> corrections, std::int64_t now_us);

 private:
  enum class Sign : std::uint8_t { kPlus, kMinus };

  explicit LedgerWriter(std::unique_ptr<Database> database) : database_(std::move(database)) {}
  Status prepare();
  Status prepare_feeds();
  using Rows = std::vector<std::reference_wrapper<const ExchangeView>>;

  void store(const Rows& rows);
  Status insert_all(const Rows& rows, const SumsByPlace& sums, const journal::Position& position);
  Status insert_rows(const Rows& rows, const SumsByPlace& sums);  // `sums`: of all of them
  static void collect(const ExchangeView& row, Sign sign, SumsByPlace& sums);
  enum class Known : std::uint8_t { kGrows, kStays };  // the values that have sums of their own
  Status add_sums(const SumsByPlace& sums, Known known);
  Status place(const SumsByPlace& sums, Known known, std::vector<SumRow>& level, std::deque<std::string>& texts);
  Status remove(std::int64_t time_us, std::size_t most, std::size_t& removed);
  Status remove_seen(std::int64_t end_us);
  Status correct_all(std::span<const Correction> corrections, std::int64_t now_us, std::size_t& changed);
  Status correct_one(const Correction& correction, std::int64_t now_us, RowReader::Listed& found);

  std::unique_ptr<Database> database_;
  std::unique_ptr<RowReader> rows_;
  std::unique_ptr<Values> values_;
  std::unique_ptr<SumLevels> levels_;
  std::vector<StoredRow> stored_;  // of a batch
  std::string texts_;              // of all of them
  std::unique_ptr<Feed<StoredRow>> records_;
  std::unique_ptr<Feed<SumRow>> sums_;
  std::vector<SeenRow> seen_;  // of a batch
  std::unique_ptr<Feed<SeenRow>> seen_rows_;
  std::unique_ptr<Feeder> record_, sum_, see_;
  std::unique_ptr<Statement> last_, new_, position_, old_, remove_, old_seen_, remove_seen_, remove_apart_, kept_from_,
      correct_, history_;
};

}  // namespace sluice::store::sqlite
