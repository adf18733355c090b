// One event loop per core. Everything of a connection happens on its loop's thread; nothing on it may take longer
// than a millisecond: megabytes are worked on by Workers.
//
// Thread rule: run() on one thread; post() and stop() from any; the rest on the loop's thread.
// Ownership: the Loop outlives all that was made for it (timers, servers, clients).
#pragma once

#include <coroutine>
#include <functional>
#include <memory>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/task.h"
#include "base/workers.h"

namespace sluice::net {

class Timer;

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void run();                            // until stop()
  void stop();                           // any thread
  void post(std::function<void()> job);  // any thread; runs on the loop's thread, in order

  struct Impl;  // net/poll.h; for net/*.cpp only
  Impl& impl() { return *impl_; }

 private:
  friend class Timer;
  std::unique_ptr<Impl> impl_;
};

// Calls `act` on the loop's thread once, at most 20 ms after its time. Cheap to arm and disarm (a hashed wheel, no
// system call), because every read and write has a limit. Disarmed by its destructor.
class Timer {
 public:
  Timer(Loop& loop, std::function<void()> act);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  void arm(Ms delay);     // again replaces the time; zero or less fires at the next tick
  void arm(Instant due);  // the same for a time that is known: the clock is not read
  void disarm();
  bool armed() const { return previous_ != nullptr; }

 private:
  friend class Wheel;
  Loop& loop_;
  std::function<void()> act_;
  std::int64_t due_ = 0;  // in ticks
  Timer* next_ = nullptr;
  Timer** previous_ = nullptr;
};

// co_await sleep(loop, 200ms, cancel): true when the time passed, false when cancelled.
Task<bool> sleep(Loop& loop, Ms delay, Cancel& cancel);

// co_await offload(loop, workers, job): runs the job on a worker thread and comes back to the loop.
// The job must not touch anything that belongs to the loop's thread.
Task<void> offload(Loop& loop, Workers& workers, std::function<void()> job);

}  // namespace sluice::net
