#include "quota/rows.h"

#include <algorithm>
#include <string>
#include <utility>

namespace sluice::quota {

namespace {

using VisitTag = std::function<void(std::string_view name, const std::string& value)>;

void each_tag(const store::ExchangeRow& row, const VisitTag& visit) {
  const auto holder = {std::pair(kTeamTag, &row.team), std::pair(kUserTag, &row.user)};
  for (const auto& [name, value] : holder) {
    if (!value->empty()) visit(name, *value);
  }
  for (const auto& [name, value] : row.tags) {
    const bool is_said =
        std::ranges::any_of(holder, [&](const auto& of) { return of.first == name && !of.second->empty(); });
    if (!is_said) visit(name, value);
  }
}

}  // namespace

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
    each_tag(row, [&](std::string_view name, const std::string& value) {
      if (name == kSessionTag) return visit(Scope::kSession, value, i, cost);
      visit(Scope::kTag, std::string(name) + "=" + value, i, cost);
    });
    visit(Scope::kProvider, attempt.provider, i, cost);
    visit(Scope::kDeployment, attempt.deployment, i, cost);
  }
}

}  // namespace sluice::quota
