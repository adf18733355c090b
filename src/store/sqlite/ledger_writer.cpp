#include "store/sqlite/ledger_writer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "store/sqlite/fields.h"
#include "store/sqlite/migrations.h"

namespace sluice::store::sqlite {

namespace {

std::string skip_known(const std::vector<std::string>&) {
  return "ON CONFLICT (arrived_us, id) DO NOTHING";
}

std::string skip_seen(const std::vector<std::string>&) {
  return "ON CONFLICT (dimension, value, second) DO NOTHING";
}

// What rows that arrived before ?1 have in `seen`.
std::string seen_text() {
  std::vector<std::string> parts;
  parts.reserve(kSeen.size());
  for (const auto dimension : kSeen) {
    parts.push_back(
        fmt::format("SELECT '{0}', \"{0}\", arrived_us / {1} FROM record WHERE arrived_us < ?1 AND \"{0}\" <> ''",
                    dimension, kSecondUs));
  }
  return fmt::to_string(fmt::join(parts, " UNION "));
}

// A number that no row has stays as it is.
std::string add_to_known(const std::vector<std::string>& asked) {
  constexpr std::string_view kPlace[] = {"\"dimension\"", "\"level\"", "\"span\"", "\"value\""};
  std::string sums;
  for (const auto& name : asked) {
    if (std::ranges::find(kPlace, name) != std::end(kPlace)) continue;
    sums += fmt::format("{0}{1} = {1} + excluded.{1}", sums.empty() ? "" : ", ", name);
  }
  return fmt::format("ON CONFLICT ({}) DO UPDATE SET {}", fmt::join(kPlace, ", "), sums);
}

// Parameters: the level and the span to end before. Sums are ordered by dimension first, so each is looked for by
// itself.
std::string remove_apart_text() {
  const std::string from = fmt::format("'{}'", Values::kApart);
  const std::string to = fmt::format("'{}~'", Values::kApart);  // behind all: their own names begin with letters
  return fmt::format(
      "WITH RECURSIVE known (name) AS (SELECT MIN(dimension) FROM sum WHERE dimension > {0} AND dimension < {1} "
      "UNION ALL SELECT (SELECT MIN(dimension) FROM sum WHERE dimension > known.name AND dimension < {1}) FROM known "
      "WHERE known.name IS NOT NULL) DELETE FROM sum WHERE dimension IN (SELECT name FROM known WHERE name IS NOT "
      "NULL) "
      "AND level = ?1 AND span < ?2",
      from, to);
}

Value value_of(const std::optional<std::int64_t>& number) {
  return number ? Value(*number) : Value();
}

// Brings them into the table's order, and makes one of those with the same place.
void unite(std::vector<SumRow>& rows) {
  auto place = [](const SumRow& row) { return std::tie(row.dimension, row.span, row.value); };
  std::ranges::sort(rows, {}, place);
  std::size_t end = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (end > 0 && place(rows[end - 1]) == place(rows[i])) {
      rows[end - 1].sum.add(rows[i].sum);
    } else {
      rows[end++] = rows[i];
    }
  }
  rows.resize(end);
}

}  // namespace

Result<std::unique_ptr<LedgerWriter>> LedgerWriter::open(const std::string& path) {
  auto database = Database::open(path);
  if (!database) return fail_from(database);
  if (auto migrated = migrate(**database); !migrated) return fail_from(migrated);
  if (auto eased = (*database)->sync_when_asked(); !eased) return fail_from(eased);
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
  auto levels = SumLevels::prepare(*database_);
  if (!levels) return fail_from(levels);
  levels_ = std::move(*levels);
  if (auto fed = prepare_feeds(); !fed) return fed;
  const Wanted wanted[] = {
      {last_, "SELECT MAX(number) FROM record"},
      {new_, "SELECT id FROM record WHERE number > ? ORDER BY number"},
      {position_, "INSERT OR REPLACE INTO journal_position (one, segment, \"offset\", sequence) VALUES (1, ?, ?, ?)"},
      {old_, "SELECT arrived_us FROM record WHERE arrived_us < ? ORDER BY arrived_us LIMIT 1 OFFSET ?"},
      {remove_, "DELETE FROM record WHERE arrived_us < ?"},
      {old_seen_, seen_text()},
      {remove_seen_, "DELETE FROM seen WHERE dimension = ? AND value = ? AND second = ?"},
      {remove_apart_, remove_apart_text()},
      {kept_from_,
       "INSERT INTO retention (one, kept_from_us) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET "
       "kept_from_us = MAX(kept_from_us, excluded.kept_from_us)"},
      {correct_, "UPDATE record SET fields = ? WHERE number = ?"},
      {history_,
       "INSERT INTO correction (at_us, exchange_id, attempt, cost_nanos_before, price_version_before, "
       "cost_nanos, price_version) VALUES (?, ?, ?, ?, ?, ?, ?)"},
  };
  return prepare_all(*database_, wanted);
}

Status LedgerWriter::prepare_feeds() {
  auto records = Feed<StoredRow>::open(*database_, "new_record");
  if (!records) return fail_from(records);
  records_ = std::move(*records);
  auto sums = Feed<SumRow>::open(*database_, "new_sum");
  if (!sums) return fail_from(sums);
  sums_ = std::move(*sums);
  auto seen = Feed<SeenRow>::open(*database_, "new_seen");
  if (!seen) return fail_from(seen);
  seen_rows_ = std::move(*seen);
  auto record = Feeder::prepare(*database_, *records_, "record", skip_known);
  if (!record) return fail_from(record);
  record_ = std::move(*record);
  auto sum = Feeder::prepare(*database_, *sums_, "sum", add_to_known);
  if (!sum) return fail_from(sum);
  sum_ = std::move(*sum);
  auto see = Feeder::prepare(*database_, *seen_rows_, "seen", skip_seen);
  if (!see) return fail_from(see);
  see_ = std::move(*see);
  return {};
}

// Other writers wait only for what needs the database. Rows come as they ended; as they arrived each goes to the end of
// all that the database keeps in order.
Status LedgerWriter::insert(std::span<const ExchangeView> ended, const journal::Position& position) {
  Rows rows(ended.begin(), ended.end());
  std::ranges::sort(rows, {}, [](const ExchangeView& row) { return row.arrived_us; });
  SumsByPlace sums;
  for (const auto& row : ended) collect(row, Sign::kPlus, sums);
  store(rows);
  if (auto begun = database_->run("BEGIN IMMEDIATE"); !begun) return begun;
  return database_->end(insert_all(rows, sums, position));
}

// The rows as the database has them, into stored_.
void LedgerWriter::store(const Rows& rows) {
  stored_.clear();
  texts_.clear();
  std::vector<std::size_t> ends;
  ends.reserve(rows.size());
  for (const ExchangeView& row : rows) {
    append_text(texts_, row);
    ends.push_back(texts_.size());
  }
  std::size_t begin = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    stored_.push_back(stored_columns(rows[i]));
    stored_.back().fields = std::string_view(texts_).substr(begin, ends[i] - begin);
    begin = ends[i];
  }
  seen_ = seen_in(stored_);
}

Status LedgerWriter::insert_all(const Rows& rows, const SumsByPlace& sums, const journal::Position& position) {
  if (!rows.empty()) {
    if (auto done = insert_rows(rows, sums); !done) return done;
  }
  const Value values[] = {static_cast<std::int64_t>(position.segment), static_cast<std::int64_t>(position.offset),
                          static_cast<std::int64_t>(position.sequence)};
  return position_->run(values);
}

Status LedgerWriter::insert_rows(const Rows& rows, const SumsByPlace& sums) {
  std::int64_t last = 0;
  if (auto done = last_->run({}, [&](const Row& row) { last = row.number(0); }); !done) return done;
  records_->clear();
  for (const auto& row : stored_) records_->add(row);
  if (auto done = record_->run(); !done) return done;
  const bool are_new = database_->changes() == std::ssize(rows);
  seen_rows_->clear();
  for (const auto& row : seen_) seen_rows_->add(row);
  if (auto done = see_->run(); !done) return done;
  if (are_new) return add_sums(sums, Known::kGrows);
  // Some are there already. Those that are not are in the table in the order in which they were given.
  SumsByPlace of_new;
  auto given = rows.begin();
  const Value values[] = {last};
  auto collected = new_->run(values, [&](const Row& row) {
    given = std::ranges::find(given, rows.end(), row.view(0), [](const ExchangeView& one) { return one.id; });
    if (given != rows.end()) collect(*given++, Sign::kPlus, of_new);
  });
  if (!collected) return collected;
  return add_sums(of_new, Known::kGrows);
}

void LedgerWriter::collect(const ExchangeView& row, Sign sign, SumsByPlace& sums) {
  const auto span = span_of(row.arrived_us);
  auto collect_share = [&](std::string_view dimension, std::string_view value, const Sum& sum) {
    auto& all = sums.of(dimension, value, span);
    if (sign == Sign::kPlus) all.add(sum);
    if (sign == Sign::kMinus) all.subtract(sum);
  };
  sums.begin_row();
  each_share(row, std::ref(collect_share));
}

// As the shortest spans have them: under values that have sums of their own, or as others. `texts` keeps dimensions.
Status LedgerWriter::place(const SumsByPlace& sums, Known known, std::vector<SumRow>& level,
                           std::deque<std::string>& texts) {
  constexpr std::int64_t kDayUs = 86'400'000'000;
  for (const auto& [place, sum] : sums.all()) {
    if (sum == Sum()) continue;  // a correction that changes nothing here
    const Sum spent{.cost_nanos = sum.cost_nanos, .held_nanos = sum.held_nanos};
    auto use = spent == Sum() ? Values::Use::kIdle : Values::Use::kSpent;
    if (known == Known::kStays) use = Values::Use::kFind;
    auto value = values_->summed(place.dimension, place.span * kSpanUs / kDayUs, place.value, use);
    if (!value) return fail_from(value);
    level.push_back({place.dimension, 0, place.span, *value, sum});
    if (*value != kOthers || spent == Sum() || !Values::is_bounded(place.dimension)) continue;
    auto& apart = texts.emplace_back(Values::kApart).append(place.dimension);
    level.push_back({apart, 0, place.span, place.value, spent});
  }
  return {};
}

// To the sums of the levels that have them, one after the other, each in the order in which the table has them.
Status LedgerWriter::add_sums(const SumsByPlace& sums, Known known) {
  auto until = levels_->until();
  if (!until) return fail_from(until);
  std::vector<SumRow> level;
  level.reserve(sums.all().size());
  std::deque<std::string> texts;
  if (auto placed = place(sums, known, level, texts); !placed) return placed;
  std::int64_t newest = 0;
  for (const auto& row : level) newest = std::max(newest, row.span);
  std::vector<SumRow> all;
  all.reserve(level.size());
  for (std::size_t number = 0; number < kWidths.size(); ++number) {
    for (auto& row : level) {
      row.level = static_cast<std::int64_t>(number);
      if (number > 0) row.span = wider(row.span, kWidths[number] / kWidths[number - 1]);
    }
    auto has_sums = [&](const SumRow& row) { return row.span < (*until)[number]; };
    if (std::ranges::none_of(level, has_sums)) continue;
    unite(level);
    std::ranges::copy_if(level, std::back_inserter(all), has_sums);
  }
  sums_->clear();
  for (const auto& row : all) sums_->add(row);
  if (auto done = sum_->run(); !done) return done;
  return levels_->advance(*until, newest);
}

Result<std::size_t> LedgerWriter::remove_before(std::int64_t time_us, std::size_t most) {
  std::size_t removed = 0;
  if (auto begun = database_->run("BEGIN IMMEDIATE"); !begun) return fail_from(begun);
  if (auto done = database_->end(remove(time_us, most, removed)); !done) return fail_from(done);
  return removed;
}

Status LedgerWriter::remove(std::int64_t time_us, std::size_t most, std::size_t& removed) {
  auto end_us = time_us;  // `seen` knows seconds: none is cut
  const Value last[] = {time_us, static_cast<std::int64_t>(most) - 1};
  auto cut =
      old_->run(last, [&](const Row& row) { end_us = std::min(time_us, (row.number(0) / kSecondUs + 1) * kSecondUs); });
  if (!cut) return cut;
  if (auto done = remove_seen(end_us); !done) return done;
  const Value end[] = {end_us};
  if (auto done = remove_->run(end); !done) return done;
  removed = static_cast<std::size_t>(database_->changes());
  if (removed == 0) return {};
  for (std::size_t level = 0; level < kWidths.size(); ++level) {
    const Value until[] = {static_cast<std::int64_t>(level), wider(span_of(time_us), kWidths[level])};
    if (auto done = remove_apart_->run(until); !done) return done;
  }
  const Value from[] = {time_us};
  return kept_from_->run(from);
}

// While its rows are there.
Status LedgerWriter::remove_seen(std::int64_t end_us) {
  struct Seen {
    std::string dimension, value;
    std::int64_t second;
  };
  std::vector<Seen> all;
  const Value end[] = {end_us};
  auto read = old_seen_->run(end, [&](const Row& row) { all.emplace_back(row.text(0), row.text(1), row.number(2)); });
  if (!read) return read;
  for (const auto& [dimension, value, second] : all) {
    const Value one[] = {std::string_view(dimension), std::string_view(value), second};
    if (auto done = remove_seen_->run(one); !done) return done;
  }
  return {};
}

Result<std::size_t> LedgerWriter::correct(std::span<const Correction> corrections, std::int64_t now_us) {
  std::size_t changed = 0;
  auto done = database_->run("PRAGMA synchronous = FULL; BEGIN IMMEDIATE");
  if (done) done = database_->end(correct_all(corrections, now_us, changed));
  auto eased = database_->sync_when_asked();
  if (done) done = std::move(eased);
  if (!done) return fail_from(done);
  return changed;
}

Status LedgerWriter::correct_all(std::span<const Correction> corrections, std::int64_t now_us, std::size_t& changed) {
  SumsByPlace sums;
  for (const auto& correction : corrections) {
    auto found = rows_->find(correction.id);
    if (!found) return fail_from(found);
    if (!*found || correction.attempt >= (*found)->row.attempts.size()) continue;
    collect(row_as<ExchangeView>((*found)->row), Sign::kMinus, sums);
    if (auto done = correct_one(correction, now_us, **found); !done) return done;
    collect(row_as<ExchangeView>((*found)->row), Sign::kPlus, sums);
    ++changed;
  }
  return add_sums(sums, Known::kStays);
}

Status LedgerWriter::correct_one(const Correction& correction, std::int64_t now_us, RowReader::Listed& found) {
  auto& attempt = found.row.attempts[correction.attempt];
  const Value history[] = {now_us,
                           std::string_view(found.row.id),
                           static_cast<std::int64_t>(correction.attempt),
                           value_of(attempt.cost_nanos),
                           std::string_view(attempt.price_version),
                           value_of(correction.cost_nanos),
                           std::string_view(correction.price_version)};
  if (auto done = history_->run(history); !done) return done;
  apply(correction, attempt);
  std::string text;
  append_text(text, row_as<ExchangeView>(found.row));
  const Value values[] = {std::string_view(text), found.number};
  return correct_->run(values);
}

}  // namespace sluice::store::sqlite
