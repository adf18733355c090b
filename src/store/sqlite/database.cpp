#include "store/sqlite/database.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <thread>

#include "base/log.h"

namespace sluice::store::sqlite {

namespace {

// The row itself is at fault: another try with it ends the same way.
bool is_final(int code) {
  return code == SQLITE_CONSTRAINT || code == SQLITE_MISMATCH || code == SQLITE_TOOBIG;
}

Failure fault_of(int code, const char* words) {
  Fault fault{
      .kind = FaultKind::kOverloaded, .told = "The ledger's database cannot do this now.", .retry = Retry::kSame};
  fault.detail = words;
  if (is_final(code & 0xff))
    fault = {.kind = FaultKind::kInternal, .told = "The ledger's database refuses this.", .detail = words};
  return fail(std::move(fault));
}

// SQLite makes its files with the rights of the first one. A file that is there is not opened: closing it again would
// end the locks that other connections of this process hold on it (POSIX), and another program could take the database
// for its own and remove the log under them.
void make_private(const std::string& path) {
  int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor >= 0) ::close(descriptor);
}

}  // namespace

Result<std::unique_ptr<Database>> Database::open(const std::string& path) {
  make_private(path);
  // FULL: a commit is on the disk when it returns.
  return open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
              "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;"
              "PRAGMA cache_size = -16000; PRAGMA journal_size_limit = 67108864;");
}

Result<std::unique_ptr<Database>> Database::open_to_read(const std::string& path) {
  return open(path, SQLITE_OPEN_READONLY, "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000;");
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path, int flags, const char* settings) {
  // Nobody asks SQLite how much memory it has, and counting it takes a lock for every piece.
  static const int uncounted = ::sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  if (uncounted != SQLITE_OK) log::write(log::Level::kDebug, "SQLite counts its memory");
  sqlite3* raw = nullptr;
  int code = ::sqlite3_open_v2(path.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  if (code != SQLITE_OK) {
    auto fault = fault_of(code, ::sqlite3_errstr(code)).error();
    fault.told = "Cannot open the database '" + path + "': " + ::sqlite3_errstr(code) + ".";
    ::sqlite3_close_v2(raw);
    return fail(std::move(fault));
  }
  std::unique_ptr<Database> database(new Database(raw));
  ::sqlite3_busy_timeout(raw, static_cast<int>(kBusyLimit.count()));
  // Where several begin at once, only one can make it WAL, and SQLite does not wait for that one.
  auto set = database->run(settings);
  for (const auto until = now() + kBusyLimit; !set && (::sqlite3_errcode(raw) & 0xff) == SQLITE_BUSY && now() < until;
       set = database->run(settings)) {
    std::this_thread::sleep_for(Ms(10));
  }
  if (!set) return fail_from(set);
  return database;
}

Database::~Database() {
  ::sqlite3_close_v2(raw_);
}

Status Database::run(const char* sql) {
  if (::sqlite3_exec(raw_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return failure();
  return {};
}

Status Database::end(Status done) {
  if (done) done = run("COMMIT");
  if (done) return done;
  if (auto undone = run("ROLLBACK"); !undone) done.error().detail += " " + undone.error().told;
  return done;
}

Status Database::sync_when_asked() {
  ::sqlite3_wal_hook(raw_, &checkpoint, this);
  return run("PRAGMA synchronous = NORMAL");
}

// As SQLite does by itself, which would not say that it could not sync the log, and the log's next sync may not either.
int Database::checkpoint(void* self, sqlite3* raw, const char* name, int pages) {
  constexpr int kManyPages = 1000;
  if (pages < kManyPages) return SQLITE_OK;
  const int code = ::sqlite3_wal_checkpoint_v2(raw, name, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY) static_cast<Database*>(self)->unsure_ = true;
  return SQLITE_OK;
}

// The system keeps a file without a name for those who have it open, and takes all that they write.
Status Database::check_in_place() {
  int moved = 0;
  const int code = ::sqlite3_file_control(raw_, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  if (code != SQLITE_OK) return fault_of(code, ::sqlite3_errstr(code));
  if (moved == 0) return {};
  auto fault = fault_of(SQLITE_READONLY_DBMOVED, ::sqlite3_errstr(SQLITE_READONLY_DBMOVED)).error();
  fault.told = fmt::format(
      "The database '{}' was removed, moved or replaced while it was in use. Start Sluice again: what waits in the "
      "journal goes to the one that is there then.",
      ::sqlite3_db_filename(raw_, "main"));
  return fail(std::move(fault));
}

// What a failed sync left on the disk is not known, and a second one would not say: then all goes from the log to the
// database, which is synced.
Status Database::sync() {
  if (auto in_place = check_in_place(); !in_place) return in_place;
  if (unsure_) {
    const int moved = ::sqlite3_wal_checkpoint_v2(raw_, "main", SQLITE_CHECKPOINT_FULL, nullptr, nullptr);
    unsure_ = moved != SQLITE_OK;
    return unsure_ ? fault_of(moved, ::sqlite3_errstr(moved)) : Status();
  }
  sqlite3_file* log = nullptr;
  const int code = ::sqlite3_file_control(raw_, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  if (code != SQLITE_OK) return fault_of(code, ::sqlite3_errstr(code));
  if (!log || !log->pMethods) return {};  // nothing was written yet
  const int synced = log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
  unsure_ = synced != SQLITE_OK;
  return unsure_ ? fault_of(synced, ::sqlite3_errstr(synced)) : Status();
}

std::int64_t Database::changes() const {
  return ::sqlite3_changes64(raw_);
}

Failure Database::failure() const {
  return fault_of(::sqlite3_errcode(raw_), ::sqlite3_errmsg(raw_));
}

std::int64_t Row::number(int column) const {
  return ::sqlite3_column_int64(raw_, column);
}

std::string_view Row::view(int column) const {
  // First, for most texts of a row are empty; either call makes UTF-8 of it.
  const int size = ::sqlite3_column_bytes(raw_, column);
  if (size == 0) return "";
  const auto* text = reinterpret_cast<const char*>(::sqlite3_column_text(raw_, column));
  return text ? std::string_view(text, static_cast<std::size_t>(size)) : "";
}

Result<std::unique_ptr<Statement>> Statement::prepare(Database& database, const std::string& sql) {
  sqlite3_stmt* raw = nullptr;
  int code = ::sqlite3_prepare_v3(database.raw(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                  &raw, nullptr);
  if (code != SQLITE_OK) return database.failure();
  return std::unique_ptr<Statement>(new Statement(database, raw));
}

Statement::~Statement() {
  ::sqlite3_finalize(raw_);
}

// Texts are not copied: they live until run() ends.
void Statement::bind(std::span<const Value> values) {
  int index = 0;
  for (const auto& value : values) {
    ++index;
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      ::sqlite3_bind_int64(raw_, index, *number);
    } else if (const auto* text = std::get_if<std::string_view>(&value)) {
      ::sqlite3_bind_text64(raw_, index, text->empty() ? "" : text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
    } else {
      ::sqlite3_bind_null(raw_, index);
    }
  }
}

Status Statement::run(std::span<const Value> values, const std::function<void(const Row&)>& each) {
  bind(values);
  Status status;
  while (true) {
    int code = ::sqlite3_step(raw_);
    if (code == SQLITE_DONE) break;
    if (code != SQLITE_ROW) {
      status = database_.failure();
      break;
    }
    if (each) each(Row(raw_));
  }
  ::sqlite3_reset(raw_);
  ::sqlite3_clear_bindings(raw_);
  return status;
}

}  // namespace sluice::store::sqlite
