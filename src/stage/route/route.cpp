#include "stage/route/route.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace sluice::stage {

namespace {

// A random order in which each place is drawn by weight: sorting by -log(u)/w (Efraimidis & Spirakis, 2006).
void order_by_weight(std::vector<provider::Target>& targets) {
  thread_local std::minstd_rand generator{std::random_device{}()};
  std::uniform_real_distribution<double> uniform(1e-12, 1.0);
  std::vector<std::pair<double, std::size_t>> keys;
  keys.reserve(targets.size());
  for (std::size_t i = 0; i < targets.size(); ++i) {
    auto weight = targets[i].deployment->weight;
    keys.emplace_back(weight == 0 ? INFINITY : -std::log(uniform(generator)) / weight, i);
  }
  std::ranges::sort(keys);
  std::vector<provider::Target> ordered;
  ordered.reserve(targets.size());
  for (const auto& [key, index] : keys) ordered.push_back(std::move(targets[index]));
  targets = std::move(ordered);
}

std::unexpected<Fault> not_allowed(const Exchange& x, std::string_view what) {
  return fail(Fault{.kind = FaultKind::kForbidden,
                    .told = fmt::format("The key '{}' may not use {}.", x.caller->name, what),
                    .param = "model",
                    .code = "model_not_allowed"});
}

}  // namespace

Task<Status> Route::run(Exchange& x, Sink& out, Next next) {
  auto routed = x.endpoint ? route_call(x) : route_passthrough(x);
  if (!routed) co_return routed;
  co_return co_await next(x, out);
}

Status Route::route_call(Exchange& x) const {
  const auto& model = x.asked.model;
  if (!x.caller->may_use(model)) return not_allowed(x, fmt::format("the model '{}'", printable(model)));
  auto match = routes_.find(model);
  if (!match) {
    auto near = routes_.nearest_name(model);
    auto hint = near.empty() || !x.caller->may_use(near) ? std::string() : fmt::format(" Did you mean '{}'?", near);
    return fail(Fault{.kind = FaultKind::kNotFound,
                      .told = fmt::format("There is no model '{}' here.{} GET /v1/models lists those this key may use.",
                                          printable(model), hint),
                      .param = "model",
                      .code = "model_not_found"});
  }
  x.match = *match;
  x.timeouts = match->route->timeouts;
  for (const auto& deployment : match->route->deployments) {
    x.candidates.push_back(provider::target_of(*deployment, *match, model));
  }
  if (match->route->strategy == provider::Strategy::kWeighted) order_by_weight(x.candidates);
  return {};
}

// The raw API of a provider: for callers who may use all of its models.
Status Route::route_passthrough(Exchange& x) const {
  auto everything = x.passthrough_provider + "/*";
  const auto* provider = routes_.find_provider(x.passthrough_provider);
  bool allowed = x.caller->models.empty() || std::ranges::any_of(x.caller->models, [&](const std::string& pattern) {
                   return pattern == everything || pattern == "*";
                 });
  if (!provider) {
    return fail(
        Fault{.kind = FaultKind::kNotFound,
              .told = fmt::format("There is no path or provider '/{}' here.", printable(x.passthrough_provider))});
  }
  if (!allowed)
    return not_allowed(
        x, fmt::format("the passthrough of '{}'; its models must include '{}'", provider->name, everything));
  const auto* route = routes_.implicit_route(x.passthrough_provider);
  x.match = {route, {}};
  x.timeouts = route->timeouts;
  x.candidates.push_back({route->deployments.front().get(), {}});
  return {};
}

}  // namespace sluice::stage
