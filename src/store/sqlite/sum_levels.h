// Which of the longer spans have sums.
//
// Every batch of rows is added to the sums of the shortest spans. A longer one is added up when it is over, from those
// of the level below: so a batch writes each of its sums once, not once for each level. Rows that come later than that
// are added to the sums of all levels that have them.
//
// Thread rule: that of its database, which outlives it. Faults: as store/ledger.h says.
#pragma once

#include <memory>

#include "store/sqlite/database.h"
#include "store/sums.h"

namespace sluice::store::sqlite {

class SumLevels {
 public:
  // For one that only reads, the statement of until().
  static Result<std::unique_ptr<Statement>> prepare_until(Database& database);
  static Result<Until> until(Statement& prepared);

  static Result<std::unique_ptr<SumLevels>> prepare(Database& database);
  SumLevels(const SumLevels&) = delete;
  SumLevels& operator=(const SumLevels&) = delete;

  Result<Until> until() { return until(*until_); }
  // Adds up the spans that are over when the shortest one is `newest`. `until`: what until() said.
  Status advance(const Until& until, std::int64_t newest);

 private:
  SumLevels() = default;

  std::unique_ptr<Statement> until_, add_up_, keep_;
};

}  // namespace sluice::store::sqlite
