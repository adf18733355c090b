// What a row of the ledger was charged to: the accounts of its caller, its tags and those whom its attempts asked.
//
// Thread rule: pure.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/money.h"
#include "quota/terms.h"
#include "store/row.h"

namespace sluice::quota {

inline constexpr std::string_view kSessionTag = "session";
// Whose key it is is the value of these tags, whatever else is said of them.
inline constexpr std::string_view kTeamTag = "team", kUserTag = "user";

// Each account with what each attempt cost it, or was held to cost; the name is good until `visit` returns.
void each_charge(const store::ExchangeRow& row,
                 const std::function<void(Scope scope, std::string_view name, std::size_t attempt, Money cost)>& visit);

}  // namespace sluice::quota
