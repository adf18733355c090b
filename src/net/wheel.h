// The timers of a loop: a hashed wheel of 10 ms ticks. Arming and disarming are a few pointer writes; the one Asio
// timer under it sleeps until the next slot that holds a timer. Private to net/*.cpp.
//
// Thread rule: the loop's thread. Source: Varghese & Lauck, "Hashed and Hierarchical Timing Wheels", scheme 6.
#pragma once

#include <array>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>

#include "net/loop.h"

namespace sluice::net {

class Wheel {
 public:
  explicit Wheel(boost::asio::io_context& context) : alarm_(context.get_executor()), began_(now()) {}

  void arm(Timer& timer, Instant due);
  static void disarm(Timer& timer);

 private:
  static constexpr std::int64_t kTickMs = 10;
  static constexpr std::size_t kSlots = 512;

  std::int64_t tick_at(Instant time) const;
  void sleep_until(std::int64_t tick);
  void turn();
  void fire(std::int64_t tick);
  void sleep_until_next();
  static void link(Timer& timer, Timer*& head);

  boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                    boost::asio::io_context::executor_type>
      alarm_;
  Instant began_;
  std::array<Timer*, kSlots> slots_{};
  std::int64_t done_ = 0;         // ticks up to here have fired
  std::int64_t alarm_tick_ = -1;  // when the alarm rings; -1: it does not
  Timer* firing_ = nullptr;
};

}  // namespace sluice::net
