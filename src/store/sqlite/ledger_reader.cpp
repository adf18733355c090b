#include "store/sqlite/ledger_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>

#include "base/text.h"
#include "store/sqlite/fields.h"
#include "store/sqlite/seen.h"
#include "store/sqlite/stored_row.h"
#include "store/sqlite/values.h"

namespace sluice::store::sqlite {

namespace {

constexpr std::int64_t kChunk = 1000;  // rows in memory when rows are added up

// What a filter says in SQL.
struct Condition {
  std::string sql;
  std::vector<Value> values;
};

// As a tag is written among the others. It is found nowhere else: quotes within names and values are escaped.
std::string text_of_tag(std::string_view name, std::string_view value) {
  std::string text;
  append_json_string(text, name);
  text += ':';
  append_json_string(text, value);
  return text;
}

// `texts` keeps what the condition's values look at.
Condition condition_of(const Filter& filter, std::deque<std::string>& texts) {
  const std::string_view value = filter.value;
  if (filter.by == "all") return {"? = ''", {value}};
  if (filter.by.starts_with(kTagPrefix)) {
    texts.push_back(text_of_tag(std::string_view(filter.by).substr(kTagPrefix.size()), value));
    return {"instr(fields, ?) > 0", {std::string_view(texts.back())}};
  }
  if (std::ranges::find(kSeen, std::string_view(filter.by)) != kSeen.end())
    return {fmt::format(R"("{}" = ?)", filter.by), {value}};
  // Few texts have the value at all: only those are read.
  auto& part = texts.emplace_back(value);
  if (filter.by != "status") append_json_string(part = "", value);
  auto has = [&](const std::string& condition) {
    return Condition{"(instr(fields, ?) > 0 AND " + condition + ")", {std::string_view(part), value}};
  };
  if (filter.by == "deployment" || filter.by == "provider" || filter.by == "model") {
    return has(fmt::format("EXISTS (SELECT 1 FROM json_each(fields, '$[0]') AS one WHERE one.value ->> '{}' = ?)",
                           path_in_attempt(filter.by == "model" ? "model_routed" : filter.by)));
  }
  return has(fmt::format("CAST(fields ->> '{}' AS TEXT) = ?", path_in_exchange(filter.by)));
}

}  // namespace

Result<std::unique_ptr<LedgerReader>> LedgerReader::open(const std::string& path) {
  auto database = Database::open_to_read(path);
  if (!database) return fail_from(database);
  std::unique_ptr<LedgerReader> reader(new LedgerReader(std::move(*database)));
  if (auto prepared = reader->prepare(); !prepared) return fail_from(prepared);
  return reader;
}

Status LedgerReader::prepare() {
  auto rows = RowReader::prepare(*database_);
  if (!rows) return fail_from(rows);
  rows_ = std::move(*rows);
  auto levels = SumLevels::prepare_until(*database_);
  if (!levels) return fail_from(levels);
  levels_ = std::move(*levels);
  const Wanted wanted[] = {
      {between_,
       RowReader::select() + "WHERE (arrived_us, id) > (?, ?) AND arrived_us < ? ORDER BY arrived_us, id LIMIT ?"},
      {spans_, "SELECT value, " + joined(columns_of<Sum>(), quoted) +
                   " FROM sum WHERE dimension = ? AND level = ? AND span >= ? AND span < ?"},
      {position_, "SELECT segment, \"offset\", sequence FROM journal_position"},
      {kept_from_, "SELECT kept_from_us FROM retention"},
      {corrections_, "SELECT COALESCE(MAX(number), 0) FROM correction"},
      {newest_, "SELECT MAX(arrived_us) FROM record"},
  };
  return prepare_all(*database_, wanted);
}

Result<journal::Position> LedgerReader::position() {
  journal::Position position;
  auto status = position_->run({}, [&](const Row& row) {
    position = {static_cast<std::uint64_t>(row.number(0)), static_cast<std::uint64_t>(row.number(1)),
                static_cast<std::uint64_t>(row.number(2))};
  });
  if (!status) return fail_from(status);
  return position;
}

Result<std::int64_t> LedgerReader::corrections() {
  std::int64_t count = 0;
  auto status = corrections_->run({}, [&](const Row& row) { count = row.number(0); });
  if (!status) return fail_from(status);
  return count;
}

Result<std::int64_t> LedgerReader::kept_from() {
  std::int64_t from = 0;
  auto status = kept_from_->run({}, [&](const Row& row) { from = row.number(0); });
  if (!status) return fail_from(status);
  return from;
}

Result<std::int64_t> LedgerReader::newest() {
  std::int64_t newest = 0;
  auto status = newest_->run({}, [&](const Row& row) { newest = row.number(0); });
  if (!status) return fail_from(status);
  return newest;
}

namespace {

Result<std::optional<ExchangeRow>> row_of(Result<std::optional<RowReader::Listed>> found) {
  if (!found) return fail_from(found);
  if (!*found) return std::nullopt;
  return std::move((*found)->row);
}

}  // namespace

Result<std::optional<ExchangeRow>> LedgerReader::find(std::string_view id) {
  return row_of(rows_->find(id));
}

Result<std::optional<ExchangeRow>> LedgerReader::find_kept(std::string_view kept_id) {
  return row_of(rows_->find_kept(kept_id));
}

namespace {

// Places are compared as pairs, which SQLite does row by row: plain bounds of the time say where to begin and end.
std::int64_t end_of(const PageQuery& query, const PageQuery::Place& before) {
  return before.arrived_us < query.to_us ? before.arrived_us + 1 : query.to_us;
}

// What follows the columns of a SELECT, and its values.
struct Selection {
  std::string where, order = "arrived_us DESC, id DESC";
  std::string_view tables = "record";
  std::vector<Value> values;

  void add(std::string_view condition, std::initializer_list<Value> its) {
    where += where.empty() ? "WHERE " : " AND ";
    where += condition;
    values.insert(values.end(), its);
  }
};

Selection select_time(std::int64_t from_us, std::int64_t end_us, const PageQuery::Place& before) {
  Selection selection;
  selection.add("arrived_us >= ? AND arrived_us < ? AND (arrived_us, id) < (?, ?)",
                {from_us, end_us, before.arrived_us, std::string_view(before.id)});
  return selection;
}

// Second by second. SQLite is to look for these bounds, not for those of the whole time: that is what the + says.
Selection select_seen(const Filter& filter, std::int64_t from_us, std::int64_t end_us, const PageQuery::Place& before) {
  Selection selection;
  selection.tables = "seen CROSS JOIN record";
  selection.order.insert(0, "second DESC, ");
  selection.add("dimension = ? AND value = ? AND second BETWEEN ? AND ?",
                {std::string_view(filter.by), std::string_view(filter.value), from_us / kSecondUs, end_us / kSecondUs});
  selection.add("arrived_us >= second * ? AND arrived_us < (second + 1) * ?", {kSecondUs, kSecondUs});
  selection.add("+arrived_us >= ? AND +arrived_us < ? AND (+arrived_us, id) < (?, ?)",
                {from_us, end_us, before.arrived_us, std::string_view(before.id)});
  return selection;
}

// The last row that a page may look at; nothing: there are not so many.
Result<std::optional<PageQuery::Place>> place_after(Database& database, const Selection& selection) {
  auto statement =
      Statement::prepare(database, fmt::format("SELECT arrived_us, id FROM {} {} ORDER BY {} LIMIT 1 OFFSET ?",
                                               selection.tables, selection.where, selection.order));
  if (!statement) return fail_from(statement);
  auto values = selection.values;
  values.emplace_back(static_cast<std::int64_t>(kMostLookedAt - 1));
  std::optional<PageQuery::Place> place;
  auto status = (*statement)->run(values, [&](const Row& row) { place = {row.number(0), row.text(1)}; });
  if (!status) return fail_from(status);
  return place;
}

// The one by whose seconds rows are looked for; null: there is none.
const Filter* seen_filter(std::span<const Filter> filters) {
  for (const auto column : kSeen) {
    for (const auto& filter : filters) {
      if (filter.by == column && !filter.value.empty()) return &filter;
    }
  }
  return nullptr;
}

}  // namespace

Result<Page> LedgerReader::page(const PageQuery& query) {
  const auto before = query.before.value_or(PageQuery::Place{query.to_us, ""});
  const auto end_us = end_of(query, before);
  const auto* seen = seen_filter(query.filters);
  auto select = [&](std::int64_t from_us) {
    return seen ? select_seen(*seen, from_us, end_us, before) : select_time(from_us, end_us, before);
  };
  auto selection = select(query.from_us);
  std::optional<PageQuery::Place> last;
  if (!query.filters.empty()) {
    auto place = place_after(*database_, selection);
    if (!place) return fail_from(place);
    last = std::move(*place);
  }
  if (last) {
    selection = select(std::max(query.from_us, last->arrived_us));
    selection.add("(+arrived_us, id) >= (?, ?)", {last->arrived_us, std::string_view(last->id)});
  }
  std::deque<std::string> texts;
  for (const auto& filter : query.filters) {
    const auto condition = condition_of(filter, texts);
    selection.add(condition.sql, {});
    selection.values.insert(selection.values.end(), condition.values.begin(), condition.values.end());
  }
  selection.values.emplace_back(static_cast<std::int64_t>(query.most + 1));
  auto statement =
      Statement::prepare(*database_, fmt::format("{}{} ORDER BY {} LIMIT ?", RowReader::select_from(selection.tables),
                                                 selection.where, selection.order));
  if (!statement) return fail_from(statement);
  auto found = rows_->list(**statement, selection.values);
  if (!found) return fail_from(found);
  Page page{.rows = {}, .next = std::move(last)};
  if (found->size() > query.most) {
    found->pop_back();
    page.next = {found->back().row.arrived_us, found->back().row.id};
  }
  page.rows.reserve(found->size());
  for (auto& listed : *found) {
    if (query.detail == PageQuery::Detail::kExchanges) listed.row.attempts.clear();
    page.rows.push_back(std::move(listed.row));
  }
  return page;
}

Status LedgerReader::each_of_spans(const std::string& by, const Run& run, const VisitSum& visit) {
  const Value values[] = {std::string_view(by), static_cast<std::int64_t>(run.level), run.first, run.end};
  return spans_->run(values, [&](const Row& row) {
    Sum sum;
    read_fields(row, 1, sum);
    visit(From::kSpans, row.view(0), sum);
  });
}

Status LedgerReader::each_of_rows(const std::string& by, std::int64_t from_us, std::int64_t to_us,
                                  const VisitSum& visit) {
  std::int64_t after_us = from_us;
  std::string after_id;  // ids are never empty
  while (true) {
    const Value values[] = {after_us, std::string_view(after_id), to_us, kChunk};
    auto some = rows_->list(*between_, values);
    if (!some) return fail_from(some);
    for (const auto& listed : *some) {
      for (const auto& share : shares_of(listed.row)) {
        if (share.dimension == by) visit(From::kRows, share.value, share.sum);
      }
    }
    if (some->size() < kChunk) return {};
    after_us = some->back().row.arrived_us;
    after_id = some->back().row.id;
  }
}

Status LedgerReader::each_of_period(const std::string& by, const Period& period, const VisitSum& visit) {
  const auto& [from_us, to_us, runs] = period;
  const auto first = span_of(from_us + kSpanUs - 1), end = span_of(to_us);  // whole spans
  if (first > end) return each_of_rows(by, from_us, to_us, visit);
  Status status;
  if (from_us < first * kSpanUs) status = each_of_rows(by, from_us, first * kSpanUs, visit);
  for (const auto& run : runs) {
    if (status) status = each_of_spans(by, run, visit);
  }
  if (status && end * kSpanUs < to_us) status = each_of_rows(by, end * kSpanUs, to_us, visit);
  return status;
}

Result<std::vector<LedgerReader::Period>> LedgerReader::periods_of(const SumQuery& query) {
  auto kept = kept_from();
  if (!kept) return fail_from(kept);
  if (auto fine = check(query, *kept); !fine) return fail_from(fine);
  auto last = newest();
  if (!last) return fail_from(last);
  auto until = SumLevels::until(*levels_);
  if (!until) return fail_from(until);
  std::vector<Period> periods;
  periods.reserve(query.bounds_us.size());
  for (std::size_t i = 0; i + 1 < query.bounds_us.size(); ++i) {
    const auto from = query.bounds_us[i];
    // "Until now" is the whole of the last span: nothing came after it.
    auto to = query.bounds_us[i + 1];
    if (to > *last && from <= *last) to = std::max(to, (span_of(*last) + 1) * kSpanUs);
    periods.push_back({from, to, runs_of(span_of(from + kSpanUs - 1), span_of(to), *until)});
  }
  return periods;
}

Result<std::vector<PeriodSum>> LedgerReader::sums(const SumQuery& query) {
  // One state of the ledger for all that is read.
  if (auto begun = database_->run("BEGIN"); !begun) return fail_from(begun);
  std::vector<PeriodSum> result;
  auto read = [&]() -> Status {
    auto periods = periods_of(query);
    if (!periods) return fail_from(periods);
    for (const auto& period : *periods) {
      Sums sums;
      auto status = each_of_period(query.by, period, [&](From, std::string_view value, const Sum& sum) {
        auto place = sums.find(value);
        if (place == sums.end()) place = sums.emplace(value, Sum()).first;
        place->second.add(sum);
      });
      if (!status) return status;
      const auto first = static_cast<std::ptrdiff_t>(result.size());
      for (auto& [value, sum] : sums) result.push_back({period.from_us, value, sum});
      std::ranges::sort(result.begin() + first, result.end(), {}, &PeriodSum::value);
      if (result.size() > kMostSums)
        return fail(FaultKind::kTooLarge, "There are too many sums; ask for a shorter time.");
    }
    return {};
  };
  if (auto status = database_->end(read()); !status) return fail_from(status);
  return result;
}

namespace {

std::int64_t cost_of(const Sum& sum) {
  return sum.cost_nanos + sum.held_nanos;
}

}  // namespace

// What was added up as others and is not told apart. Of rows from before values were kept apart only corrections are:
// what they take off was never told, so it takes nothing off either.
Result<std::int64_t> LedgerReader::each_cost_of(const std::string& by, const Period& period,
                                                const Ledger::VisitCost& visit) {
  const bool is_bounded = Values::is_bounded(by);
  std::int64_t others = 0;
  bool has_others = false;
  auto status = each_of_period(by, period, [&](From from, std::string_view value, const Sum& sum) {
    const auto cost = cost_of(sum);
    if (is_bounded && from == From::kSpans && value == kOthers) {
      has_others = true;
      others += cost;
    } else if (cost != 0) {
      visit(period.from_us, value, cost);
    }
  });
  if (!status) return fail_from(status);
  if (!has_others) return others;
  std::map<std::string, std::int64_t, std::less<>> apart;
  for (const auto& run : period.runs) {
    status = each_of_spans(std::string(Values::kApart) + by, run, [&](From, std::string_view value, const Sum& sum) {
      auto place = apart.find(value);
      if (place == apart.end()) place = apart.emplace(value, 0).first;
      place->second += cost_of(sum);
    });
    if (!status) return fail_from(status);
  }
  for (const auto& [value, cost] : apart) {
    others -= cost;
    if (cost > 0) visit(period.from_us, value, cost);
  }
  return others;
}

Result<Ledger::Told> LedgerReader::each_cost(const SumQuery& query, const Ledger::VisitCost& visit) {
  if (auto begun = database_->run("BEGIN"); !begun) return fail_from(begun);
  auto told = Ledger::Told::kAll;
  auto read = [&]() -> Status {
    auto periods = periods_of(query);
    if (!periods) return fail_from(periods);
    for (const auto& period : *periods) {
      auto others = each_cost_of(query.by, period, visit);
      if (!others) return fail_from(others);
      if (*others != 0) told = Ledger::Told::kNotAll;
    }
    return {};
  };
  if (auto status = database_->end(read()); !status) return fail_from(status);
  return told;
}

}  // namespace sluice::store::sqlite
