#include "store/sqlite/row_reader.h"

#include <fmt/format.h>

#include "store/sqlite/fields.h"
#include "store/sqlite/stored_row.h"

namespace sluice::store::sqlite {

Status prepare_all(Database& database, std::span<const Wanted> wanted) {
  for (const auto& [statement, sql] : wanted) {
    auto prepared = Statement::prepare(database, sql);
    if (!prepared) return fail_from(prepared);
    statement = std::move(*prepared);
  }
  return {};
}

std::string RowReader::select() {
  return "SELECT number, " + joined(columns_of<StoredRow>(), quoted) + " FROM record ";
}

Result<std::unique_ptr<RowReader>> RowReader::prepare(Database& database) {
  std::unique_ptr<RowReader> reader(new RowReader());
  const Wanted wanted[] = {
      {reader->find_, select() + "WHERE id = ?"},
      {reader->find_kept_, select() + "WHERE kept_id = ? AND kept_id <> '' ORDER BY arrived_us DESC, id DESC LIMIT 1"},
  };
  if (auto prepared = prepare_all(database, wanted); !prepared) return fail_from(prepared);
  return reader;
}

Result<std::vector<RowReader::Listed>> RowReader::list(Statement& statement, std::span<const Value> values) {
  std::vector<Listed> all;
  std::int64_t damaged = 0;
  auto status = statement.run(values, [&](const Row& from) {
    auto& [number, row] = all.emplace_back();
    number = from.number(0);
    StoredRow stored;
    read_fields(from, 1, stored);
    row.id = stored.id;
    row.arrived_us = stored.arrived_us;
    row.key = stored.key;
    row.team = stored.team;
    row.user = stored.user;
    row.fault = stored.fault;
    row.kept_id = stored.kept_id;
    if (!read_text(json_, stored.fields, row)) damaged = number;
  });
  if (!status) return fail_from(status);
  if (damaged != 0) {
    return fail(FaultKind::kInternal,
                fmt::format("The ledger's database is damaged: row {} of its table 'record' cannot be read.", damaged));
  }
  return all;
}

Result<std::optional<RowReader::Listed>> RowReader::find(std::string_view id) {
  return find_by(*find_, id);
}

Result<std::optional<RowReader::Listed>> RowReader::find_kept(std::string_view kept_id) {
  return find_by(*find_kept_, kept_id);
}

Result<std::optional<RowReader::Listed>> RowReader::find_by(Statement& statement, std::string_view value) {
  const Value values[] = {value};
  auto found = list(statement, values);
  if (!found) return fail_from(found);
  if (found->empty()) return std::nullopt;
  return std::move(found->front());
}

}  // namespace sluice::store::sqlite
