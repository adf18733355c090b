// The connection of a SqliteLedger that answers, with its statements.
//
// Thread rule: one thread at a time. Faults: as store/ledger.h says.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "store/ledger.h"
#include "store/sqlite/row_reader.h"
#include "store/sqlite/sum_levels.h"

namespace sluice::store::sqlite {

class LedgerReader {
 public:
  // The database is there and migrated.
  static Result<std::unique_ptr<LedgerReader>> open(const std::string& path);
  LedgerReader(const LedgerReader&) = delete;
  LedgerReader& operator=(const LedgerReader&) = delete;

  Result<journal::Position> position();
  Result<std::int64_t> kept_from();
  Result<std::int64_t> corrections();
  Result<std::optional<ExchangeRow>> find(std::string_view id);
  Result<std::optional<ExchangeRow>> find_kept(std::string_view kept_id);
  Result<Page> page(const PageQuery& query);
  Result<std::vector<PeriodSum>> sums(const SumQuery& query);
  Result<Ledger::Told> each_cost(const SumQuery& query, const Ledger::VisitCost& visit);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  using Sums = std::unordered_map<std::string, Sum, Hash, std::equal_to<>>;  // by value

  explicit LedgerReader(std::unique_ptr<Database> database) : database_(std::move(database)) {}
  Status prepare();
  Result<std::int64_t> newest();
  // A period as it is read: rows where it cuts a span, else sums.
  struct Period {
    std::int64_t from_us = 0, to_us = 0;
    std::vector<Run> runs;
  };
  Result<std::vector<Period>> periods_of(const SumQuery& query);
  enum class From : std::uint8_t { kRows, kSpans };
  // Several of a value.
  using VisitSum = std::function<void(From from, std::string_view value, const Sum& sum)>;
  Status each_of_spans(const std::string& by, const Run& run, const VisitSum& visit);
  Status each_of_rows(const std::string& by, std::int64_t from_us, std::int64_t to_us, const VisitSum& visit);
  Status each_of_period(const std::string& by, const Period& period, const VisitSum& visit);
  Result<std::int64_t> each_cost_of(const std::string& by, const Period& period, const Ledger::VisitCost& visit);

  std::unique_ptr<Database> database_;
  std::unique_ptr<RowReader> rows_;
  std::unique_ptr<Statement> spans_, between_, position_, kept_from_, newest_, levels_, corrections_;
};

}  // namespace sluice::store::sqlite
