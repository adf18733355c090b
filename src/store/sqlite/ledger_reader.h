// The connection of a SqliteLedger that answers, with its statements.
//
// Thread rule: one thread at a time. Faults: as store/ledger.h says.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "store/ledger.h"
#include "store/sqlite/database.h"

namespace sluice::store::sqlite {

class LedgerReader {
 public:
  // The database is there and migrated.
  static Result<std::unique_ptr<LedgerReader>> open(const std::string& path);
  LedgerReader(const LedgerReader&) = delete;
  LedgerReader& operator=(const LedgerReader&) = delete;

  Result<journal::Position> position();
  Result<std::optional<ExchangeRow>> find(std::string_view id);
  Result<Page> page(const PageQuery& query);
  Result<std::vector<PeriodSum>> sums(const SumQuery& query);

 private:
  struct Listed {
    std::int64_t number = 0;
    ExchangeRow row;
    std::string tags;  // JSON
  };
  using Sums = std::map<std::string, Sum>;  // by value

  explicit LedgerReader(std::unique_ptr<Database> database) : database_(std::move(database)) {}
  Status prepare();
  static Result<std::vector<Listed>> list(Statement& statement, std::span<const Value> values);
  Status add_tags(Listed& listed);
  Status add_attempts(Listed& listed);
  Status add_spans(const std::string& by, std::int64_t from, std::int64_t to, Sums& sums);
  Status add_rows(const std::string& by, std::int64_t from_us, std::int64_t to_us, Sums& sums);

  std::unique_ptr<Database> database_;
  std::unique_ptr<Statement> find_, attempts_, tags_, spans_, between_, position_;
};

}  // namespace sluice::store::sqlite
