// Lets one coroutine wait until someone says so. set() before wait() is remembered.
//
// Thread rule: one thread. set() resumes the waiter before it returns.
#pragma once

#include <coroutine>
#include <utility>

namespace sluice {

class Signal {
 public:
  Signal() = default;
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  void set() {
    set_ = true;
    if (waiter_) std::exchange(waiter_, nullptr).resume();
  }

  auto wait() {
    struct Awaiter {
      Signal& signal;
      bool await_ready() const noexcept { return signal.set_; }
      void await_suspend(std::coroutine_handle<> waiter) noexcept { signal.waiter_ = waiter; }
      void await_resume() const noexcept { signal.set_ = false; }
    };
    return Awaiter{*this};
  }

 private:
  bool set_ = false;
  std::coroutine_handle<> waiter_;
};

}  // namespace sluice
