// Reads rows, for both connections of a SqliteLedger.
//
// Thread rule: that of its database, which outlives it. Faults: as store/ledger.h says.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "json/reader.h"
#include "store/ledger.h"
#include "store/sqlite/database.h"

namespace sluice::store::sqlite {

class RowReader {
 public:
  struct Listed {
    std::int64_t number = 0;
    ExchangeRow row;
  };

  static Result<std::unique_ptr<RowReader>> prepare(Database& database);
  RowReader(const RowReader&) = delete;
  RowReader& operator=(const RowReader&) = delete;

  // What begins the text of a statement for list().
  static std::string select();
  static std::string select_from(std::string_view tables);  // one of them is `record`
  Result<std::vector<Listed>> list(Statement& statement, std::span<const Value> values);
  Result<std::optional<Listed>> find(std::string_view id);
  Result<std::optional<Listed>> find_kept(std::string_view kept_id);  // the newest

 private:
  RowReader() = default;

  Result<std::optional<Listed>> find_by(Statement& statement, std::span<const Value> values);

  json::Reader json_;
  std::unique_ptr<Statement> find_, find_stray_, find_kept_;
};

// Prepares each of these statements.
struct Wanted {
  std::unique_ptr<Statement>& statement;
  std::string sql;
};
Status prepare_all(Database& database, std::span<const Wanted> wanted);

}  // namespace sluice::store::sqlite
