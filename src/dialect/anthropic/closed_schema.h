// JSON Schemas as this API's structured output takes them: every object must say that it has no other properties.
//
// Thread rule: pure. Source: the API's reference of structured outputs.
#pragma once

#include <string>
#include <string_view>

namespace sluice::dialect::anthropic {

// The schema with "additionalProperties": false in each object schema, at any depth, that says nothing about it. What
// is no schema is copied as it is.
std::string closed_schema(std::string_view schema);

}  // namespace sluice::dialect::anthropic
