// What is known of the health of deployments and keys, as metrics.
//
// Thread rule: any thread; a refresh takes a lock, for looks at /metrics only. Lifetime: of the Metrics.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>

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
  void refresh_models(const provider::HealthBook& deployments);
  void refresh_keys(const provider::HealthBook& keys);

  Metrics::Family<Gauge>& state_;
  Metrics::Family<Gauge>& in_flight_;
  Metrics::Family<Counter>& openings_;
  Metrics::Family<Gauge>& model_state_;
  Metrics::Family<Gauge>& key_resting_;
  Metrics::Family<Gauge>& key_state_;
  Metrics::Family<Gauge>& key_in_flight_;
  std::mutex mutex_;
  std::map<std::string, std::uint64_t> told_;                  // openings that were counted already, by deployment
  std::set<std::pair<std::string, std::string>> told_models_;  // deployment and model
};

}  // namespace sluice::app
