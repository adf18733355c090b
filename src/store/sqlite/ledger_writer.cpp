#include "store/sqlite/ledger_writer.h"

#include <fmt/format.h>

#include <map>
#include <tuple>

#include "base/text.h"
#include "store/sqlite/fields.h"
#include "store/sqlite/migrations.h"

namespace sluice::store::sqlite {

namespace {

constexpr std::size_t kMostColumns = 50;  // of a table; to make room for once

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
  auto rows = RowReader::prepare(*database_);
  if (!rows) return fail_from(rows);
  rows_ = std::move(*rows);
  auto values = Values::prepare(*database_);
  if (!values) return fail_from(values);
  values_ = std::move(*values);
  const Wanted wanted[] = {
      {exchange_, insert_into<ExchangeRow>("exchange", {}) + " ON CONFLICT (id) DO NOTHING"},
      {attempt_, insert_into<AttemptRow>("attempt", {"exchange", "number"})},
      {sum_, insert_into<Sum>("sum", {"dimension", "level", "span", "value"}) +
                 " ON CONFLICT (dimension, level, span, value) DO UPDATE SET " + joined(columns_of<Sum>(), added)},
      {position_, "INSERT OR REPLACE INTO journal_position (one, segment, \"offset\", sequence) VALUES (1, ?, ?, ?)"},
      {old_, "SELECT number FROM exchange WHERE arrived_us < ? ORDER BY arrived_us, id LIMIT ?"},
      {remove_attempts_, "DELETE FROM attempt WHERE exchange = ?"},
      {remove_exchange_, "DELETE FROM exchange WHERE number = ?"},
      {kept_from_,
       "INSERT INTO retention (one, kept_from_us) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET "
       "kept_from_us = MAX(kept_from_us, excluded.kept_from_us)"},
      {correct_, "UPDATE attempt SET cost_nanos = ?, price_version = ? WHERE exchange = ? AND number = ?"},
      {history_,
       "INSERT INTO correction (at_us, exchange_id, attempt, cost_nanos_before, price_version_before, "
       "cost_nanos, price_version) VALUES (?, ?, ?, ?, ?, ?, ?)"},
  };
  return prepare_all(*database_, wanted);
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
    if (auto done = collect(row, Values::Use::kAdd, Sign::kPlus, sums); !done) return done;
  }
  if (auto done = add_sums(sums); !done) return done;
  const Value values[] = {static_cast<std::int64_t>(position.segment), static_cast<std::int64_t>(position.offset),
                          static_cast<std::int64_t>(position.sequence)};
  return position_->run(values);
}

Status LedgerWriter::insert_exchange(const ExchangeRow& row) {
  auto tags = json_of(row.tags);
  std::vector<Value> values;
  values.reserve(kMostColumns);
  bind_fields(row, tags, values);
  return exchange_->run(values);
}

Status LedgerWriter::insert_attempts(const ExchangeRow& row, std::int64_t number) {
  std::int64_t index = 0;
  for (const auto& attempt : row.attempts) {
    std::vector<Value> values;
    values.reserve(kMostColumns);
    values.insert(values.end(), {number, index++});
    bind_fields(attempt, {}, values);
    if (auto done = attempt_->run(values); !done) return done;
  }
  return {};
}

Status LedgerWriter::collect(const ExchangeRow& row, Values::Use use, Sign sign, Sums& sums) {
  const auto span = span_of(row.arrived_us);
  constexpr std::int64_t kDayUs = 86'400'000'000;
  for (const auto& share : shares_of(row)) {
    auto value = values_->summed(share.dimension, span * kSpanUs / kDayUs, share.value, use);
    if (!value) return fail_from(value);
    auto at = sums.find(PlaceView{share.dimension, *value, span});
    if (at == sums.end()) at = sums.emplace(Place{share.dimension, std::string(*value), span}, Sum()).first;
    if (sign == Sign::kPlus) at->second.add(share.sum);
    if (sign == Sign::kMinus) at->second.subtract(share.sum);
  }
  return {};
}

// To the sums of all levels, in the order in which the table has them.
Status LedgerWriter::add_sums(const Sums& sums) {
  std::map<std::tuple<std::string_view, std::int64_t, std::int64_t, std::string_view>, Sum> levels;
  for (const auto& [place, sum] : sums) {
    for (std::size_t level = 0; level < kWidths.size(); ++level)
      levels[{place.dimension, level, place.span / kWidths[level], place.value}].add(sum);
  }
  for (const auto& [place, sum] : levels) {
    if (sum == Sum()) continue;  // a correction that changes nothing here
    const auto& [dimension, level, span, value] = place;
    std::vector<Value> values{dimension, level, span, value};
    bind_fields(sum, {}, values);
    if (auto done = sum_->run(values); !done) return done;
  }
  return {};
}

Result<std::size_t> LedgerWriter::remove_before(std::int64_t time_us, std::size_t most) {
  std::size_t removed = 0;
  if (auto begun = database_->run("BEGIN IMMEDIATE"); !begun) return fail_from(begun);
  if (auto done = database_->end(remove(time_us, most, removed)); !done) return fail_from(done);
  return removed;
}

Status LedgerWriter::remove(std::int64_t time_us, std::size_t most, std::size_t& removed) {
  std::vector<std::int64_t> numbers;
  const Value limits[] = {time_us, static_cast<std::int64_t>(most)};
  if (auto done = old_->run(limits, [&](const Row& row) { numbers.push_back(row.number(0)); }); !done) return done;
  if (numbers.empty()) return {};
  for (const auto number : numbers) {
    const Value one[] = {number};
    if (auto done = remove_attempts_->run(one); !done) return done;
    if (auto done = remove_exchange_->run(one); !done) return done;
  }
  removed = numbers.size();
  const Value from[] = {time_us};
  return kept_from_->run(from);
}

Result<std::size_t> LedgerWriter::correct(std::span<const Correction> corrections, std::int64_t now_us) {
  std::size_t changed = 0;
  if (auto begun = database_->run("BEGIN IMMEDIATE"); !begun) return fail_from(begun);
  if (auto done = database_->end(correct_all(corrections, now_us, changed)); !done) return fail_from(done);
  return changed;
}

Status LedgerWriter::correct_all(std::span<const Correction> corrections, std::int64_t now_us, std::size_t& changed) {
  Sums sums;
  for (const auto& correction : corrections) {
    auto found = rows_->find(correction.id);
    if (!found) return fail_from(found);
    if (!*found || correction.attempt >= (*found)->row.attempts.size()) continue;
    auto& row = (*found)->row;
    if (auto done = collect(row, Values::Use::kFind, Sign::kMinus, sums); !done) return done;
    if (auto done = correct_one(correction, now_us, row, (*found)->number); !done) return done;
    if (auto done = collect(row, Values::Use::kFind, Sign::kPlus, sums); !done) return done;
    ++changed;
  }
  return add_sums(sums);
}

Status LedgerWriter::correct_one(const Correction& correction, std::int64_t now_us, ExchangeRow& row,
                                 std::int64_t number) {
  auto value_of = [](const std::optional<std::int64_t>& cost) { return cost ? Value(*cost) : Value(); };
  auto& attempt = row.attempts[correction.attempt];
  const auto index = static_cast<std::int64_t>(correction.attempt);
  const Value history[] = {now_us,
                           std::string_view(row.id),
                           index,
                           value_of(attempt.cost_nanos),
                           std::string_view(attempt.price_version),
                           value_of(correction.cost_nanos),
                           std::string_view(correction.price_version)};
  if (auto done = history_->run(history); !done) return done;
  attempt.cost_nanos = correction.cost_nanos;
  attempt.price_version = correction.price_version;
  const Value values[] = {value_of(attempt.cost_nanos), std::string_view(attempt.price_version), number, index};
  return correct_->run(values);
}

}  // namespace sluice::store::sqlite
