// The shapes of the JSON requests of the Anthropic Messages API.
//
// Source: the request types of the official SDK. Thread rule: constants.
#pragma once

#include <string_view>

#include "sim/place.h"
#include "sim/shape.h"

namespace sluice::sim::anthropic {

// The shape of an endpoint's body; null for those that take none. Tools are left to tool_shape(): a tool without a type
// is a client's own. What depends on the host, the version or a beta is left to the rules.
const Shape* request_shape(Endpoint endpoint);

// The shape of a tool of this type; "custom" for one without. Null: there is no such type.
const Shape* tool_shape(std::string_view type);

// All types of tools: "'custom', 'bash_20250124', …".
std::string_view tool_types();

}  // namespace sluice::sim::anthropic
