// Reads what a request of the Messages API asks, leniently.
//
// Thread rule: pure.
#pragma once

#include <string_view>

#include "sim/ask.h"

namespace sluice::sim::anthropic {

// Fills in all that answers depend on; Ask::body is never null afterwards.
void read_ask(std::string_view body, Ask& ask);

}  // namespace sluice::sim::anthropic
