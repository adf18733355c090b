// GET /metrics: everything counted, as OpenMetrics text. The end of its pipeline.
//
// Thread rule: immutable; reads atomics of all loops.
#pragma once

#include <functional>

#include "base/metrics.h"
#include "exchange/stage.h"

namespace sluice::admin {

class MetricsPage final : public Stage {
 public:
  // `refresh` brings gauges that mirror other state up to date; called before each rendering, from any loop.
  MetricsPage(const Metrics& metrics, std::function<void()> refresh)
      : metrics_(metrics), refresh_(std::move(refresh)) {}
  Task<Status> run(Exchange& x, Sink& out, Next next) override;

 private:
  const Metrics& metrics_;
  std::function<void()> refresh_;
};

}  // namespace sluice::admin
