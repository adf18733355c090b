// A connection to a SQLite database, and statements prepared on it.
//
// Thread rule: one thread at a time. Lifetime: statements end before their database. Every call may wait for the disk,
// and for other writers up to kBusyLimit. Faults: as store/ledger.h says.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace sluice::store::sqlite {

inline constexpr Ms kBusyLimit{1000};

class Database {
 public:
  // Makes the file where it is not there, readable by its owner alone.
  static Result<std::unique_ptr<Database>> open(const std::string& path);
  // One that is there, without changing it.
  static Result<std::unique_ptr<Database>> open_to_read(const std::string& path);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  Status run(const char* sql);  // any number of statements without parameters
  Status end(Status done);      // of a transaction: commits what went well, else takes it back
  // Commits are written to SQLite's log from now on, and are on the disk only after sync(); until then they stay whole
  // or are gone when the machine ends. Nothing is synced where the file is not the one at its path any more.
  Status sync_when_asked();
  Status sync();
  std::int64_t changes() const;  // rows the last statement changed
  sqlite3* raw() const { return raw_; }
  Failure failure() const;  // of the last call that failed

 private:
  explicit Database(sqlite3* raw) : raw_(raw) {}
  static Result<std::unique_ptr<Database>> open(const std::string& path, int flags, const char* settings);
  Status check_in_place();
  static int checkpoint(void* self, sqlite3* raw, const char* name, int pages);
  sqlite3* raw_;
  // A sync failed, be it of a checkpoint; of the process before nobody knows.
  bool unsure_ = true;
};

using Value = std::variant<std::monostate, std::int64_t, std::string_view>;

// The row a statement stands on; columns count from 0.
class Row {
 public:
  explicit Row(sqlite3_stmt* raw) : raw_(raw) {}
  std::int64_t number(int column) const;
  std::string text(int column) const { return std::string(view(column)); }
  std::string_view view(int column) const;  // until the next row

 private:
  sqlite3_stmt* raw_;
};

class Statement {
 public:
  // `sql` is ours, never made from what a request says.
  static Result<std::unique_ptr<Statement>> prepare(Database& database, const std::string& sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // Runs it with these values, to its end; `each` sees every row.
  Status run(std::span<const Value> values, const std::function<void(const Row&)>& each = {});

 private:
  Statement(Database& database, sqlite3_stmt* raw) : database_(database), raw_(raw) {}
  void bind(std::span<const Value> values);

  Database& database_;
  sqlite3_stmt* raw_;
};

}  // namespace sluice::store::sqlite
