#include "app/allowance.h"

#include <algorithm>

#include "base/text.h"
#include "provider/sign/key_pool.h"

namespace sluice::app {

namespace {

using quota::Scope;
using Kind = quota::Window::Kind;

quota::BudgetTerms terms_of(const BudgetConfig& budget) {
  quota::BudgetTerms terms{.limit = budget.usd.value_or(Money{}),
                           .window = window_of(budget).value_or(quota::Window{}),
                           .hard = budget.hard,
                           .strict = budget.strict,
                           .alerts_percent = {},
                           .unpriced = quota::find_unpriced(budget.unpriced)};
  terms.alerts_percent.reserve(budget.alerts.size());
  for (const auto& percent : budget.alerts)
    terms.alerts_percent.push_back(to_number<std::uint32_t>(percent).value_or(100));
  std::ranges::sort(terms.alerts_percent);
  return terms;
}

std::vector<quota::BudgetTerms> terms_of(const std::vector<BudgetConfig>& budgets) {
  std::vector<quota::BudgetTerms> terms;
  terms.reserve(budgets.size());
  for (const auto& budget : budgets) terms.push_back(terms_of(budget));
  return terms;
}

class Collecting {
 public:
  Allowances run(const Config& config) {
    add(Scope::kOrganisation, "", terms_of(config.organisation));
    add_named(Scope::kTeam, config.teams);
    add_named(Scope::kUser, config.users);
    add_named(Scope::kKey, config.keys);
    for (const auto& tag : config.tags) {
      for (const auto& value : tag.values) add(Scope::kTag, tag.name + "=" + value.name, terms_of(value.allowance));
      add_each(Scope::kTag, tag.name, terms_of(tag.each));
    }
    add_each(Scope::kSession, "", terms_of(config.sessions));
    for (const auto& provider : config.providers) {
      add(Scope::kProvider, provider.name, terms_of(provider));
      for (const auto& key : provider.api_keys)
        add(Scope::kProviderKey, label_of(provider, key), terms_of(AllowanceConfig{.limits = key.limits}));
    }
    for (const auto& model : config.models) {
      add(Scope::kRoute, model.name, terms_of(AllowanceConfig{.limits = model.limits}));
      add_deployments(model.deployments);
    }
    return std::move(all_);
  }

 private:
  void add(Scope scope, std::string name, quota::Terms terms) {
    if (terms.any()) all_.accounts.push_back({scope, std::move(name), std::move(terms)});
  }
  void add_each(Scope scope, std::string name, quota::Terms terms) {
    if (terms.any()) all_.each.push_back({scope, std::move(name), std::move(terms)});
  }
  void add_named(Scope scope, const auto& items) {
    for (const auto& item : items) add(scope, item.name, terms_of(item.allowance));
  }
  void add_deployments(const std::vector<DeploymentConfig>& deployments) {
    for (const auto& one : deployments) {
      add_deployments(one.deployments);
      if (one.deployments.empty()) add(Scope::kDeployment, one.model, terms_of(one));
    }
  }

  Allowances all_;
};

}  // namespace

std::optional<quota::Window> window_of(const BudgetConfig& budget) {
  constexpr std::pair<std::string_view, Kind> kKinds[] = {
      {"total", Kind::kTotal}, {"day", Kind::kDay}, {"week", Kind::kWeek}, {"month", Kind::kMonth}};
  for (const auto& [name, kind] : kKinds) {
    if (budget.window == name) return quota::Window{.kind = kind, .zone = budget.zone};
  }
  const auto length = parse_duration_ms(budget.window);
  if (!length || Ms(*length) < quota::kShortestRolling || Ms(*length) > quota::kLongestRolling) return std::nullopt;
  return quota::Window{.kind = Kind::kRolling, .rolling = Ms(*length), .zone = budget.zone};
}

quota::Terms terms_of(const AllowanceConfig& allowance) {
  const auto& limits = allowance.limits;
  return {.limits = {.rpm = limits.rpm, .tpm = limits.tpm, .concurrency = limits.concurrency},
          .budgets = terms_of(allowance.budgets)};
}

// How many at once is the gates' to say.
quota::Terms terms_of(const ProviderConfig& provider) {
  return {.limits = {.rpm = provider.limits.rpm, .tpm = provider.limits.tpm}, .budgets = terms_of(provider.budgets)};
}

quota::Terms terms_of(const DeploymentConfig& deployment) {
  return {.limits = {.rpm = deployment.limits.rpm, .tpm = deployment.limits.tpm},
          .budgets = terms_of(deployment.budgets)};
}

std::string label_of(const ProviderConfig& provider, const ProviderKeyConfig& key) {
  return provider.name + "/" + (key.name.empty() ? provider::key_label(key.key) : key.name);
}

Allowances allowances_of(const Config& config) {
  return Collecting().run(config);
}

}  // namespace sluice::app
