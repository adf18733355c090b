// check: allow shared-pointers because a configuration lives as long as its probes
#include "app/prober.h"

#include <algorithm>
#include <deque>
#include <random>

#include "base/log.h"
#include "net/wait.h"

namespace sluice::app {

namespace {

using provider::Breaker;
using provider::ProbeResult;

// Some time around the interval, so that probes of many gateways do not come together.
Ms with_jitter(Ms interval, double least, double most) {
  thread_local std::minstd_rand generator{std::random_device{}()};
  const auto factor = std::uniform_real_distribution<double>(least, most)(generator);
  return Ms(static_cast<std::int64_t>(static_cast<double>(interval.count()) * factor));
}

Fault replaced() {
  return Fault{.kind = FaultKind::kSuperseded, .told = "The configuration of probes was replaced."};
}

}  // namespace

// What is probed, and the breakers that go by it.
struct Prober::Target {
  provider::Probed probed;
  std::vector<provider::Health*> healths;
};

namespace {

void each_route(const provider::Routes& routes, auto&& visit) {
  for (const auto& route : routes.all()) visit(*route);
  for (const auto& provider : routes.providers()) visit(*routes.implicit_route(provider->name));
}

std::vector<provider::Health*> healths_of(const provider::Routes& routes, const provider::Provider& provider) {
  std::vector<provider::Health*> healths;
  each_route(routes, [&](const provider::Route& route) {
    for (const auto& deployment : route.deployments) {
      auto* health = deployment->health.get();
      const bool is_new = std::ranges::find(healths, health) == healths.end();
      if (deployment->provider == &provider && is_new) healths.push_back(health);
    }
  });
  return healths;
}

}  // namespace

Prober::Prober(LoopTools& tools, Metrics& metrics)
    : tools_(tools),
      probes_(metrics.counter("sluice_probes", "Probes of providers and deployments, and what they found.",
                              {"target", "outcome"})),
      up_(metrics.gauge("sluice_probe_up", "1 while the last probes were good, 0 once so many failed as open breakers.",
                        {"target"})),
      cost_(metrics.money("sluice_probe_cost_usd", "What probes by chat cost, in US dollars.", {"target"})),
      cost_unknown_(
          metrics.counter("sluice_probe_cost_unknown", "Probes by chat whose cost is not known.", {"target"})) {}

void Prober::stop() {
  if (current_) current_->cancel(replaced());
  current_ = nullptr;
}

void Prober::use(const provider::Routes& routes, std::shared_ptr<const void> owner) {
  stop();
  if (!ended_) spawn(serve(routes, std::move(owner)), tasks_);
}

Task<void> Prober::end() {
  ended_ = true;
  stop();
  co_await tasks_.join();
}

Task<void> Prober::serve(const provider::Routes& routes, std::shared_ptr<const void> owner) {
  const auto kept = std::move(owner);
  std::deque<Target> targets;
  for (const auto& one : routes.providers()) {
    if (one->probe.interval > Ms(0))
      targets.push_back({{.provider = one.get(), .plan = &one->probe}, healths_of(routes, *one)});
  }
  each_route(routes, [&](const provider::Route& route) {
    for (const auto& one : route.deployments) {
      const bool is_known = std::ranges::any_of(targets, [&](const Target& t) { return t.probed.name() == one->name; });
      if (one->probe.interval == Ms(0) || is_known) continue;
      targets.push_back(
          {{.provider = one->provider, .deployment = one.get(), .plan = &one->probe}, {one->health.get()}});
    }
  });
  std::erase_if(failures_, [&](const auto& entry) {
    return std::ranges::none_of(targets, [&](const Target& t) { return t.probed.name() == entry.first; });
  });
  Cancel cancel;
  current_ = &cancel;
  TaskGroup tasks;
  for (const auto& target : targets) spawn(repeat(target, cancel), tasks);
  co_await tasks.join();
  if (current_ == &cancel) current_ = nullptr;
}

Task<void> Prober::repeat(const Target& target, Cancel& cancel) {
  const auto interval = target.probed.plan->interval;
  auto pause = with_jitter(interval, 0, 1);
  while (co_await net::sleep(tools_.loop, pause, cancel)) {
    ProbeResult result;
    try {
      result = co_await provider::probe(target.probed, {tools_.loop, tools_.client, tools_.workers, cancel, wall_now()},
                                        reader_);
    } catch (const std::exception& bug) {
      log::write(log::Level::kError, "a bug in a probe", {{"target", target.probed.name()}, {"error", bug.what()}});
    }
    if (cancel.cancelled()) co_return;
    note(target, result);
    pause = with_jitter(interval, 0.8, 1.2);
  }
}

void Prober::note(const Target& target, const ProbeResult& result) {
  const auto name = target.probed.name();
  const auto& plan = *target.probed.plan;
  probes_.find({name, provider::name(result.outcome)}).add();
  if (result.cost && *result.cost) cost_.find({name}).add((*result.cost)->total);
  if (result.cost && !*result.cost) cost_unknown_.find({name}).add();
  auto& in_row = failures_.try_emplace(std::string(name)).first->second;
  const bool was_down = in_row >= plan.failures;
  if (result.outcome == ProbeResult::Outcome::kFailed) {
    ++in_row;
    const bool is_down = in_row >= plan.failures;
    for (auto* health : target.healths) {
      if (is_down) health->breaker.trip(now());
    }
    if (in_row == 1 || (is_down && !was_down)) {
      log::write(log::Level::kWarn, is_down ? "probes failed: its breaker is open" : "a probe failed",
                 {{"target", name},
                  {"in_row", std::int64_t{in_row}},
                  {"status", std::int64_t{result.status}},
                  {"error", result.why}});
    }
  } else if (result.outcome == ProbeResult::Outcome::kGood) {
    if (in_row > 0) log::write(log::Level::kInfo, "a probe was good again", {{"target", name}});
    in_row = 0;
    const bool is_chat = plan.path.empty();
    for (auto* health : target.healths) {
      if (was_down || is_chat)
        health->breaker.recover(was_down && is_chat ? Breaker::Proof::kWhole : Breaker::Proof::kPart, now());
    }
  } else if (result.outcome == ProbeResult::Outcome::kUnclear) {
    log::write(log::Level::kDebug, "a probe says nothing of health",
               {{"target", name}, {"status", std::int64_t{result.status}}, {"error", result.why}});
  }
  up_.find({name}).set(in_row >= plan.failures ? 0 : 1);
}

}  // namespace sluice::app
