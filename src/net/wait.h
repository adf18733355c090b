// A wait with a limit that cancellation ends: for a signal, or for time alone.
//
// Thread rule: the loop's thread; one waiter. Cancellation wakes the waiter at the next tick of the loop's timers,
// never from inside cancel().
#pragma once

#include <coroutine>
#include <utility>

#include "net/loop.h"

namespace sluice::net {

class Wait {
 public:
  enum class End { kSet, kTimeout, kCancelled };

  Wait(Loop& loop, Cancel& cancel)
      : cancel_(cancel), timer_(loop, [this] { wake(); }), hook_(cancel, [this] {
          if (waiter_) timer_.arm(Ms(0));
        }) {}

  // Ends the wait, now or the next one. Resumes the waiter before it returns.
  void set() {
    set_ = true;
    if (waiter_) wake();
  }

  // co_await wait.until(limit)
  auto until(Ms limit) {
    struct Awaiter {
      Wait& wait;
      Ms limit;
      bool await_ready() const noexcept { return wait.set_ || wait.cancel_.cancelled(); }
      void await_suspend(std::coroutine_handle<> waiter) {
        wait.waiter_ = waiter;
        wait.timer_.arm(limit);
      }
      End await_resume() const noexcept {
        if (std::exchange(wait.set_, false)) return End::kSet;
        return wait.cancel_.cancelled() ? End::kCancelled : End::kTimeout;
      }
    };
    return Awaiter{*this, limit};
  }

 private:
  void wake() {
    timer_.disarm();
    if (waiter_) std::exchange(waiter_, nullptr).resume();
  }

  Cancel& cancel_;
  bool set_ = false;
  std::coroutine_handle<> waiter_;
  Timer timer_;
  Cancel::Hook hook_;
};

}  // namespace sluice::net
