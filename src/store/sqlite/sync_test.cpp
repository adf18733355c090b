// When the ledger's database is brought to the disk: SQLite's own way to its files, with syncs counted and made to
// fail.
#include <sqlite3.h>

#include <filesystem>

#include "store/rows_test.h"
#include "store/sqlite/sqlite_fixture_test.h"

namespace sluice::store::sync_test {
namespace {

// One at a time; databases are opened and closed while it is there.
class WatchedDisk {
 public:
  WatchedDisk() : own_(*system_) {
    own_.zName = "watched";
    own_.xOpen = &open;
    log_syncs = table_syncs = 0;
    log_fails = false;
    ::sqlite3_vfs_register(&own_, 1);
  }
  ~WatchedDisk() {
    ::sqlite3_vfs_unregister(&own_);
    ::sqlite3_vfs_register(system_, 1);
  }
  WatchedDisk(const WatchedDisk&) = delete;
  WatchedDisk& operator=(const WatchedDisk&) = delete;

  static inline int log_syncs = 0, table_syncs = 0;
  static inline bool log_fails = false;

 private:
  static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* opened) {
    const int code = system_->xOpen(system_, name, file, flags, opened);
    const bool is_log = (flags & SQLITE_OPEN_WAL) != 0;
    if (code != SQLITE_OK || (!is_log && (flags & SQLITE_OPEN_MAIN_DB) == 0)) return code;
    auto& methods = is_log ? log_ : table_;
    methods = *file->pMethods;
    sync_ = methods.xSync;
    methods.xSync = is_log ? &sync_log : &sync_table;
    file->pMethods = &methods;
    return code;
  }
  static int sync_log(sqlite3_file* file, int flags) {
    ++log_syncs;
    return log_fails ? SQLITE_IOERR_FSYNC : sync_(file, flags);
  }
  static int sync_table(sqlite3_file* file, int flags) {
    ++table_syncs;
    return sync_(file, flags);
  }

  static inline sqlite3_vfs* system_ = ::sqlite3_vfs_find(nullptr);
  static inline sqlite3_io_methods log_{}, table_{};
  static inline int (*sync_)(sqlite3_file*, int) = nullptr;
  sqlite3_vfs own_;
};

class SqliteSyncTest : public SqliteLedgerTest {
 protected:
  void insert(std::int64_t number) {
    const auto row = small_row(number, number);
    ASSERT_TRUE(ledger_->insert(views_of({&row, 1}), {1, 2, 3}));
  }

  WatchedDisk disk_;
  std::unique_ptr<SqliteLedger> ledger_ = open();
};

TEST_F(SqliteSyncTest, WhatIsInsertedIsOnTheDiskWhenItIsSynced) {
  insert(1);
  const int before = WatchedDisk::log_syncs;
  for (int i = 2; i < 20; ++i) insert(i);
  EXPECT_EQ(WatchedDisk::log_syncs, before);
  ASSERT_TRUE(ledger_->sync());
  EXPECT_EQ(WatchedDisk::log_syncs, before + 1);
}

TEST_F(SqliteSyncTest, ACorrectionIsOnTheDiskWhenItIsMade) {
  insert(1);
  const int before = WatchedDisk::log_syncs;
  const Correction corrections[] = {{small_row(1, 1).id, 0, 7'000, "new"}};
  ASSERT_EQ(*ledger_->correct(corrections, 1), 1U);
  EXPECT_EQ(WatchedDisk::log_syncs, before + 1);
}

// The system says once that a sync failed, and may have forgotten what it was about.
TEST_F(SqliteSyncTest, AfterASyncThatFailedAllGoesToTheDatabaseItself) {
  insert(1);
  WatchedDisk::log_fails = true;
  const auto failed = ledger_->sync();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, FaultKind::kOverloaded);
  EXPECT_FALSE(ledger_->sync());
  WatchedDisk::log_fails = false;
  const int before = WatchedDisk::table_syncs;
  ASSERT_TRUE(ledger_->sync());
  EXPECT_GT(WatchedDisk::table_syncs, before);
  ASSERT_TRUE(ledger_->sync());
  EXPECT_EQ(WatchedDisk::table_syncs, before + 1);
}

TEST_F(SqliteSyncTest, NorIsAProcessBelievedThatWasThereBefore) {
  insert(1);
  ASSERT_TRUE(ledger_->sync());
  insert(2);
  WatchedDisk::log_fails = true;
  EXPECT_FALSE(ledger_->sync());
  WatchedDisk::log_fails = false;
  const auto other = open();  // SQLite's log stays, as when the process is killed
  ledger_.reset();
  ledger_ = open();
  const int before = WatchedDisk::table_syncs;
  ASSERT_TRUE(ledger_->sync());
  EXPECT_EQ(WatchedDisk::table_syncs, before + 1);
}

// SQLite itself would say nothing of it.
TEST_F(SqliteSyncTest, ACheckpointThatCouldNotSyncIsMadeAgain) {
  insert(1);
  WatchedDisk::log_fails = true;
  const int tried = WatchedDisk::log_syncs;
  std::int64_t number = 1;
  while (WatchedDisk::log_syncs == tried && number < 100'000) {
    std::vector<ExchangeRow> rows;
    for (int i = 0; i < 1000; ++i, ++number) rows.push_back(small_row(number, number));
    ASSERT_TRUE(ledger_->insert(views_of(rows), {1, 2, 3}));
  }
  WatchedDisk::log_fails = false;
  const int before = WatchedDisk::table_syncs;
  ASSERT_TRUE(ledger_->sync());
  EXPECT_GT(WatchedDisk::table_syncs, before);
}

// Else the journal would be removed behind rows that nobody can ever read.
TEST_F(SqliteSyncTest, ADatabaseThatIsNotAtItsPathAnyMoreIsNotSynced) {
  insert(1);
  ASSERT_TRUE(ledger_->sync());
  std::filesystem::rename(file_, file_ + ".old");
  const auto removed = ledger_->sync();
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().kind, FaultKind::kOverloaded);
  EXPECT_EQ(removed.error().retry, Retry::kSame);
  EXPECT_NE(removed.error().told.find("'" + file_ + "' was removed, moved or replaced"), std::string::npos);
  std::filesystem::rename(file_ + ".old", file_);
  EXPECT_TRUE(ledger_->sync());
}

}  // namespace
}  // namespace sluice::store::sync_test
