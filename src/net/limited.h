// A part of a request's work with a limit of time of its own: its cancel also comes when that of the request does.
//
// Thread rule: the loop's thread. Lifetime: the loop and the request's Cancel outlive it.
#pragma once

#include "net/loop.h"

namespace sluice::net {

class Limited {
 public:
  Limited(Loop& loop, Cancel& outer, Ms limit)
      : hook_(outer, [this, &outer] { cancel_.cancel(outer.reason()); }),
        timer_(loop, [this] { cancel_.cancel(Fault{.kind = FaultKind::kProviderTimeout}); }) {
    if (outer.cancelled()) cancel_.cancel(outer.reason());
    timer_.arm(limit);
  }
  Limited(const Limited&) = delete;
  Limited& operator=(const Limited&) = delete;

  Cancel& cancel() { return cancel_; }

 private:
  Cancel cancel_;
  Cancel::Hook hook_;
  Timer timer_;
};

}  // namespace sluice::net
