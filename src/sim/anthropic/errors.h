// Errors as the three hosts of the Messages API spell them.
//
// Thread rule: pure. Source: the API references; https://cloud.google.com/apis/design/errors for Vertex.
#pragma once

#include <string>

#include "sim/answer.h"
#include "sim/place.h"
#include "sim/script.h"
#include "sim/shape.h"

namespace sluice::sim::anthropic {

// Without a problem: what the provider says with a status.
Answer refusal(Host host, int status, const Problem* problem);

// The error a script puts into the middle of a stream.
std::string error_event(Host host, const Script& script);

}  // namespace sluice::sim::anthropic
