#include "app/health_metrics.h"

#include <utility>

namespace sluice::app {

namespace {

constexpr std::size_t kMostSeries = 100'000;  // all names are configured ones

std::int64_t state_of(const provider::Breaker& breaker) {
  if (breaker.held() != provider::Breaker::Hold::kNone) return 3;
  switch (breaker.phase()) {
    case provider::Breaker::State::kClosed:
      return 0;
    case provider::Breaker::State::kHalfOpen:
      return 1;
    default:
      return 2;
  }
}

}  // namespace

HealthMetrics::HealthMetrics(Metrics& metrics)
    : state_(metrics.gauge("sluice_breaker_state",
                           "Circuit breakers: 0 closed, 1 half open, 2 open, 3 held by an administrator.",
                           {"deployment"}, kMostSeries)),
      in_flight_(metrics.gauge("sluice_deployment_in_flight", "Tries under way at a deployment.", {"deployment"},
                               kMostSeries)),
      openings_(metrics.counter("sluice_breaker_openings", "How often a circuit breaker opened.", {"deployment"},
                                kMostSeries)),
      key_resting_(metrics.gauge("sluice_provider_key_resting",
                                 "Keys of providers with several: 1 while one rests, as it was refused or limited.",
                                 {"key"}, kMostSeries)) {}

void HealthMetrics::set(const std::string& deployment, std::int64_t state, std::int64_t in_flight) {
  state_.find({deployment}).set(state);
  in_flight_.find({deployment}).set(in_flight);
}

void HealthMetrics::refresh(const provider::HealthBook& deployments, const provider::HealthBook& keys) {
  std::scoped_lock lock(mutex_);
  std::map<std::string, std::uint64_t> told;
  for (const auto& [name, health] : deployments.all()) {
    set(name, state_of(health->breaker), health->in_flight.load(std::memory_order_relaxed));
    const auto openings = health->breaker.openings();
    const auto before = told_.find(name);
    // Fewer than before: it was forgotten meanwhile and begun anew.
    const bool goes_on = before != told_.end() && before->second <= openings;
    openings_.find({name}).add(goes_on ? openings - before->second : openings);
    told.emplace(name, openings);
  }
  for (const auto& [name, openings] : std::exchange(told_, std::move(told))) {
    if (!told_.contains(name)) set(name, 0, 0);
  }
  for (const auto& [name, health] : keys.all()) key_resting_.find({name}).set(health->resting(now()) > Ms(0) ? 1 : 0);
}

}  // namespace sluice::app
