#include "provider/choose/judge.h"

#include <algorithm>

#include "base/text.h"
#include "quota/account.h"
#include "quota/rows.h"

namespace sluice::provider {

namespace {

bool matches_one(std::span<const std::string> globs, std::string_view text) {
  return std::ranges::any_of(globs, [&](const std::string& glob) { return glob_match(glob, text); });
}

std::optional<std::string_view> tag_of(const Asking& asking, std::string_view name) {
  const auto of_holder = name == quota::kTeamTag   ? asking.team
                         : name == quota::kUserTag ? asking.user
                                                   : std::string_view();
  if (!of_holder.empty()) return of_holder;
  auto found = std::ranges::find(asking.tags, name, &std::pair<std::string, std::string>::first);
  return found == asking.tags.end() ? std::nullopt : std::optional<std::string_view>(found->second);
}

bool has_tags(const Globs& wanted, const Asking& asking) {
  return std::ranges::all_of(wanted, [&](const auto& tag) {
    auto value = tag_of(asking, tag.first);
    return value && glob_match(tag.second, *value);
  });
}

bool has_headers(const Globs& wanted, const http::Headers* headers) {
  return std::ranges::all_of(wanted, [&](const auto& field) {
    auto value = headers ? headers->get(field.first) : std::nullopt;
    return value && glob_match(field.second, *value);
  });
}

bool is_outside(const Deployment& deployment, std::span<const std::string> residency) {
  return !residency.empty() && (deployment.region.empty() || !matches_one(residency, deployment.region));
}

bool is_spent(const quota::Account* account) {
  return account && account->is_spent(wall_now());
}

bool serves(const Deployment& deployment, const Routes::Match& match, const Asking& asking) {
  const bool is_wild = deployment.model.ends_with('*');
  const auto target = is_wild ? target_of(deployment, match, asking.model) : Target{};
  return service_of(*deployment.provider, *asking.endpoint, is_wild ? target.model : deployment.model).has_value();
}

}  // namespace

std::string_view mismatch(const When& when, const Asking& asking) {
  if (when.stream && *when.stream != asking.stream) return "its condition on stream does not hold";
  if (!asking.needs.has_all(when.needs)) return "its condition on needs does not hold";
  if (asking.prompt_tokens < when.min_tokens) return "its condition min_tokens does not hold";
  if (asking.prompt_tokens > when.max_tokens) return "its condition max_tokens does not hold";
  if (!when.teams.empty() && !matches_one(when.teams, asking.team)) return "its condition on teams does not hold";
  if (!has_tags(when.tags, asking)) return "its condition on tags does not hold";
  if (!has_headers(when.headers, asking.headers)) return "its condition on headers does not hold";
  return {};
}

std::optional<Excluded> judge(const Deployment& deployment, const Routes::Match& match, const Asking& asking) {
  auto because = [&](Why why, std::string_view reason, dialect::Needs lacking = {}) {
    return Excluded{.deployment = &deployment, .why = why, .reason = reason, .lacking = lacking};
  };
  if (is_outside(deployment, asking.residency) || is_outside(deployment, match.route->residency))
    return because(Why::kResidency, "it is outside of the regions allowed");
  if (asking.endpoint && !serves(deployment, match, asking))
    return because(Why::kEndpoint, "its provider has no such endpoint and no form for what is asked");
  if (auto lacking = asking.needs.both(deployment.lacks); !lacking.empty())
    return because(Why::kCapability, "it lacks a capability that the request needs", lacking);
  if (deployment.health->breaker.held() == Breaker::Hold::kDrained)
    return because(Why::kDrained, "it was drained by an administrator");
  if (is_spent(deployment.account)) return because(Why::kSpent, "its budget is spent");
  if (is_spent(deployment.provider->account)) return because(Why::kSpent, "its provider's budget is spent");
  return std::nullopt;
}

std::optional<LastResort> last_resort(const Deployment& deployment, const Health& health, const Route& route,
                                      const Asking& asking, Instant at) {
  if (!health.breaker.admits(route.breaker, at)) {
    const bool is_held = health.breaker.held() == Breaker::Hold::kOpen;
    return LastResort{Why::kBreaker, is_held ? Ms::max() : health.breaker.remaining(route.breaker, at)};
  }
  if (auto rest = health.resting(at); rest > Ms{0}) return LastResort{Why::kResting, rest};
  const bool is_long = deployment.context_window != 0 && asking.prompt_tokens > deployment.context_window;
  if (is_long) return LastResort{Why::kLength, Ms{0}};
  if (!asking.needs.both(deployment.seems_to_lack).empty()) return LastResort{Why::kDoubtful, Ms{0}};
  return std::nullopt;
}

}  // namespace sluice::provider
