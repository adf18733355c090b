// What the bodies of POST /v1/responses may look like, as the provider's published types say.
//
// Thread rule: constants. Source: the types of OpenAI's SDK, openai 7.57; the limits are those the provider tells.
#pragma once

#include <span>

#include "sim/shape.h"

namespace sluice::sim {

// The request as a whole. Of `input` it only says that it is a text or a list of objects: an item's shape depends on
// more than one of its fields (items.h).
extern const Shape kResponsesRequest;

// The items of an input by their types, except for messages.
extern const std::span<const Variant> kResponsesItems;

// Messages by their roles.
extern const Shape kResponsesMessage;

// {"id": …} without a type.
extern const Shape kResponsesReference;

// The tools of a request, which some items carry as well.
extern const Shape kResponsesTools;

}  // namespace sluice::sim
