// The gates of a process by name, and what is measured at them.
//
// A gate stays when the configuration is replaced, so that requests of the old one are counted with those of the new;
// there are as many as names were ever configured.
//
// Thread rule: find() on the main thread; refresh() on any. Ownership: outlives all snapshots.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/metrics.h"
#include "provider/gate/gate.h"

namespace sluice::provider {

class GateBook {
 public:
  explicit GateBook(Metrics& metrics);

  // The gate of this name, from now on with these limits.
  Gate& find(const std::string& name, const GateLimits& limits);
  // Sets the gauges to what they are now.
  void refresh();

 private:
  Metrics::Family<Histogram>& waited_;
  Metrics::Family<Counter>& refused_;
  Metrics::Family<Gauge>& in_use_;
  Metrics::Family<Gauge>& limit_;
  Metrics::Family<Gauge>& waiting_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Gate>> gates_;
};

}  // namespace sluice::provider
