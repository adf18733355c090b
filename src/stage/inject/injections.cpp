#include "stage/inject/injections.h"

#include <algorithm>
#include <random>

#include "base/log.h"

namespace sluice::stage {

namespace {

bool by_chance(std::uint32_t permille) {
  thread_local std::minstd_rand generator{std::random_device{}()};
  return permille >= 1000 || std::uniform_int_distribution<std::uint32_t>(0, 999)(generator) < permille;
}

}  // namespace

std::string_view name(InjectedKind kind) {
  return kInjectedKinds[static_cast<std::size_t>(kind)];
}

std::optional<InjectedKind> injected_kind(std::string_view name) {
  const auto* found = std::ranges::find(kInjectedKinds, name);
  if (found == std::end(kInjectedKinds)) return std::nullopt;
  return static_cast<InjectedKind>(found - std::begin(kInjectedKinds));
}

Injections::Injections(Metrics& metrics)
    : active_(metrics.gauge("sluice_injected_faults", "Faults that are injected now, for a drill.",
                            {"deployment", "kind"})),
      hits_(
          metrics.counter("sluice_injected_fault_hits", "Tries that met an injected fault.", {"deployment", "kind"})) {}

Injections::Position Injections::find(std::string_view deployment) {
  return std::ranges::find(injections_, deployment, &Injection::deployment);
}

Injections::Position Injections::take_out(Position position, std::string_view why) {
  active_.find({position->deployment, name(position->kind)}).set(0);
  log::write(log::Level::kWarn, "injected fault ended",
             {{"deployment", position->deployment}, {"kind", name(position->kind)}, {"why", why}});
  --count_;
  return injections_.erase(position);
}

bool Injections::set(Injection injection) {
  std::lock_guard lock(mutex_);
  if (auto old = find(injection.deployment); old != injections_.end()) take_out(old, "replaced");
  if (injections_.size() >= kMost) return false;
  auto seconds = std::chrono::ceil<std::chrono::seconds>(injection.until - now()).count();
  active_.find({injection.deployment, name(injection.kind)}).set(1);
  log::write(log::Level::kWarn, "injected fault begins",
             {{"deployment", injection.deployment},
              {"kind", name(injection.kind)},
              {"share_permille", static_cast<std::int64_t>(injection.permille)},
              {"seconds", static_cast<std::int64_t>(seconds)}});
  injections_.push_back(std::move(injection));
  ++count_;
  return true;
}

bool Injections::end(std::string_view deployment) {
  std::lock_guard lock(mutex_);
  auto position = find(deployment);
  if (position == injections_.end()) return false;
  take_out(position, "ended by an administrator");
  return true;
}

void Injections::end_all() {
  std::lock_guard lock(mutex_);
  for (auto it = injections_.begin(); it != injections_.end();) it = take_out(it, "ended by an administrator");
}

void Injections::end_due(Instant at) {
  if (count_.load(std::memory_order_relaxed) == 0) return;
  std::lock_guard lock(mutex_);
  for (auto it = injections_.begin(); it != injections_.end();) {
    it = it->until <= at ? take_out(it, "its time is over") : std::next(it);
  }
}

std::vector<Injection> Injections::all(Instant at) const {
  std::lock_guard lock(mutex_);
  std::vector<Injection> active;
  for (const auto& injection : injections_) {
    if (injection.until > at) active.push_back(injection);
  }
  return active;
}

std::optional<Injection> Injections::strike(std::string_view deployment, Instant at) {
  if (count_.load(std::memory_order_relaxed) == 0) return std::nullopt;
  std::lock_guard lock(mutex_);
  auto found = find(deployment);
  if (found == injections_.end() || found->until <= at || !by_chance(found->permille)) return std::nullopt;
  hits_.find({found->deployment, name(found->kind)}).add();
  return *found;
}

}  // namespace sluice::stage
