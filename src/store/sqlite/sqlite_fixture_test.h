// A SqliteLedger in a folder of its own, and its file, for tests.
//
// Thread rule: the test's thread.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/journal/folder_test.h"
#include "store/sqlite/database.h"
#include "store/sqlite/sqlite_ledger.h"

namespace sluice::store {

// A number of the database itself.
inline std::int64_t asked(const std::string& file, const std::string& query) {
  auto database = sqlite::Database::open_to_read(file);
  auto statement = sqlite::Statement::prepare(**database, query);
  EXPECT_TRUE(statement) << query;
  std::int64_t number = -1;
  if (statement) EXPECT_TRUE((*statement)->run({}, [&](const sqlite::Row& row) { number = row.number(0); }));
  return number;
}

class SqliteLedgerTest : public ::testing::Test {
 protected:
  std::unique_ptr<SqliteLedger> open() {
    auto ledger = SqliteLedger::open(file_);
    EXPECT_TRUE(ledger) << ledger.error().told << ledger.error().detail;
    return ledger ? std::move(*ledger) : nullptr;
  }
  journal::Folder folder_;
  std::string file_ = folder_.file("ledger.db");
};

}  // namespace sluice::store
