// A circuit breaker: stops sending to what keeps failing, tries again carefully, and stays away longer each time it
// fails again.
//
// Closed: calls pass and their outcomes are counted. Open: none pass until the cool-down is over. Half open: a few
// probes pass at a time; when enough of them succeed it closes, when one fails it opens for twice as long. An
// administrator can hold it open or closed. What is no failure of the other side (a client's mistake, our own limits)
// is not counted, nor is what became of a call that began before the state changed.
//
// Thread rule: shared by all loops; atomics, no lock. All times are given, so tests need no clock.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "provider/health/call_window.h"

namespace sluice::provider {

struct BreakerPolicy {
  std::uint32_t consecutive = 5;       // failures in a row that open it; 0: never by this
  std::uint32_t failure_percent = 50;  // of the calls in the window, at least `least_calls`; 0: never by this
  std::uint32_t slow_percent = 0;      // of the calls in the window slower than `slow_after`; 0: never by this
  Ms slow_after{30'000};               // to the first piece of the answer; a probe this old no longer takes a place
  std::uint32_t least_calls = 20;
  Ms window{30'000};    // at most a minute
  Ms cool_down{5'000};  // doubles with each opening without a success between
  Ms max_cool_down{120'000};
  std::uint32_t probes = 1;  // at a time while half open, at most 15; as many must succeed to close it
};

class Breaker {
 public:
  enum class State { kClosed, kOpen, kHalfOpen };
  enum class Hold { kNone, kOpen, kClosed, kDrained };  // by an administrator; drained: nothing new, no failure meant
  // Served, but slower than slow_after; that is a failure only where slow_percent is set.
  enum class Outcome { kServed, kSlow, kFailed, kNotCounted };
  // What a call that may pass is given, and gives back: which state it came in by.
  struct Pass {
    std::uint32_t era = 0;  // counts the changes of state
    bool probe = false;
  };

  // Where it stands without a policy: open until a probe is let in. Not of a breaker that is held.
  State phase() const;
  State state(const BreakerPolicy& policy, Instant at) const;
  // Would enter() succeed? For choosing among several.
  bool admits(const BreakerPolicy& policy, Instant at) const;
  // Nothing: the call may not pass. After a pass follows exactly one leave() with it.
  std::optional<Pass> enter(const BreakerPolicy& policy, Instant at);
  // The same though it is open: where there is nothing better to try. Nothing only where an administrator said so.
  std::optional<Pass> enter_anyway(const BreakerPolicy& policy, Instant at);
  void leave(const BreakerPolicy& policy, Pass pass, Outcome outcome, Instant at);

  // By what a probe of our own found, beside the calls that pass. Opens it, or begins its cool-down anew.
  void trip(Instant at);
  // Closes it, where the probe asked for what calls ask for; else lets the next call be the probe. Not while it is
  // held.
  enum class Proof { kWhole, kPart };
  void recover(Proof proof, Instant at);

  Ms remaining(const BreakerPolicy& policy, Instant at) const;  // of the cool-down; zero unless open
  std::uint64_t openings() const { return openings_.load(std::memory_order_relaxed); }  // so far
  Hold held() const { return hold_.load(std::memory_order_relaxed); }
  // While held nothing is counted. kNone: it is closed, and what was before is forgotten.
  void hold(Hold hold);

 private:
  void leave_closed(const BreakerPolicy& policy, std::uint64_t word, Outcome outcome, std::uint64_t at_ms);
  void leave_probing(const BreakerPolicy& policy, Pass pass, Outcome outcome, std::uint64_t at_ms);
  bool too_many(const BreakerPolicy& policy, std::uint64_t at_ms) const;
  void forget();

  // Phase, era, probes, growth and time of the last change, in one word: see breaker.cpp.
  std::atomic<std::uint64_t> word_{0};
  std::atomic<std::uint32_t> failures_in_row_{0};
  std::atomic<Hold> hold_{Hold::kNone};
  std::atomic<std::uint64_t> openings_{0};
  CallWindow window_;
};

std::string_view name(Breaker::State state);  // "closed", "open", "half_open"
std::string_view name(Breaker::Hold hold);    // "none", "open", "closed", "drained"

}  // namespace sluice::provider
