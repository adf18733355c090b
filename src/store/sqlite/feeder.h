// Moves all rows of a feed into a table, with one statement. It asks the feed for no column in which none of them says
// anything: most rows have nothing in half of theirs, and what SQLite does to ask costs more than what it writes.
//
// Thread rule: that of its database, which outlives it; so does the feed. Faults: as store/ledger.h says.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "store/sqlite/database.h"
#include "store/sqlite/feed.h"

namespace sluice::store::sqlite {

class Feeder {
 public:
  // What the statement ends with, in SQL, where it asks for these columns.
  using Tail = std::function<std::string(const std::vector<std::string>& asked)>;
  // Fault: kInvalidConfig: the table has no column for a field.
  static Result<std::unique_ptr<Feeder>> prepare(Database& database, const FeedTable& feed, const std::string& table,
                                                 Tail tail);
  Feeder(const Feeder&) = delete;
  Feeder& operator=(const Feeder&) = delete;

  Status run();

 private:
  using Columns = FeedTable::Columns;

  Feeder(Database& database, const FeedTable& feed, std::string table, Tail tail)
      : database_(database), feed_(feed), table_(std::move(table)), tail_(std::move(tail)) {}
  Status order_columns();
  Status ask_for(Columns asked);

  Database& database_;
  const FeedTable& feed_;
  const std::string table_;
  const Tail tail_;
  std::vector<std::size_t> order_;  // of the feed's columns, as the table has them

  std::unique_ptr<Statement> statement_;
  Columns asked_ = 0;  // by it
  // It follows what the rows have: at once where they have more, now and then where they have less.
  Columns used_ = 0;
  int runs_ = 0;
};

}  // namespace sluice::store::sqlite
