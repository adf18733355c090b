// The timers of a loop: a hashed wheel of 10 ms ticks. Arming and disarming are a few pointer writes; the loop sleeps
// until the next slot that holds a timer. Private to net/*.cpp.
//
// Thread rule: the loop's thread. Source: Varghese & Lauck, "Hashed and Hierarchical Timing Wheels", scheme 6.
#pragma once

#include <array>
#include <chrono>
#include <optional>

#include "net/loop.h"

namespace sluice::net {

class Wheel {
 public:
  Wheel() : began_(now()) {}

  void arm(Timer& timer, Instant due);
  static void disarm(Timer& timer);

  // When to call turn(); nothing: no timer is armed. It may be early, for one that was disarmed.
  std::optional<Instant> next() const;
  // Fires what is due.
  void turn(Instant time);

 private:
  static constexpr std::int64_t kTickMs = 10;
  static constexpr std::size_t kSlots = 512;

  std::int64_t tick_at(Instant time) const;
  void fire(std::int64_t tick);
  void find_next();
  static void link(Timer& timer, Timer*& head);

  Instant began_;
  std::array<Timer*, kSlots> slots_{};
  std::int64_t done_ = 0;   // ticks up to here have fired
  std::int64_t next_ = -1;  // the tick of the next turn; -1: there is none
  Timer* firing_ = nullptr;
};

}  // namespace sluice::net
