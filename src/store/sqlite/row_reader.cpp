#include "store/sqlite/row_reader.h"

#include <fmt/format.h>

#include "base/ids.h"
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
  return select_from("record");
}

std::string RowReader::select_from(std::string_view tables) {
  return fmt::format("SELECT number, {} FROM {} ", joined(columns_of<StoredRow>(), quoted), tables);
}

Result<std::unique_ptr<RowReader>> RowReader::prepare(Database& database) {
  std::unique_ptr<RowReader> reader(new RowReader());
  const Wanted wanted[] = {
      {reader->find_, select() + "WHERE arrived_us = ? AND id = ?"},
      {reader->find_stray_, select() + "WHERE id = ? AND stray"},
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
  const auto arrived_us = time_in_id(id);
  if (!arrived_us) return find_by(*find_stray_, {{id}});
  auto found = find_by(*find_, {{*arrived_us, id}});
  return !found || *found ? std::move(found) : find_by(*find_stray_, {{id}});
}

Result<std::optional<RowReader::Listed>> RowReader::find_kept(std::string_view kept_id) {
  return find_by(*find_kept_, {{kept_id}});
}

Result<std::optional<RowReader::Listed>> RowReader::find_by(Statement& statement, std::span<const Value> values) {
  auto found = list(statement, values);
  if (!found) return fail_from(found);
  if (found->empty()) return std::nullopt;
  return std::move(found->front());
}

}  // namespace sluice::store::sqlite
