// What the gateway writes down, in its data directory: the journal, which no answered request is missing from
// (journal/), the ledger it is moved to (sluice.db), and who moves it. What has not been moved at the end is at the
// next start. Beside them the directory of callers (sluice.db), what their keys are hashed with (key_secret), and the
// head of the audit log (audit_head).
//
// Thread rule: open() and the destructor wait for the disk; the rest from any thread. Ownership: the command that
// serves; it outlives the Runtime. One process a directory.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "app/config.h"
#include "base/journal/writer.h"
#include "base/metrics.h"
#include "base/secret.h"
#include "store/directory.h"
#include "store/ingest.h"
#include "store/ledger.h"

namespace sluice::app {

class Books {
 public:
  using VisitRow = std::function<void(const store::ExchangeRow& row, std::uint64_t number)>;

  // Makes the directory where it is not there. Faults: kInvalidConfig: what is there cannot be used, or another process
  // uses it; kOverloaded: the disk.
  static Result<std::unique_ptr<Books>> open(const std::string& directory, const Config& config);
  Books(const Books&) = delete;
  Books& operator=(const Books&) = delete;

  journal::Writer& journal() { return *journal_; }
  store::Ledger& ledger() { return *ledger_; }
  store::Directory& directory() { return *directory_; }
  const Secret& key_secret() const { return key_secret_; }
  std::string audit_head() const { return path_ + "/audit_head"; }
  // While it is held the ledger gets no rows from the journal.
  std::unique_lock<std::mutex> hold_ledger() { return ingest_->hold(); }
  // The rows of the journal behind what the ledger has, up to the one of that number, in order. With the ledger held.
  // Faults: the ledger's and the journal's; kOverloaded: the disk has not written them in time.
  Status each_waiting(std::uint64_t last, const VisitRow& visit);
  // The same with all of them; holds the ledger meanwhile.
  Status each_waiting(const VisitRow& visit);
  // Waits until the ledger has all that is in the journal; false: not within the limit.
  bool settle(Ms limit) { return ingest_->drain(limit); }
  store::Ingest::Stats moved() const { return ingest_->stats(); }

  // Those who append are gone: writes what waits in memory.
  void close() { journal_->close(); }

 private:
  Books() = default;

  std::string path_;
  Secret key_secret_;
  std::unique_ptr<store::Ledger> ledger_;
  std::unique_ptr<store::Directory> directory_;
  std::unique_ptr<journal::Writer> journal_;
  std::unique_ptr<store::Ingest> ingest_;
};

// How the ledger and the audit log fare, as metrics.
class LedgerMetrics {
 public:
  explicit LedgerMetrics(Metrics& metrics);
  // `late`: answers that went out before their row was written, since the start. Any thread.
  void refresh(Books& books, std::uint64_t late);

 private:
  std::mutex mutex_;
  Metrics::Family<Counter>& rows_;      // state
  Metrics::Family<Counter>& lost_;      // reason
  Metrics::Family<Counter>& failures_;  // of
  Counter& late_;
  Metrics::Family<Gauge>& bytes_;  // of
  Gauge& lag_;
  Gauge& broken_;
};

}  // namespace sluice::app
