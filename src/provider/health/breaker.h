// A circuit breaker: stops sending to what keeps failing, tries again carefully, and stays away longer each time it
// fails again.
//
// Closed: calls pass and their outcomes are counted. Open: none pass until the cool-down is over. Half open: a few probes
// pass at a time; when enough of them succeed it closes, when one fails it opens for twice as long. An administrator can
// hold it open or closed. What is no failure of the other side (a client's mistake, our own limits) is not counted.
//
// Thread rule: shared by all loops; atomics, no lock. All times are given, so tests need no clock.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "base/clock.h"

namespace sluice::provider {

struct BreakerPolicy {
  std::uint32_t consecutive = 5;     // failures in a row that open it; 0: never by this
  std::uint32_t failure_percent = 50;  // of the calls in the window, at least `least_calls`; 0: never by this
  std::uint32_t slow_percent = 0;    // of the calls in the window slower than `slow_after`; 0: never by this
  Ms slow_after{30'000};             // to the first piece of the answer
  std::uint32_t least_calls = 20;
  Ms window{30'000};
  Ms cool_down{5'000};        // doubles with each opening without a success between
  Ms max_cool_down{120'000};
  std::uint32_t probes = 1;   // at a time while half open; as many must succeed to close it
};

class Breaker {
 public:
  enum class State { kClosed, kOpen, kHalfOpen };
  enum class Hold { kNone, kOpen, kClosed, kDrained };  // by an administrator; drained: nothing new, no failure meant
  enum class Outcome { kServed, kSlow, kFailed, kNotCounted };

  State state(const BreakerPolicy& policy, Instant at) const;
  // Would enter() succeed? For choosing among several.
  bool admits(const BreakerPolicy& policy, Instant at) const;
  // Takes the place of a call. False: it may not pass. After true follows exactly one leave().
  bool enter(const BreakerPolicy& policy, Instant at);
  // The same though it is open: where there is nothing better to try.
  void enter_anyway(Instant at);
  void leave(const BreakerPolicy& policy, Outcome outcome, Instant at);

  Ms remaining(const BreakerPolicy& policy, Instant at) const;  // of the cool-down; zero unless open
  Hold held() const;
  void hold(Hold hold);
};

std::string_view name(Breaker::State state);  // "closed", "open", "half_open"
std::string_view name(Breaker::Hold hold);    // "none", "open", "closed", "drained"

}  // namespace sluice::provider
