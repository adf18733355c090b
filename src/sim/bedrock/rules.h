// What a Converse request must be beyond its shape: the order of turns, calls and their results, tools and settings.
//
// Thread rule: pure. Source: the API reference and the messages the service is known to answer with.
#pragma once

#include <optional>

#include "sim/ask.h"

namespace sluice::sim {

// The first rule the body breaks; it fits its shape and all unions have one member.
std::optional<Problem> check_converse_rules(const Ask& ask);

}  // namespace sluice::sim
