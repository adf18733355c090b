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

Failure no_such(std::string_view parameter, std::string_view what, std::string_view name,
                const std::vector<std::string_view>& names) {
  auto near = nearest(name, names);
  return not_found(parameter, fmt::format("There is no {} '{}'.{}", what, printable(name),
                                          near.empty() ? "" : fmt::format(" Did you mean '{}'?", near)));
}

Result<Entry> find(const provider::Routes& routes, std::string_view name) {
  auto entries = entries_of(routes);
  auto found = entries.find(name);
  if (found != entries.end()) return found->second;
  std::vector<std::string_view> names;
  for (const auto& [known, entry] : entries) names.push_back(known);
  return no_such("deployment", "deployment", name, names);
}

using PoolAndKey = std::pair<const provider::KeyPool*, const provider::PooledKey*>;

std::vector<PoolAndKey> keys_of(const provider::Routes& routes) {
  std::vector<PoolAndKey> all;
  for (const auto& provider : routes.providers()) {
    if (!provider->keys) continue;
    for (const auto& key : provider->keys->keys()) all.emplace_back(provider->keys.get(), &key);
  }
  return all;
}

Result<PoolAndKey> find_key(const provider::Routes& routes, std::string_view label) {
  std::vector<std::string_view> labels;
  for (const auto& found : keys_of(routes)) {
    if (found.second->label == label) return found;
    labels.push_back(found.second->label);
  }
  return no_such("key", "provider with several keys that has a key", label, labels);
}

Result<Breaker::Hold> read_hold(const Ask& ask) {
  auto members = Members::read(ask.body, kHoldMembers);
  if (!members) return fail_from(members);
  auto word = members->word("hold", kHolds);
  if (!word) return fail_from(word);
  return kHoldValues[std::ranges::find(kHolds, *word) - std::begin(kHolds)];
}

std::string hold_json(const Breaker& breaker) {
  return fmt::format(R"({{"hold":"{}"}})", provider::name(breaker.held()));
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
  for (const auto& [pool, key] : keys_of(tools.routes)) write(json, *pool, *key, at);
  json.end_array().end_object();
  return out;
}

Result<std::string> hold_deployment(const Tools& tools, const Ask& ask) {
  auto entry = find(tools.routes, ask.parameter);
  if (!entry) return fail_from(entry);
  auto hold = read_hold(ask);
  if (!hold) return fail_from(hold);
  entry->deployment->health->breaker.hold(*hold);
  log::write(log::Level::kWarn, "deployment held",
             {{"deployment", entry->deployment->name}, {"hold", provider::name(*hold)}});
  return written(*entry);
}

Result<std::string> hold_of_deployment(const Tools& tools, const Ask& ask) {
  auto entry = find(tools.routes, ask.parameter);
  if (!entry) return fail_from(entry);
  return hold_json(entry->deployment->health->breaker);
}

Result<std::string> hold_of_provider_key(const Tools& tools, const Ask& ask) {
  auto found = find_key(tools.routes, ask.parameter);
  if (!found) return fail_from(found);
  return hold_json(found->second->health->breaker);
}

Result<std::string> hold_provider_key(const Tools& tools, const Ask& ask) {
  auto found = find_key(tools.routes, ask.parameter);
  if (!found) return fail_from(found);
  auto hold = read_hold(ask);
  if (!hold) return fail_from(hold);
  const auto& [pool, key] = *found;
  key->health->breaker.hold(*hold);
  log::write(log::Level::kWarn, "provider's key held", {{"key", key->label}, {"hold", provider::name(*hold)}});
  std::string out;
  json::Writer json(out);
  write(json, *pool, *key, now());
  return out;
}

}  // namespace sluice::admin
