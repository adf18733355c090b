#include "admin/deployments.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "admin/members.h"
#include "base/log.h"
#include "base/text.h"
#include "json/writer.h"
#include "provider/gate/gate.h"
#include "quota/account.h"

namespace sluice::admin {

namespace {

using provider::Breaker;
using provider::BreakerPolicy;
using provider::Deployment;
using provider::Route;

constexpr std::string_view kHoldMembers[] = {"hold"};
constexpr std::string_view kHolds[] = {"none", "open", "closed", "drained"};
constexpr Breaker::Hold kHoldValues[] = {Breaker::Hold::kNone, Breaker::Hold::kOpen, Breaker::Hold::kClosed,
                                         Breaker::Hold::kDrained};

// A deployment and the routes that lead to it. All deployments of a name share one Health.
struct Entry {
  const Deployment* deployment = nullptr;
  const BreakerPolicy* policy = nullptr;  // of the first route
  std::vector<std::string_view> routes;
};

using Entries = std::map<std::string_view, Entry>;

void add(Entries& entries, const Route& route) {
  for (const auto& deployment : route.deployments) {
    auto& entry = entries[deployment->name];
    if (!entry.deployment) {
      entry.deployment = deployment.get();
      entry.policy = &route.breaker;
    }
    entry.routes.push_back(route.name);
  }
}

Entries entries_of(const provider::Routes& routes) {
  Entries entries;
  for (const auto& route : routes.all()) add(entries, *route);
  for (const auto& provider : routes.providers()) {
    if (const auto* implicit = routes.implicit_route(provider->name)) add(entries, *implicit);
  }
  return entries;
}

void write_breaker(json::Writer& json, const Breaker& breaker, const BreakerPolicy& policy, Instant at) {
  json.key("breaker").begin_object();
  json.key("state").text(provider::name(breaker.state(policy, at)));
  json.key("hold").text(provider::name(breaker.held()));
  json.key("remaining_ms").number(std::int64_t{breaker.remaining(policy, at).count()});
  json.key("openings").number(breaker.openings());
  json.end_object();
}

void write_gate(json::Writer& json, const provider::Gate* gate) {
  json.key("gate");
  if (!gate) {
    json.null();
    return;
  }
  json.begin_object();
  json.key("limit").number(std::uint64_t{gate->limit()});
  json.key("in_use").number(std::uint64_t{gate->in_use()});
  json.key("waiting").number(std::uint64_t{gate->waiting()});
  json.end_object();
}

// Of a deployment that stands for several models: those that were asked for lately.
void write_models(json::Writer& json, const Entry& entry, Instant at) {
  const auto& models = entry.deployment->models;
  if (!models) return;
  json.key("models").begin_array();
  for (const auto& [model, health] : models->all()) {
    json.begin_object();
    json.key("model").text(model);
    write_breaker(json, health->breaker, *entry.policy, at);
    json.key("resting_ms").number(std::int64_t{health->resting(at).count()});
    json.end_object();
  }
  json.end_array();
}

void write(json::Writer& json, const Entry& entry, Instant at) {
  const auto& deployment = *entry.deployment;
  const auto& health = *deployment.health;
  json.begin_object();
  json.key("name").text(deployment.name);
  json.key("provider").text(deployment.provider->name);
  json.key("region").text(deployment.provider->region);
  json.key("routes").begin_array();
  for (auto route : entry.routes) json.text(route);
  json.end_array();
  json.key("weight").number(std::uint64_t{deployment.weight});
  write_breaker(json, health.breaker, *entry.policy, at);
  write_gate(json, deployment.gate);
  json.key("in_flight").number(std::int64_t{health.in_flight.load(std::memory_order_relaxed)});
  auto first_piece = health.first_piece(at);
  json.key("first_piece_ms");
  if (first_piece.count() == 0) {
    json.null();
  } else {
    json.number(std::int64_t{first_piece.count()});
  }
  json.key("headroom").raw(fmt::format("{:.3f}", health.headroom(at)));
  json.key("resting_ms").number(std::int64_t{health.resting(at).count()});
  write_models(json, entry, at);
  json.end_object();
}

// One of the several keys of a provider, which is never shown.
void write(json::Writer& json, const provider::KeyPool& pool, const provider::PooledKey& key, Instant at) {
  json.begin_object();
  json.key("key").text(key.label);
  write_breaker(json, key.health->breaker, pool.policy(), at);
  json.key("resting_ms").number(std::int64_t{key.health->resting(at).count()});
  json.key("in_flight").number(std::int64_t{key.health->in_flight.load(std::memory_order_relaxed)});
  const auto limits = key.account ? key.account->terms().limits : quota::Limits{};
  json.key("limits").begin_object();
  json.key("rpm").number(limits.rpm);
  json.key("tpm").number(limits.tpm);
  json.key("concurrency").number(std::uint64_t{limits.concurrency});
  json.end_object();
  json.end_object();
}

std::string written(const Entry& entry) {
  std::string out;
  json::Writer json(out);
  write(json, entry, now());
  return out;
}

Result<Entry> find(const provider::Routes& routes, std::string_view name) {
  auto entries = entries_of(routes);
  auto found = entries.find(name);
  if (found != entries.end()) return found->second;
  std::vector<std::string_view> names;
  for (const auto& [known, entry] : entries) names.push_back(known);
  auto near = nearest(name, names);
  return not_found("deployment", fmt::format("There is no deployment '{}'.{}", printable(name),
                                             near.empty() ? "" : fmt::format(" Did you mean '{}'?", near)));
}

}  // namespace

Status check_deployment(const provider::Routes& routes, std::string_view name) {
  auto found = find(routes, name);
  return found ? Status{} : Status(fail_from(found));
}

Result<std::string> list_deployments(const Tools& tools, const Ask&) {
  std::string out;
  json::Writer json(out);
  auto at = now();
  json.begin_object().key("deployments").begin_array();
  for (const auto& [name, entry] : entries_of(tools.routes)) write(json, entry, at);
  json.end_array().end_object();
  return out;
}

Result<std::string> list_provider_keys(const Tools& tools, const Ask&) {
  std::string out;
  json::Writer json(out);
  const auto at = now();
  json.begin_object().key("keys").begin_array();
  for (const auto& provider : tools.routes.providers()) {
    if (!provider->keys) continue;
    for (const auto& key : provider->keys->keys()) write(json, *provider->keys, key, at);
  }
  json.end_array().end_object();
  return out;
}

Result<std::string> hold_deployment(const Tools& tools, const Ask& ask) {
  auto entry = find(tools.routes, ask.parameter);
  if (!entry) return fail_from(entry);
  auto members = Members::read(ask.body, kHoldMembers);
  if (!members) return fail_from(members);
  auto word = members->word("hold", kHolds);
  if (!word) return fail_from(word);
  const auto* hold = std::ranges::find(kHolds, *word);
  entry->deployment->health->breaker.hold(kHoldValues[hold - std::begin(kHolds)]);
  log::write(log::Level::kWarn, "deployment held", {{"deployment", entry->deployment->name}, {"hold", *word}});
  return written(*entry);
}

}  // namespace sluice::admin
