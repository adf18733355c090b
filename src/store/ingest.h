// Moves records from the journal into a store, in its own time: the store may be slow, locked or away for hours, and
// what waits for it waits on the disk. Each record arrives once: its position is kept in the store, with the rows.
//
// It also removes from the store what was kept long enough, a few rows at a time in between.
//
// What the store refuses for ever, and what is no row, is counted, told and passed over.
//
// Two threads of its own take turns: one that works where nobody else wants the processor, and one that takes its share
// of it when the first has fallen behind, so that the books are late but never more and more.
//
// Thread rule: drain(), hold(), stats() from any thread. Lifetime: the ledger and the journal's Writer outlive it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/journal/reader.h"
#include "store/ledger.h"

namespace sluice::store {

struct IngestOptions {
  std::string directory;                    // the journal's
  const journal::Writer* writer = nullptr;  // the journal's; null: nobody writes it
  Ms look_every{250};                       // when there was nothing more: rows come cheaper together
  Ms sync_every{1000};                      // the store, while there is more; the journal is removed behind that
  Ms first_pause{100}, most_pause{5000};    // between tries when the store fails
  std::size_t batch_rows = 4000;
  std::size_t batch_bytes = 4 << 20;
  Ms keep{0};                     // rows that arrived longer ago are removed; their sums stay. 0: all are kept
  Ms remove_every{60'000};        // when none was left to remove
  std::size_t remove_rows = 500;  // at once: so many hold up what is inserted
};

class Ingest {
 public:
  struct Stats {
    std::uint64_t rows = 0;        // given to the store, those it had already included
    std::uint64_t failures = 0;    // batches the store did not take, tries counted
    std::uint64_t refused = 0;     // rows it will never take
    std::uint64_t unreadable = 0;  // records that are no rows
    std::uint64_t removed = 0;     // rows that were kept long enough
    std::uint64_t missing = 0;     // records that damage of the journal has cost
    std::uint64_t damaged = 0;     // bytes of it
    std::int64_t lag_us = 0;       // how long ago the first row that waits arrived; 0: none waits
  };

  Ingest(Ledger& ledger, IngestOptions options);
  ~Ingest();  // ends at once; what is left waits in the journal
  Ingest(const Ingest&) = delete;
  Ingest& operator=(const Ingest&) = delete;

  // Waits until all that is in the journal now is in the store; false: it was not within the limit.
  bool drain(Ms limit);
  // While it is held no row is given to the store: what the store says of rows and its position is one state. Rows
  // behind that position may be there already, options.batch_rows at most.
  std::unique_lock<std::mutex> hold() { return std::unique_lock(inserting_); }
  Stats stats() const;

 private:
  enum class End { kMovedAll, kMoved, kNothing, kFailed };

  enum class Turn { kInPassing, kHurrying };
  using Records = journal::Reader::Records;
  using Rows = std::span<const ExchangeView>;

  void work(Turn mine);
  bool wait_for(Turn mine);
  Turn turn_after(Turn mine, End end) const;
  bool begin();
  End pass(std::size_t most);
  bool is_full(Records records, std::size_t most) const;
  Status give(Rows rows, const journal::Position& position);
  bool insert(Rows rows, const journal::Position& position);
  bool insert_halves(Rows rows, const journal::Position& position);
  bool insert_each(Rows rows, const journal::Position& position);
  Rows rows_in(Records records);
  void complain(std::string_view what, const Fault& fault);
  void count_losses();
  void sync(End end);
  bool remove_old();
  bool rest();
  bool wait(Ms limit);

  Ledger& ledger_;
  const IngestOptions options_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  int hurried_ = 0;                // drain()s that wait
  std::uint64_t idle_passes_ = 0;  // that found nothing to do
  Turn turn_ = Turn::kInPassing;   // whose

  std::atomic<std::uint64_t> rows_{0}, failures_{0}, refused_{0}, unreadable_{0}, removed_{0}, missing_{0}, damaged_{0};
  std::atomic<std::int64_t> waiting_since_us_{0};  // 0: nothing waits

  std::mutex inserting_;

  // Of the thread whose turn it is.
  std::unique_ptr<journal::Reader> reader_;
  std::vector<ExchangeView> made_;  // rows_in(): used again for the memory of what they hold; views of reader_'s bytes
  journal::Position stored_;        // what the store has
  bool unsynced_ = true;            // it may not be on its disk
  std::uint64_t removed_to_ = 0;    // the segment before which there is none
  Instant next_sync_{};
  Instant last_complaint_{};
  Instant next_removal_{};

  std::jthread passing_, hurrying_;  // last: joined before the rest goes
};

}  // namespace sluice::store
