#include "store/sqlite/feeder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "store/sqlite/fields.h"

namespace sluice::store::sqlite {

namespace {

constexpr int kRunsToForget = 200;

}  // namespace

Result<std::unique_ptr<Feeder>> Feeder::prepare(Database& database, FeedTable& feed, const std::string& table,
                                                Tail tail) {
  std::unique_ptr<Feeder> feeder(new Feeder(database, feed, table, std::move(tail)));
  if (auto ordered = feeder->order_columns(); !ordered) return fail_from(ordered);
  // The first rows will tell; but what cannot be prepared is to be known now.
  if (auto prepared = feeder->prepare_for({~0ULL, ~0ULL}); !prepared) return fail_from(prepared);
  feeder->prepared_ = {};
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

Status Feeder::prepare_for(const Shape& shape) {
  std::vector<std::string> names, said, values;
  std::vector<std::size_t> bound;
  for (const auto i : order_) {
    const auto& column = feed_.columns()[i];
    const auto& name = names.emplace_back(quoted(column.name));
    if (shape.says_in(i)) said.push_back(name);
    if (shape.varies_in(i)) {
      values.push_back(name);
    } else if (shape.says_in(i)) {
      values.emplace_back("?");
      bound.push_back(i);
    } else {
      values.emplace_back(FeedTable::empty(column.kind));
    }
  }
  auto statement = Statement::prepare(
      database_, fmt::format("INSERT INTO {} ({}) SELECT {} FROM {} WHERE true {}", table_, fmt::join(names, ", "),
                             fmt::join(values, ", "), feed_.name(), tail_(said)));
  if (!statement) return fail_from(statement);
  statement_ = std::move(*statement);
  bound_ = std::move(bound);
  prepared_ = shape;
  return {};
}

Status Feeder::run() {
  if (feed_.items().empty()) return {};
  seen_ = seen_ | feed_.shape();
  const bool fits = (prepared_ | feed_.shape()) == prepared_;
  const bool forgets = ++runs_ >= kRunsToForget;
  if (!fits || (forgets && seen_ != prepared_)) {
    if (auto prepared = prepare_for(seen_); !prepared) return prepared;
  }
  if (forgets) {
    seen_ = {};
    runs_ = 0;
  }
  std::vector<Value> values;
  values.reserve(bound_.size());
  for (const auto column : bound_) values.push_back(feed_.value(feed_.items().front(), column));
  return statement_->run(values);
}

}  // namespace sluice::store::sqlite
