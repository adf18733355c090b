// What an exchange's request can use at most, read once: on a worker where its body is large.
//
// Thread rule: the exchange's loop.
#pragma once

#include "exchange/exchange.h"

namespace sluice {

// Fills x.demand where it is empty.
Task<void> read_demand(Exchange& x);

}  // namespace sluice
