// The ledger's journal as the exchanges of one loop see it: append a record, go on when it is written.
//
// A disk that is slow must not become an outage: nobody waits longer than `patience`, and once somebody has waited in
// vain nobody waits until the disk writes again. The records stay in the journal's buffer meanwhile.
//
// Thread rule: the loop's thread, but for the writer's own call. Lifetime: the loop outlives it, it outlives the
// Writer; no append() is awaited when it ends.
#pragma once

#include <atomic>
#include <coroutine>
#include <deque>
#include <string_view>

#include "base/journal/writer.h"
#include "net/loop.h"

namespace sluice {

class LoopJournal {
 public:
  LoopJournal(net::Loop& loop, journal::Writer& writer, Ms patience);
  LoopJournal(const LoopJournal&) = delete;
  LoopJournal& operator=(const LoopJournal&) = delete;

  // co_await append(record): the record is written, or waited for long enough, or lost (which the Writer counts). Its
  // number; 0: it is lost.
  auto append(std::string_view record, journal::Priority priority = journal::Priority::kHigh) {
    return Appended{*this, writer_.append(record, priority, &listener_)};
  }

  std::uint64_t late() const { return late_.load(std::memory_order_relaxed); }  // that were not waited for; any thread

 private:
  struct Appended {
    LoopJournal& journal;
    std::uint64_t sequence;  // 0: lost
    bool await_ready() const { return !journal.must_wait(sequence); }
    void await_suspend(std::coroutine_handle<> waiter) { journal.wait(sequence, waiter); }
    std::uint64_t await_resume() const { return sequence; }
  };
  struct Waiter {
    std::uint64_t sequence = 0;
    Instant until;
    std::coroutine_handle<> waiter;
  };

  void hurry_later();
  bool must_wait(std::uint64_t sequence);
  void wait(std::uint64_t sequence, std::coroutine_handle<> waiter);
  void progressed();  // the writer's thread
  void wake();
  void lose_patience();

  net::Loop& loop_;
  journal::Writer& writer_;
  const Ms patience_;
  journal::Listener listener_;
  std::atomic<bool> posted_{false};  // wake() is on its way
  std::atomic<std::uint64_t> late_{0};
  bool hurries_ = false;        // the writer is about to be called
  bool stalled_ = false;        // the disk did not write in time
  std::deque<Waiter> waiters_;  // by sequence, ascending
  net::Timer timer_;            // for the first of them
};

}  // namespace sluice
