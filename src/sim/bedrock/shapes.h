// What a Converse request may look like, and the rule that a union has exactly one member.
//
// Thread rule: pure; the shapes are constants. Source: the types of the official SDK and the limits of the API
// reference.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>

#include "sim/shape.h"

namespace sluice::sim {

// Of /converse; of /converse-stream when `stream`.
const Shape& converse_shape(bool stream);
// Of /count-tokens.
const Shape& count_tokens_shape();

// The first union that has no member or more than one, at any depth. The value fits the shape.
std::optional<Problem> check_unions(const boost::json::value& value, const Shape& shape, const std::string& path = {});

}  // namespace sluice::sim
