// What the configuration says of limits and budgets, as the terms of accounts.
//
// Thread rule: pure.
#pragma once

#include <optional>
#include <vector>

#include "app/config.h"
#include "quota/book.h"

namespace sluice::app {

// Nothing: the window is none.
std::optional<quota::Window> window_of(const BudgetConfig& budget);

quota::Terms terms_of(const AllowanceConfig& allowance);
quota::Terms terms_of(const ProviderConfig& provider);
quota::Terms terms_of(const DeploymentConfig& deployment);  // not of a group

// By which one of several keys is told from others: "openai/batch"; without a name of its own by its digest.
std::string label_of(const ProviderConfig& provider, const ProviderKeyConfig& key);

struct Allowances {
  std::vector<quota::AccountTerms> accounts;
  std::vector<quota::EachTerms> each;
};
// Of a configuration that was checked.
Allowances allowances_of(const Config& config);

}  // namespace sluice::app
