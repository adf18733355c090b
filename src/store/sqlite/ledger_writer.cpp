#include "store/sqlite/ledger_writer.h"

#include <fmt/format.h>

#include "base/text.h"
#include "store/sqlite/fields.h"
#include "store/sqlite/migrations.h"

namespace sluice::store::sqlite {

namespace {

std::string quoted(const std::string& name) {
  return '"' + name + '"';
}
std::string placeholder(const std::string&) {
  return "?";
}
std::string added(const std::string& name) {
  return fmt::format("{0} = {0} + excluded.{0}", name);
}

std::string json_of(const Tags& tags) {
  std::string json;
  for (const auto& [name, value] : tags) {
    json += json.empty() ? '{' : ',';
    append_json_string(json, name);
    json += ':';
    append_json_string(json, value);
  }
  return json.empty() ? "{}" : json + '}';
}

template <class Fields>
std::string insert_into(std::string_view table, std::vector<std::string> own) {
  for (auto& name : columns_of<Fields>()) own.push_back(std::move(name));
  return fmt::format("INSERT INTO {} ({}) VALUES ({})", table, joined(own, quoted), joined(own, placeholder));
}

}  // namespace

Result<std::unique_ptr<LedgerWriter>> LedgerWriter::open(const std::string& path) {
  auto database = Database::open(path);
  if (!database) return fail_from(database);
  if (auto migrated = migrate(**database); !migrated) return fail_from(migrated);
  std::unique_ptr<LedgerWriter> writer(new LedgerWriter(std::move(*database)));
  if (auto prepared = writer->prepare(); !prepared) return fail_from(prepared);
  return writer;
}

Status LedgerWriter::prepare() {
  struct {
    std::unique_ptr<Statement>& statement;
    std::string sql;
  } wanted[] = {
      {exchange_, insert_into<ExchangeRow>("exchange", {}) + " ON CONFLICT (id) DO NOTHING"},
      {attempt_, insert_into<AttemptRow>("attempt", {"exchange", "number"})},
      {sum_, insert_into<Sum>("sum", {"dimension", "span", "value"}) +
                 " ON CONFLICT (dimension, span, value) DO UPDATE SET " + joined(columns_of<Sum>(), added)},
      {position_, "INSERT OR REPLACE INTO journal_position (one, segment, \"offset\", sequence) VALUES (1, ?, ?, ?)"},
  };
  for (auto& [statement, sql] : wanted) {
    auto prepared = Statement::prepare(*database_, sql);
    if (!prepared) return fail_from(prepared);
    statement = std::move(*prepared);
  }
  return {};
}

Status LedgerWriter::insert(std::span<const ExchangeRow> rows, const journal::Position& position) {
  if (auto begun = database_->run("BEGIN IMMEDIATE"); !begun) return begun;
  return database_->end(insert_all(rows, position));
}

Status LedgerWriter::insert_all(std::span<const ExchangeRow> rows, const journal::Position& position) {
  Sums sums;
  for (const auto& row : rows) {
    if (auto done = insert_exchange(row); !done) return done;
    if (database_->changes() == 0) continue;  // it is there already
    if (auto done = insert_attempts(row, database_->last_number()); !done) return done;
    for (auto& share : shares_of(row)) {
      sums[{std::move(share.dimension), span_of(row.arrived_us), std::move(share.value)}].add(share.sum);
    }
  }
  if (auto done = add_sums(sums); !done) return done;
  const Value values[] = {static_cast<std::int64_t>(position.segment), static_cast<std::int64_t>(position.offset),
                          static_cast<std::int64_t>(position.sequence)};
  return position_->run(values);
}

Status LedgerWriter::insert_exchange(const ExchangeRow& row) {
  auto tags = json_of(row.tags);
  std::vector<Value> values;
  bind_fields(row, tags, values);
  return exchange_->run(values);
}

Status LedgerWriter::insert_attempts(const ExchangeRow& row, std::int64_t number) {
  std::int64_t index = 0;
  for (const auto& attempt : row.attempts) {
    std::vector<Value> values{number, index++};
    bind_fields(attempt, {}, values);
    if (auto done = attempt_->run(values); !done) return done;
  }
  return {};
}

Status LedgerWriter::add_sums(const Sums& sums) {
  for (const auto& [place, sum] : sums) {
    const auto& [dimension, span, value] = place;
    std::vector<Value> values{std::string_view(dimension), span, std::string_view(value)};
    bind_fields(sum, {}, values);
    if (auto done = sum_->run(values); !done) return done;
  }
  return {};
}

}  // namespace sluice::store::sqlite
