// What a request to Cohere may look like.
//
// Thread rule: pure; the shapes are constants. Source: Cohere's OpenAPI file of 2026-08.
#pragma once

#include "sim/place.h"
#include "sim/shape.h"

namespace sluice::sim {

// The shape of a body; null for a path that is none of Cohere's.
const Shape* cohere_shape(const Place& place);

// Places of the older version 1 of reranking say so in their id.
inline constexpr std::string_view kFirstVersion = "v1";

}  // namespace sluice::sim
