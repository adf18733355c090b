// The accounts that keys are charged to, as one thread finds them for many keys: the organisation's, their team's and
// their user's, who may get terms at any time, and their own. Those of a team are asked for once, for whoever is asked
// has a lock.
//
// Thread rule: one thread. Lifetime: what is asked outlives it, and the accounts do.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "quota/account.h"
#include "store/directory.h"

namespace sluice::admin {

inline bool has_terms(const store::KeyRow& row) {
  return !row.limits.empty() || !row.budget.empty();
}

using AccountOf = std::function<quota::Account*(quota::Scope scope, std::string_view name)>;

class KeyAccounts {
 public:
  explicit KeyAccounts(const AccountOf& account_of) : account_of_(account_of) {}
  KeyAccounts(const KeyAccounts&) = delete;
  KeyAccounts& operator=(const KeyAccounts&) = delete;

  // What keys like this one share.
  std::vector<quota::Account*> shared(const store::KeyRow& row) {
    using quota::Scope;
    if (!account_of_) return {};
    auto [found, is_new] = of_teams_.try_emplace(row.team);
    auto& accounts = found->second;
    if (is_new) accounts.push_back(account_of_(Scope::kOrganisation, ""));
    if (is_new && !row.team.empty()) accounts.push_back(account_of_(Scope::kTeam, row.team));
    auto all = accounts;
    if (!row.user.empty()) all.push_back(account_of_(Scope::kUser, row.user));
    return all;
  }
  // Null: a key like this one has none.
  quota::Account* own(const store::KeyRow& row, std::string_view name) const {
    return account_of_ && has_terms(row) ? account_of_(quota::Scope::kKey, name) : nullptr;
  }

 private:
  const AccountOf& account_of_;
  std::unordered_map<std::string, std::vector<quota::Account*>> of_teams_;  // and the organisation's
};

}  // namespace sluice::admin
