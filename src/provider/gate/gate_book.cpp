#include "provider/gate/gate_book.h"

namespace sluice::provider {

GateBook::GateBook(Metrics& metrics)
    : waited_(metrics.histogram("sluice_queue_wait", "How long requests waited for room before they got it.", {"at"})),
      refused_(metrics.counter("sluice_queue_refused", "Requests that got no room, and why.", {"at", "reason"})),
      in_use_(metrics.gauge("sluice_concurrency", "Requests that have room now.", {"at"})),
      limit_(metrics.gauge("sluice_concurrency_limit", "Requests that may have room at once.", {"at"})),
      waiting_(metrics.gauge("sluice_queue_length", "Requests that wait for room now.", {"at"})) {}

Gate& GateBook::find(const std::string& name, const GateLimits& limits) {
  std::lock_guard lock(mutex_);
  auto& gate = gates_[name];
  if (gate) {
    gate->set_limits(limits);
  } else {
    GateSeries series{waited_.find({name}), refused_.find({name, "full"}), refused_.find({name, "timeout"}),
                      refused_.find({name, "left"})};
    gate = std::make_unique<Gate>(name, limits, series);
  }
  return *gate;
}

void GateBook::refresh() {
  std::lock_guard lock(mutex_);
  for (const auto& [name, gate] : gates_) {
    in_use_.find({name}).set(gate->in_use());
    limit_.find({name}).set(gate->limit());
    waiting_.find({name}).set(gate->waiting());
  }
}

}  // namespace sluice::provider
