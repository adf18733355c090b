#include <set>

#include "app/snapshot.h"

namespace sluice::app {

using quota::Scope;

// Accounts go on from one configuration to the next: what was spent and used under the old one counts under the new
// one.
void Snapshot::add_accounts(Allowances allowances, quota::Book& book) {
  std::set<std::pair<Scope, std::string>> limited;
  for (const auto& [scope, name, terms] : allowances.accounts) limited.emplace(scope, name);
  auto account = [&](Scope scope, const std::string& name) {
    return limited.contains({scope, name}) ? &book.account(scope, name) : nullptr;
  };
  for (const auto& provider : routes_.providers()) {
    provider->account = account(Scope::kProvider, provider->name);
    for (std::size_t i = 0; provider->keys && i < provider->keys->keys().size(); ++i)
      provider->keys->limit(i, account(Scope::kProviderKey, provider->keys->keys()[i].label));
  }
  for (const auto& route : routes_.all()) {
    route->account = account(Scope::kRoute, route->name);
    for (const auto& deployment : route->deployments)
      deployment->account = account(Scope::kDeployment, deployment->name);
  }
  book.configure(std::move(allowances.accounts), std::move(allowances.each));
}

quota::Unpriced Snapshot::unpriced() const {
  return quota::find_unpriced(config_.unpriced).value_or(quota::Unpriced::kBlock);
}

}  // namespace sluice::app
