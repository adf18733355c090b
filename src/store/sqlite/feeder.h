// Moves all rows of a feed into a table, with one statement. It asks the feed only for columns in which they differ:
// most rows have nothing in half of theirs, much is the same in all rows of a batch, and what SQLite does to ask for a
// value costs more than what it does to write it.
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
  // What the statement ends with, in SQL, where the rows say something in these columns.
  using Tail = std::function<std::string(const std::vector<std::string>& said)>;
  // Fault: kInvalidConfig: the table has no column for a field.
  static Result<std::unique_ptr<Feeder>> prepare(Database& database, FeedTable& feed, const std::string& table,
                                                 Tail tail);
  Feeder(const Feeder&) = delete;
  Feeder& operator=(const Feeder&) = delete;

  Status run();

 private:
  using Shape = FeedTable::Shape;

  Feeder(Database& database, FeedTable& feed, std::string table, Tail tail)
      : database_(database), feed_(feed), table_(std::move(table)), tail_(std::move(tail)) {}
  Status order_columns();
  Status prepare_for(const Shape& shape);

  Database& database_;
  FeedTable& feed_;
  const std::string table_;
  const Tail tail_;
  std::vector<std::size_t> order_;  // of the feed's columns, as the table has them

  std::unique_ptr<Statement> statement_;
  Shape prepared_;                  // for rows like this or simpler
  std::vector<std::size_t> bound_;  // the columns that are its parameters
  // It follows what the rows are: at once where they need more, now and then where they need less.
  Shape seen_;
  int runs_ = 0;
};

}  // namespace sluice::store::sqlite
