#include "app/health_metrics.h"

#include <utility>

#include "provider/health/model_healths.h"

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
      model_state_(metrics.gauge("sluice_model_breaker_state",
                                 "Circuit breakers of models behind a wildcard deployment that opened once: 0 closed, "
                                 "1 half open, 2 open.",
                                 {"deployment", "model"})),
      key_resting_(metrics.gauge("sluice_provider_key_resting",
                                 "Keys of providers with several: 1 while one rests, as it was refused or limited.",
                                 {"key"}, kMostSeries)),
      key_state_(
          metrics.gauge("sluice_provider_key_breaker_state",
                        "Circuit breakers of such keys: 0 closed, 1 half open, 2 open, 3 held by an administrator.",
                        {"key"}, kMostSeries)),
      key_in_flight_(
          metrics.gauge("sluice_provider_key_in_flight", "Tries under way with such a key.", {"key"}, kMostSeries)) {}

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
  refresh_models(deployments);
  refresh_keys(keys);
}

// Clients choose the names of models: those that never were in trouble are none of a metric's series.
void HealthMetrics::refresh_models(const provider::HealthBook& deployments) {
  std::set<std::pair<std::string, std::string>> told;
  for (const auto& [deployment, models] : deployments.all_models()) {
    for (const auto& [model, health] : models->all()) {
      if (health->breaker.openings() == 0) continue;
      model_state_.find({deployment, model}).set(state_of(health->breaker));
      told.emplace(deployment, model);
    }
  }
  for (const auto& before : std::exchange(told_models_, std::move(told))) {
    if (!told_models_.contains(before)) model_state_.find({before.first, before.second}).set(0);
  }
}

void HealthMetrics::refresh_keys(const provider::HealthBook& keys) {
  for (const auto& [name, health] : keys.all()) {
    key_resting_.find({name}).set(health->resting(now()) > Ms(0) ? 1 : 0);
    key_state_.find({name}).set(state_of(health->breaker));
    key_in_flight_.find({name}).set(health->in_flight.load(std::memory_order_relaxed));
  }
}

}  // namespace sluice::app
