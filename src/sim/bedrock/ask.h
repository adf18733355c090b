// Reads what a Converse request asks, leniently: strictness is another's job.
//
// Thread rule: pure.
#pragma once

#include <string_view>

#include "sim/ask.h"

namespace sluice::sim {

// Parses the body into ask.body; what is no JSON leaves it empty. Where tokens are counted: the request in it that is
// Converse's, else all of it.
void read_converse(std::string_view body, Ask& ask);

}  // namespace sluice::sim
