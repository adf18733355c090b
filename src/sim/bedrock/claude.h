// What a model named anthropic.* refuses by itself, behind the service: extended thinking and what stands in its way.
//
// Thread rule: pure. Source: the Messages API of the model's maker, whose errors the service passes on.
#pragma once

#include <optional>

#include "sim/ask.h"

namespace sluice::sim {

// Nothing for other models. The body fits its shape and the service's own rules.
std::optional<Problem> check_claude_rules(const Ask& ask);

}  // namespace sluice::sim
