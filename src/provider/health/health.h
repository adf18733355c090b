// How a deployment is doing, as learned from what passed through here: for breakers and for strategies that choose.
//
// It outlives configurations: a reload keeps what was learned of a deployment of the same name (HealthBook).
// Thread rule: shared by all loops; atomics, no lock on the path. The book has a lock: for building snapshots and for
// looking at all.
// check: allow shared-pointers because configurations come and go while what is known of a deployment stays
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "http/message.h"
#include "provider/health/breaker.h"

namespace sluice::provider {

class Health {
 public:
  Breaker breaker;
  std::atomic<std::int32_t> in_flight{0};

  // Time to the first piece of an answer, peak-sensitive moving average: rises at once, decays over ~10 s; zero:
  // unknown, also when nothing was observed for minutes. Source: the peak EWMA of Finagle.
  void observe_first_piece(Ms duration, Instant at);
  Ms first_piece(Instant at) const;  // rounded up

  // What the head of an answer, good or bad, says of the provider's limits: x-ratelimit-*, anthropic-ratelimit-*; for a
  // 429 that does not name them, that there is nothing until its retry-after, and little for a moment without one.
  void observe_limits(const http::ResponseHead& answer, Instant at, WallTime wall);
  // The least of what is left of each limit: 1 is all free, 0 nothing. No news, or news older than their reset: 1.
  double headroom(Instant at) const;
  // Asked to be left alone until then (Retry-After with a 429 or 529). The latest such time counts.
  void rest_until(Instant until);
  Ms resting(Instant at) const;  // zero: it is not

 private:
  std::atomic<std::uint64_t> first_piece_{0};  // 1/64 ms (26 bits), when (38 bits); see health.cpp
  std::atomic<std::uint64_t> used_{0};         // 1 - headroom in 1/65535 (16 bits), until when (48 bits)
  std::atomic<std::int64_t> rest_until_ms_{0};
};

class ModelHealths;

class HealthBook {
 public:
  HealthBook();
  ~HealthBook();

  std::shared_ptr<Health> of(const std::string& deployment);  // the same for the same name; made on first use
  std::vector<std::pair<std::string, std::shared_ptr<Health>>> all() const;  // by name
  // Of the models behind a wildcard deployment, likewise.
  std::shared_ptr<ModelHealths> models_of(const std::string& deployment);
  std::vector<std::pair<std::string, std::shared_ptr<ModelHealths>>> all_models() const;
  // Of deployments that no configuration in use has. Called with each reload, so that the book does not grow.
  void forget_unused();

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Health>> by_name_;
  std::map<std::string, std::shared_ptr<ModelHealths>> models_;
};

}  // namespace sluice::provider
