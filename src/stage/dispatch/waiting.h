// Adds the time until its end to the exchange's time spent waiting for providers and what they need; time is counted
// once however much is waited for.
//
// Thread rule: the loop's thread. Lifetime: the exchange outlives it.
#pragma once

#include "exchange/exchange.h"

namespace sluice::stage {

class Waiting {
 public:
  Waiting() = default;  // nothing is waited for yet
  explicit Waiting(Exchange& x) { begin(x, now()); }
  ~Waiting() {
    if (x_) end();
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

  // Once: `at` is the time.
  void begin(Exchange& x, Instant at) {
    x_ = &x;
    if (x.waits++ == 0) x.waiting_since = at;
  }
  // Once, and where it began; returns the time.
  Instant end() {
    auto& x = *std::exchange(x_, nullptr);
    const auto at = now();
    if (--x.waits == 0) x.upstream_us += micros_between(x.waiting_since, at);
    return at;
  }

 private:
  Exchange* x_ = nullptr;  // null: nothing is waited for
};

}  // namespace sluice::stage
