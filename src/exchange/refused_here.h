// Tries that were refused by limits, budgets or prices of ours before anything was sent: no attempts at their provider.
//
// Thread rule: the exchange's loop.
#pragma once

#include "exchange/exchange.h"

namespace sluice {

bool was_refused_here(const Try& one);
std::size_t attempts_of(const Exchange& x);  // without those

}  // namespace sluice
