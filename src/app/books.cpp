#include "app/books.h"

#include <algorithm>
#include <filesystem>

#include "admin/roster.h"
#include "app/data_lock.h"
#include "app/key_secret.h"
#include "app/waiting_rows.h"
#include "base/log.h"
#include "store/kept_head.h"
#include "store/sqlite/sqlite_directory.h"
#include "store/sqlite/sqlite_ledger.h"

namespace sluice::app {

namespace {

// Room comes back a segment at a time, when the store has all of it: they are small where the spool is.
constexpr std::uint64_t kLargestSegment = 16 << 20, kSegments = 8;

constexpr Ms kFlush{2'000};  // how long the journal's disk may take for what waits in memory

journal::Sync sync_of(std::string_view word) {
  if (word == "write") return journal::Sync::kWrite;
  return word == "always" ? journal::Sync::kAlways : journal::Sync::kInterval;
}

// A counter that follows a number which only grows.
void raise(Counter& counter, std::uint64_t to) {
  if (to > counter.value()) counter.add(to - counter.value());
}

}  // namespace

Result<std::unique_ptr<Books>> Books::open(const std::string& directory, const Config& config) {
  if (auto made = make_data_directory(directory); !made) return fail_from(made);
  std::unique_ptr<Books> books(new Books());
  const std::string journal = directory + "/journal";
  auto writer = journal::Writer::open({.directory = journal,
                                       .sync = sync_of(config.ledger_sync),
                                       .segment_bytes = std::min(kLargestSegment, config.ledger_spool / kSegments),
                                       .spool_bytes = config.ledger_spool});
  if (!writer) return fail_from(writer);
  books->journal_ = std::move(*writer);
  auto ledger = store::SqliteLedger::open(directory + "/sluice.db");
  if (!ledger) return fail_from(ledger);
  books->ledger_ = std::move(*ledger);
  auto directory_of_callers = store::SqliteDirectory::open(directory + "/sluice.db");
  if (!directory_of_callers) return fail_from(directory_of_callers);
  books->directory_ = std::move(*directory_of_callers);
  std::error_code error;
  if (!std::filesystem::exists(directory + "/key_secret", error)) {
    if (auto unkeyed = admin::Roster::check_unkeyed(*books->directory_); !unkeyed) return fail_from(unkeyed);
  }
  auto secret = app::key_secret(directory);
  if (!secret) return fail_from(secret);
  books->key_secret_ = std::move(*secret);
  books->path_ = directory;
  if (auto checked = store::check_kept_head(*books->directory_, books->audit_head()); !checked)
    log::write(log::Level::kError, "nobody could look whether the audit log is whole", checked.error());
  books->ingest_ = std::make_unique<store::Ingest>(
      *books->ledger_,
      store::IngestOptions{.directory = journal, .writer = books->journal_.get(), .keep = config.ledger_retention});
  return books;
}

Status Books::each_waiting(std::uint64_t last, const VisitRow& visit) {
  if (!journal_->flush(kFlush)) {
    return fail(Fault{.kind = FaultKind::kOverloaded,
                      .told = "The journal's disk does not write what waits for it.",
                      .retry = Retry::kSame});
  }
  return app::each_waiting(*ledger_, {.directory = path_ + "/journal", .writer = journal_.get(), .last = last}, visit);
}

Status Books::each_waiting(const VisitRow& visit) {
  auto held = hold_ledger();
  return each_waiting(journal_->last(), visit);
}

LedgerMetrics::LedgerMetrics(Metrics& metrics)
    : rows_(metrics.counter("sluice_ledger_rows",
                            "Rows of the ledger: written to the journal, moved to the store, removed after their time.",
                            {"state"})),
      lost_(metrics.counter("sluice_ledger_lost",
                            "Rows that are not in the ledger, by why. More than none is an alarm.", {"reason"})),
      failures_(metrics.counter("sluice_ledger_failures", "Tries to write that failed; they are repeated.", {"of"})),
      late_(metrics.counter("sluice_ledger_late", "Answers that went out before their row was written.", {}).find({})),
      bytes_(metrics.gauge("sluice_ledger_waiting_bytes", "What waits for the journal's disk, and for the store.",
                           {"where"})),
      lag_(metrics
               .gauge("sluice_ledger_lag_seconds", "How long the row that waits for the store longest has waited.", {})
               .find({})),
      broken_(metrics
                  .gauge("sluice_audit_broken",
                         "1: a start found that the audit log has not the head that was kept. More than none is an "
                         "alarm.",
                         {})
                  .find({})) {}

void LedgerMetrics::refresh(Books& books, std::uint64_t late) {
  std::lock_guard lock(mutex_);
  const auto journal = books.journal().stats();
  const auto moved = books.moved();
  raise(rows_.find({"journaled"}), journal.written);
  raise(rows_.find({"stored"}), moved.rows);
  raise(rows_.find({"removed"}), moved.removed);
  raise(lost_.find({"no_room"}), journal.lost_low + journal.lost_high);
  raise(lost_.find({"damaged"}), moved.missing);
  raise(lost_.find({"refused"}), moved.refused);
  raise(lost_.find({"unreadable"}), moved.unreadable);
  raise(failures_.find({"journal"}), journal.failures + journal.sync_failures);
  raise(failures_.find({"store"}), moved.failures);
  raise(late_, late);
  bytes_.find({"memory"}).set(static_cast<std::int64_t>(journal.queued_bytes));
  bytes_.find({"spool"}).set(static_cast<std::int64_t>(journal.spool_bytes));
  constexpr std::int64_t kSecond = 1'000'000;
  std::error_code error;
  broken_.set(std::filesystem::exists(store::lost_heads_file(books.audit_head()), error) ? 1 : 0);
  lag_.set((moved.lag_us + kSecond - 1) / kSecond);
}

}  // namespace sluice::app
