#include "store/sqlite/feeder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "store/sqlite/fields.h"

namespace sluice::store::sqlite {

namespace {

constexpr int kRunsToForget = 200;

}  // namespace

Result<std::unique_ptr<Feeder>> Feeder::prepare(Database& database, const FeedTable& feed, const std::string& table,
                                                Tail tail) {
  std::unique_ptr<Feeder> feeder(new Feeder(database, feed, table, std::move(tail)));
  if (auto ordered = feeder->order_columns(); !ordered) return fail_from(ordered);
  // The first rows will tell; but what cannot be prepared is to be known now.
  if (auto prepared = feeder->ask_for(~Columns{}); !prepared) return fail_from(prepared);
  feeder->asked_ = 0;
  return feeder;
}

// SQLite copies what comes in another order than the table's.
Status Feeder::order_columns() {
  auto columns = Statement::prepare(database_, "SELECT name FROM pragma_table_info(?) ORDER BY cid");
  if (!columns) return fail_from(columns);
  const auto& fields = feed_.columns();
  const Value values[] = {std::string_view(table_)};
  auto read = (*columns)->run(values, [&](const Row& row) {
    const auto found = std::ranges::find(fields, row.view(0), &FeedTable::Column::name);
    if (found != fields.end()) order_.push_back(static_cast<std::size_t>(found - fields.begin()));
  });
  if (!read) return read;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (std::ranges::find(order_, i) != order_.end()) continue;
    return fail(
        FaultKind::kInvalidConfig,
        fmt::format("The ledger's database is damaged: its table '{}' has no column '{}'.", table_, fields[i].name));
  }
  return {};
}

Status Feeder::ask_for(Columns asked) {
  std::vector<std::string> names, asked_names, values;
  for (const auto i : order_) {
    const auto& column = feed_.columns()[i];
    const bool is_asked = (asked >> i & 1) != 0;
    names.push_back(quoted(column.name));
    values.push_back(is_asked ? names.back() : FeedTable::empty(column.kind));
    if (is_asked) asked_names.push_back(names.back());
  }
  auto statement = Statement::prepare(
      database_, fmt::format("INSERT INTO {} ({}) SELECT {} FROM {} WHERE true {}", table_, fmt::join(names, ", "),
                             fmt::join(values, ", "), feed_.name(), tail_(asked_names)));
  if (!statement) return fail_from(statement);
  statement_ = std::move(*statement);
  asked_ = asked;
  return {};
}

Status Feeder::run() {
  used_ |= feed_.used();
  const bool asks_all = (feed_.used() & ~asked_) == 0;
  const bool forgets = ++runs_ >= kRunsToForget;
  if (!asks_all || (forgets && used_ != 0 && used_ != asked_)) {
    if (auto prepared = ask_for(used_); !prepared) return prepared;
  }
  if (forgets) {
    used_ = 0;
    runs_ = 0;
  }
  return statement_->run({});
}

}  // namespace sluice::store::sqlite
