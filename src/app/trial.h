// Trying Sluice without a provider: two simulated ones in this process, and routes over them.
//
// Thread rule: the main thread. Lifetime: longer than the Runtime that calls the simulators.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/config.h"
#include "app/master_key.h"
#include "base/result.h"
#include "sim/simulator.h"

namespace sluice::app {

class Trial {
 public:
  // Starts the simulators. Faults: kInvalidConfig.
  Status start();

  // Adds those that were started as providers `sim-a` and `sim-b`, with `fast` and every other model name routed to the
  // first and then the second. To each configuration that is read, the same.
  void add_to(Config& config) const;

  // What to type: a curl line and an SDK line that work as they stand.
  std::string instructions(const std::string& url, const MasterKey& key) const;

 private:
  std::vector<std::unique_ptr<sim::Simulator>> simulators_;
  std::vector<ProviderConfig> providers_;  // as which they are reached
};

}  // namespace sluice::app
