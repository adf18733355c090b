#include "store/sqlite/ledger_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/sqlite/fields.h"

namespace sluice::store::sqlite {

namespace {

constexpr std::int64_t kChunk = 1000;  // rows in memory when rows are added up

std::string quoted(const std::string& name) {
  return '"' + name + '"';
}
std::string summed(const std::string& name) {
  return "SUM(" + name + ")";
}

}  // namespace

Result<std::unique_ptr<LedgerReader>> LedgerReader::open(const std::string& path) {
  auto database = Database::open(path);
  if (!database) return fail_from(database);
  std::unique_ptr<LedgerReader> reader(new LedgerReader(std::move(*database)));
  if (auto prepared = reader->prepare(); !prepared) return fail_from(prepared);
  return reader;
}

Status LedgerReader::prepare() {
  auto attempts = joined(columns_of<AttemptRow>(), quoted), sums = joined(columns_of<Sum>(), summed);
  auto exchange = "SELECT number, " + joined(columns_of<ExchangeRow>(), quoted) + " FROM exchange ";
  struct {
    std::unique_ptr<Statement>& statement;
    std::string sql;
  } wanted[] = {
      {find_, exchange + "WHERE id = ?"},
      {between_, exchange + "WHERE (arrived_us, id) > (?, ?) AND arrived_us < ? ORDER BY arrived_us, id LIMIT ?"},
      {attempts_, "SELECT " + attempts + " FROM attempt WHERE exchange = ? ORDER BY number"},
      {tags_, "SELECT key, value FROM json_each(?)"},
      {spans_, "SELECT value, " + sums + " FROM sum WHERE dimension = ? AND span >= ? AND span < ? GROUP BY value"},
      {position_, "SELECT segment, \"offset\", sequence FROM journal_position"},
  };
  for (auto& [statement, sql] : wanted) {
    auto prepared = Statement::prepare(*database_, sql);
    if (!prepared) return fail_from(prepared);
    statement = std::move(*prepared);
  }
  return {};
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

Result<std::vector<LedgerReader::Listed>> LedgerReader::list(Statement& statement, std::span<const Value> values) {
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

Status LedgerReader::add_tags(Listed& listed) {
  if (listed.tags == "{}") return {};
  const Value values[] = {std::string_view(listed.tags)};
  return tags_->run(values, [&](const Row& row) { listed.row.tags.emplace_back(row.text(0), row.text(1)); });
}

Status LedgerReader::add_attempts(Listed& listed) {
  const Value values[] = {listed.number};
  return attempts_->run(values, [&](const Row& row) { read_fields(row, 0, listed.row.attempts.emplace_back()); });
}

Result<std::optional<ExchangeRow>> LedgerReader::find(std::string_view id) {
  const Value values[] = {id};
  auto found = list(*find_, values);
  if (!found) return fail_from(found);
  if (found->empty()) return std::nullopt;
  auto& listed = found->front();
  if (auto status = add_tags(listed); !status) return fail_from(status);
  if (auto status = add_attempts(listed); !status) return fail_from(status);
  return std::move(listed.row);
}

Result<Page> LedgerReader::page(const PageQuery& query) {
  // The partial indexes are used where the text says that it is not empty.
  auto filter = query.by.empty() ? std::string() : fmt::format(R"("{0}" = ? AND "{0}" <> '' AND )", query.by);
  if (!query.by.empty() && query.value.empty()) filter = fmt::format(R"("{}" = ? AND )", query.by);
  auto statement = Statement::prepare(
      *database_, fmt::format("SELECT number, {} FROM exchange WHERE {}arrived_us >= ? AND arrived_us < ? AND "
                              "(arrived_us, id) < (?, ?) ORDER BY arrived_us DESC, id DESC LIMIT ?",
                              joined(columns_of<ExchangeRow>(), quoted), filter));
  if (!statement) return fail_from(statement);
  auto before = query.before.value_or(PageQuery::Place{query.to_us, ""});
  std::vector<Value> values;
  if (!query.by.empty()) values.emplace_back(std::string_view(query.value));
  values.insert(values.end(), {query.from_us, query.to_us, before.arrived_us, std::string_view(before.id),
                               static_cast<std::int64_t>(query.most + 1)});
  auto found = list(**statement, values);
  if (!found) return fail_from(found);
  Page page;
  for (auto& listed : *found) {
    if (page.rows.size() == query.most) {
      page.next = {page.rows.back().arrived_us, page.rows.back().id};
      break;
    }
    if (auto status = add_tags(listed); !status) return fail_from(status);
    page.rows.push_back(std::move(listed.row));
  }
  return page;
}

Status LedgerReader::add_spans(const std::string& by, std::int64_t from, std::int64_t to, Sums& sums) {
  const Value values[] = {std::string_view(by), from, to};
  return spans_->run(values, [&](const Row& row) {
    Sum sum;
    read_fields(row, 1, sum);
    sums[row.text(0)].add(sum);
  });
}

Status LedgerReader::add_rows(const std::string& by, std::int64_t from_us, std::int64_t to_us, Sums& sums) {
  std::int64_t after_us = from_us;
  std::string after_id;  // ids are never empty
  while (true) {
    const Value values[] = {after_us, std::string_view(after_id), to_us, kChunk};
    auto some = list(*between_, values);
    if (!some) return fail_from(some);
    for (auto& listed : *some) {
      if (auto status = add_tags(listed); !status) return status;
      if (auto status = add_attempts(listed); !status) return status;
      for (const auto& share : shares_of(listed.row)) {
        if (share.dimension == by) sums[share.value].add(share.sum);
      }
    }
    if (some->size() < kChunk) return {};
    after_us = some->back().row.arrived_us;
    after_id = some->back().row.id;
  }
}

Result<std::vector<PeriodSum>> LedgerReader::sums(const SumQuery& query) {
  std::vector<PeriodSum> result;
  for (std::size_t i = 0; i + 1 < query.bounds_us.size(); ++i) {
    const auto from = query.bounds_us[i], to = query.bounds_us[i + 1];
    const auto first = span_of(from + kSpanUs - 1), end = span_of(to);  // whole spans
    Sums sums;
    Status status;
    if (first >= end) {
      const auto middle = std::min(first * kSpanUs, to);
      status = add_rows(query.by, from, middle, sums);
      if (status && middle < to) status = add_rows(query.by, middle, to, sums);
    } else {
      if (from < first * kSpanUs) status = add_rows(query.by, from, first * kSpanUs, sums);
      if (status) status = add_spans(query.by, first, end, sums);
      if (status && end * kSpanUs < to) status = add_rows(query.by, end * kSpanUs, to, sums);
    }
    if (!status) return fail_from(status);
    for (auto& [value, sum] : sums) result.push_back({from, value, sum});
    if (result.size() > kMostSums)
      return fail(FaultKind::kTooLarge, "There are too many sums; ask for a shorter time.");
  }
  return result;
}

}  // namespace sluice::store::sqlite
