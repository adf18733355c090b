// Limits and budgets as the administrator's API writes them, and as directories keep them:
//
//   "limits": {"rpm": 600, "tpm": 200000, "concurrency": 20}
//   "budget": {"usd": "100.00", "window": "month", "zone": "Europe/Berlin", "hard": true, "strict": false,
//              "alerts": [50, 80], "unpriced": "block"}, or a list of these
//
// Thread rule: pure. Faults are kInvalidRequest and name the member: "budget.window".
#pragma once

#include <string>
#include <string_view>

#include "admin/members.h"
#include "quota/terms.h"

namespace sluice::admin {

inline constexpr std::size_t kMostBudgets = 8;
inline constexpr std::int64_t kMostAMinute = 1'000'000'000'000;  // rpm, tpm
inline constexpr std::int64_t kMostAtOnce = 1'000'000;           // concurrency

// Of the members `limits` and `budget`, where they are there and not null.
Result<quota::Limits> read_limits(const Members& body);
Result<std::vector<quota::BudgetTerms>> read_budgets(const Members& body);

// Empty for none.
std::string to_json(const quota::Limits& limits);
std::string to_json(const std::vector<quota::BudgetTerms>& budgets);

// What was made by to_json().
Result<quota::Terms> read_terms(std::string_view limits, std::string_view budget);

}  // namespace sluice::admin
