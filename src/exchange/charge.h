// What an exchange cost, by what its answers have told so far.
//
// Thread rule: the exchange's loop.
#pragma once

#include <expected>
#include <optional>

#include "exchange/exchange.h"
#include "provider/catalogue/cost.h"

namespace sluice {

// Known, or unknown and why.
using Charge = std::expected<provider::Cost, provider::Unpriced>;

// Of one try. Nothing where its provider charges nothing: it did not answer with a success, or broke off before any of
// its answer was used; tokens were only counted, or something kept was only looked at.
std::optional<Charge> charge(const Exchange& x, const Try& one);

// Of all tries together; unknown where one of them is.
std::optional<std::expected<Money, provider::Unpriced>> charge(const Exchange& x);

}  // namespace sluice
