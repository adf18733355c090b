// How a deployment is doing, as learned from what passed through here: for breakers and for strategies that choose.
//
// It outlives configurations: a reload keeps what was learned of a deployment of the same name (HealthBook).
// Thread rule: shared by all loops; atomics, no lock on the path.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "http/message.h"
#include "provider/health/breaker.h"

namespace sluice::provider {

class Health {
 public:
  Breaker breaker;
  std::atomic<std::int32_t> in_flight{0};

  // Time to the first piece of an answer, peak-sensitive moving average: rises at once, decays over ~10 s; zero: unknown.
  void observe_first_piece(Ms duration, Instant at);
  Ms first_piece(Instant at) const;

  // What a provider said of its limits (x-ratelimit-*, anthropic-ratelimit-*, retry-after). 1 is all free, 0 nothing; no news, or
  // news older than their reset: 1.
  void observe_limits(const http::Headers& headers, Instant at);
  double headroom(Instant at) const;
  // Asked to be left alone until then (Retry-After with a 429 or 529).
  void rest_until(Instant until);
  Ms resting(Instant at) const;  // zero: it is not
};

class HealthBook {
 public:
  std::shared_ptr<Health> of(const std::string& deployment);  // the same for the same name; made on first use
  std::vector<std::pair<std::string, std::shared_ptr<Health>>> all() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Health>> by_name_;
};

}  // namespace sluice::provider
