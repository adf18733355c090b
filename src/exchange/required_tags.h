// The tags that a model requires of requests.
//
// Thread rule: the exchange's loop.
#pragma once

#include <string>
#include <vector>

#include "exchange/exchange.h"

namespace sluice {

// Those of the route's that the request lacks, in the route's order. What its key fixes it has.
std::vector<std::string> missing_tags(const Exchange& x, const provider::Route& route);

}  // namespace sluice
