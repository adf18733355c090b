// What happened at a simulator: its counters and, when asked for, one entry a request.
//
// Thread rule: any thread. Counters are atomics; the ledger is behind a mutex. Limits: the oldest entries go when there
// are more than kMostEntries, or when their bodies hold more than kMostBytes.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>

#include "http/message.h"

namespace sluice::sim {

enum class Outcome {
  kOpen,  // still going on
  kCompleted,
  kAborted,  // the peer closed before the answer was complete
  kBroken,   // the simulator broke it off, as it was told to
};

struct Counters {
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::int64_t> in_flight{0};
  std::atomic<std::uint64_t> completed{0};
  std::atomic<std::uint64_t> aborted{0};
  std::atomic<std::uint64_t> broken{0};
  std::atomic<std::int64_t> last_abort_us{0};  // wall clock; 0: none yet
  std::atomic<std::uint64_t> epoch{0};         // requests of an earlier one are not counted any more

  std::atomic<std::uint64_t>& of(Outcome outcome);
  void clear();  // all but in_flight
};

struct LedgerEntry {
  std::string id;
  http::RequestHead head;
  std::string body;
  std::string model;
  bool stream = false;
  int status = 0;             // 0: no answer was begun
  std::string usage;          // JSON text; empty: null
  std::string told;           // the body of the answer; of a stream: the same answer as a whole
  std::int64_t began_us = 0;  // wall clock
  std::int64_t ended_us = 0;
  Outcome outcome = Outcome::kOpen;
  std::uint64_t events_sent = 0;
  std::uint64_t bytes_sent = 0;
};

class Ledger {
 public:
  static constexpr std::size_t kMostEntries = 100'000;
  static constexpr std::size_t kMostBytes = 256 << 20;

  void add(LedgerEntry entry);
  void amend(std::string_view id, Outcome outcome);  // of a recent entry
  void clear();
  std::string json() const;  // a list, oldest first

 private:
  mutable std::mutex mutex_;
  std::deque<LedgerEntry> entries_;
  std::size_t bytes_ = 0;
};

}  // namespace sluice::sim
