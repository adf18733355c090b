// Stopping work early: whoever knows that an answer is no longer wanted calls cancel(); whoever waits has a Hook that
// makes its wait end. Cancellation is then an ordinary failure that travels back through every stage.
//
// Thread rule: one thread. Lifetime: a Hook unlinks itself; the Cancel must outlive its hooks.
#pragma once

#include <functional>
#include <optional>

#include "base/result.h"

namespace sluice {

class Cancel {
 public:
  // Called at most once, from cancel(). It may close sockets and arm timers; it must not resume a coroutine, because
  // that might end the very work that owns the Cancel.
  class Hook {
   public:
    Hook(Cancel& cancel, std::function<void()> act) : cancel_(&cancel), act_(std::move(act)) { link(); }
    Hook(const Hook&) = delete;
    Hook& operator=(const Hook&) = delete;
    ~Hook() { unlink(); }

   private:
    friend class Cancel;
    void link() {
      next_ = cancel_->first_;
      if (next_) next_->previous_ = &next_;
      previous_ = &cancel_->first_;
      cancel_->first_ = this;
    }
    void unlink() {
      if (!previous_) return;
      *previous_ = next_;
      if (next_) next_->previous_ = previous_;
      previous_ = nullptr;
    }

    Cancel* cancel_;
    std::function<void()> act_;
    Hook* next_ = nullptr;
    Hook** previous_ = nullptr;
  };

  Cancel() = default;
  Cancel(const Cancel&) = delete;
  Cancel& operator=(const Cancel&) = delete;

  // The first reason wins; later calls do nothing.
  void cancel(Fault reason) {
    if (reason_) return;
    reason_ = std::move(reason);
    while (first_) {
      Hook* hook = first_;
      hook->unlink();
      auto act = std::move(hook->act_);  // the hook may be destroyed by what it does
      act();
    }
  }

  bool cancelled() const { return reason_.has_value(); }
  // Why; call only when cancelled().
  const Fault& reason() const { return *reason_; }

 private:
  friend class Hook;
  std::optional<Fault> reason_;
  Hook* first_ = nullptr;
};

}  // namespace sluice
