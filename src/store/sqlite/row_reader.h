// Reads rows with their tags and attempts, for both connections of a SqliteLedger.
//
// Thread rule: that of its database, which outlives it. Faults: as store/ledger.h says.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "store/ledger.h"
#include "store/sqlite/database.h"

namespace sluice::store::sqlite {

class RowReader {
 public:
  struct Listed {
    std::int64_t number = 0;
    ExchangeRow row;
    std::string tags;  // JSON
  };

  static Result<std::unique_ptr<RowReader>> prepare(Database& database);
  RowReader(const RowReader&) = delete;
  RowReader& operator=(const RowReader&) = delete;

  // What begins the text of a statement for list().
  static std::string select();
  // Rows without tags and attempts.
  static Result<std::vector<Listed>> list(Statement& statement, std::span<const Value> values);
  Status add_tags(Listed& listed);
  Status add_attempts(Listed& listed);
  Result<std::optional<Listed>> find(std::string_view id);            // whole
  Result<std::optional<Listed>> find_kept(std::string_view kept_id);  // the newest, whole

 private:
  RowReader() = default;

  Result<std::optional<Listed>> find_by(Statement& statement, std::string_view value);

  std::unique_ptr<Statement> find_, find_kept_, attempts_, tags_;
};

// Prepares each of these statements.
struct Wanted {
  std::unique_ptr<Statement>& statement;
  std::string sql;
};
Status prepare_all(Database& database, std::span<const Wanted> wanted);

}  // namespace sluice::store::sqlite
