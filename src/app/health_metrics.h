// What is known of the health of deployments and keys, as metrics.
//
// Thread rule: any thread; a refresh takes a lock, for looks at /metrics only. Lifetime: of the Metrics.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "base/metrics.h"
#include "provider/health/health.h"

namespace sluice::app {

class HealthMetrics {
 public:
  explicit HealthMetrics(Metrics& metrics);
  // `keys` is of providers with several.
  void refresh(const provider::HealthBook& deployments, const provider::HealthBook& keys);

 private:
  void set(const std::string& deployment, std::int64_t state, std::int64_t in_flight);

  Metrics::Family<Gauge>& state_;
  Metrics::Family<Gauge>& in_flight_;
  Metrics::Family<Counter>& openings_;
  Metrics::Family<Gauge>& key_resting_;
  std::mutex mutex_;
  std::map<std::string, std::uint64_t> told_;  // openings that were counted already, by deployment
};

}  // namespace sluice::app
