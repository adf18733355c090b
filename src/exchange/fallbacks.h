// The models that a route falls back to, as further candidates of an exchange.
//
// Thread rule: the loop's thread.
#pragma once

#include <cstddef>
#include <vector>

#include "exchange/exchange.h"

namespace sluice {

// Adds the deployments of these routes behind the candidates, and how many they are; at most once an exchange: what a
// fallback falls back to is not followed. What builds on something kept has nowhere else to go, and what a key may not
// ask for, or a request not without a tag, it does not get by making another model fail either.
std::size_t add_fallbacks(Exchange& x, const std::vector<const provider::Route*>& routes);

}  // namespace sluice
