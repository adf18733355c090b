// The shapes of the OpenAI API's JSON requests.
//
// Source: the request types of the official SDK and the limits of the API reference. Thread rule: constants.
#pragma once

#include "sim/place.h"
#include "sim/shape.h"

namespace sluice::sim {

// The shape of an endpoint's body; null for those that take a form, or nothing.
const Shape* request_shape(Endpoint endpoint);

}  // namespace sluice::sim
