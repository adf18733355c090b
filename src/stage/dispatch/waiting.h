// Adds the time until its end to the exchange's time spent waiting for providers and what they need; time is counted
// once however much is waited for.
//
// Thread rule: the loop's thread. Lifetime: the exchange outlives it.
#pragma once

#include "exchange/exchange.h"

namespace sluice::stage {

class Waiting {
 public:
  explicit Waiting(Exchange& x) : x_(x) {
    if (x_.waits++ == 0) x_.waiting_since = now();
  }
  ~Waiting() {
    if (--x_.waits == 0) x_.upstream_us += micros_between(x_.waiting_since, now());
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  Exchange& x_;
};

}  // namespace sluice::stage
