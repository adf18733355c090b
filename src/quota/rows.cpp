#include "quota/rows.h"

#include <string>

namespace sluice::quota {

void each_charge(
    const store::ExchangeRow& row,
    const std::function<void(Scope scope, std::string_view name, std::size_t attempt, Money cost)>& visit) {
  for (std::size_t i = 0; i < row.attempts.size(); ++i) {
    const auto& attempt = row.attempts[i];
    const Money cost{attempt.cost_nanos.value_or(attempt.held_nanos)};
    if (cost.nanos == 0) continue;
    visit(Scope::kOrganisation, "", i, cost);
    visit(Scope::kKey, row.key, i, cost);
    if (!row.team.empty()) visit(Scope::kTeam, row.team, i, cost);
    if (!row.user.empty()) visit(Scope::kUser, row.user, i, cost);
    for (const auto& [name, value] : row.tags) {
      const bool is_session = name == kSessionTag;
      visit(is_session ? Scope::kSession : Scope::kTag, is_session ? value : name + "=" + value, i, cost);
    }
    visit(Scope::kProvider, attempt.provider, i, cost);
    visit(Scope::kDeployment, attempt.deployment, i, cost);
  }
}

}  // namespace sluice::quota
