// What a request to Cohere must be beyond its shape: turns, calls and their results, settings that exclude each other.
//
// Thread rule: pure. Source: the API reference.
#pragma once

#include <optional>

#include "sim/ask.h"

namespace sluice::sim {

// The first rule the body breaks; it fits its shape.
std::optional<Problem> check_cohere_rules(const Ask& ask);

}  // namespace sluice::sim
