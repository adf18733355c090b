// Which accounts a try needs room in: those of its exchange (x.accounts: the caller's, its tags', the model's that was
// asked for), and its own.
//
// Thread rule: the exchange's loop.
#pragma once

#include <array>
#include <vector>

#include "exchange/exchange.h"

namespace sluice {

// Those of the deployment that is asked, of its provider, and of the fallback model that led there; null ones have no
// terms.
inline std::array<quota::Account*, 3> own_accounts(const Try& t) {
  const auto& deployment = *t.target.deployment;
  const auto* fallback = t.target.fallback;
  return {deployment.account, deployment.provider->account, fallback ? fallback->account : nullptr};
}

// All of them.
inline std::vector<quota::Account*> accounts_of(const Exchange& x, const Try& t) {
  const auto own = own_accounts(t);
  std::vector<quota::Account*> all;
  all.reserve(x.accounts.size() + own.size());
  all.insert(all.end(), x.accounts.begin(), x.accounts.end());
  all.insert(all.end(), own.begin(), own.end());
  return all;
}

}  // namespace sluice
