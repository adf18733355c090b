#include "store/sqlite/row_reader.h"

#include <algorithm>

#include "store/sqlite/fields.h"

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
  return "SELECT number, " + joined(columns_of<ExchangeRow>(), quoted) + " FROM exchange ";
}

Result<std::unique_ptr<RowReader>> RowReader::prepare(Database& database) {
  std::unique_ptr<RowReader> reader(new RowReader());
  const auto attempts = joined(columns_of<AttemptRow>(), quoted);
  const Wanted wanted[] = {
      {reader->find_, select() + "WHERE id = ?"},
      {reader->find_kept_, select() + "WHERE kept_id = ? AND kept_id <> '' ORDER BY arrived_us DESC, id DESC LIMIT 1"},
      {reader->attempts_, "SELECT " + attempts + " FROM attempt WHERE exchange = ? ORDER BY number"},
      {reader->tags_, "SELECT key, value FROM json_each(?)"},
  };
  if (auto prepared = prepare_all(database, wanted); !prepared) return fail_from(prepared);
  return reader;
}

Result<std::vector<RowReader::Listed>> RowReader::list(Statement& statement, std::span<const Value> values) {
  std::vector<Listed> all;
  const auto columns = columns_of<ExchangeRow>();
  auto tags = static_cast<int>(std::ranges::find(columns, "tags") - columns.begin()) + 1;
  auto status = statement.run(values, [&](const Row& from) {
    auto& listed = all.emplace_back();
    listed.number = from.number(0);
    listed.tags = from.text(tags);
    read_fields(from, 1, listed.row);
  });
  if (!status) return fail_from(status);
  return all;
}

Status RowReader::add_tags(Listed& listed) {
  if (listed.tags == "{}") return {};
  const Value values[] = {std::string_view(listed.tags)};
  return tags_->run(values, [&](const Row& row) { listed.row.tags.emplace_back(row.text(0), row.text(1)); });
}

Status RowReader::add_attempts(Listed& listed) {
  const Value values[] = {listed.number};
  return attempts_->run(values, [&](const Row& row) { read_fields(row, 0, listed.row.attempts.emplace_back()); });
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
  auto& listed = found->front();
  if (auto status = add_tags(listed); !status) return fail_from(status);
  if (auto status = add_attempts(listed); !status) return fail_from(status);
  return std::move(listed);
}

}  // namespace sluice::store::sqlite
