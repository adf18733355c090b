// Sends the probes of a configuration, again and again, and tells breakers what they found. It does nothing where none
// is configured.
//
// So many failures in a row as the plan says open the breaker (of a provider's probe: those of all its deployments),
// and keep it open; a success lets calls through again. A breaker that calls have opened is closed by a chat alone, and
// by none at once: the next call is let through to see.
//
// Thread rule: the loop it is given, but for making it. Lifetime: loop, client and workers outlive it; end() before the
// loop ends.
// check: allow shared-pointers because a configuration lives as long as its probes
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/metrics.h"
#include "exchange/exchange.h"
#include "json/reader.h"
#include "provider/probe/probe.h"

namespace sluice::app {

class Prober {
 public:
  Prober(LoopTools& tools, Metrics& metrics);
  Prober(const Prober&) = delete;
  Prober& operator=(const Prober&) = delete;

  // From now on those of these routes; `owner` keeps them.
  void use(const provider::Routes& routes, std::shared_ptr<const void> owner);
  // No more, and none under way.
  Task<void> end();

 private:
  struct Target;
  Task<void> serve(const provider::Routes& routes, std::shared_ptr<const void> owner);
  Task<void> repeat(const Target& target, Cancel& cancel);
  void note(const Target& target, const provider::ProbeResult& result);
  void stop();

  LoopTools& tools_;
  json::Reader reader_;
  Metrics::Family<Counter>& probes_;
  Metrics::Family<Gauge>& up_;
  Metrics::Family<MoneyCounter>& cost_;
  Metrics::Family<Counter>& cost_unknown_;
  std::map<std::string, std::uint32_t, std::less<>> failures_;  // in a row, by name; they outlive reloads
  Cancel* current_ = nullptr;
  bool ended_ = false;
  TaskGroup tasks_;
};

}  // namespace sluice::app
