// What an exchange's request can use, read once: on a worker where its body is large.
//
// Thread rule: the exchange's loop.
#pragma once

#include "exchange/exchange.h"

namespace sluice {

// Fills x.demand where it is empty.
Task<void> read_demand(Exchange& x);

// So many tokens it may use, by an estimate of its input and by what it asks for: what limits of rate take before.
std::uint64_t estimated_tokens(const Exchange& x);

}  // namespace sluice
