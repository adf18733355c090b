// Schemas of the Gemini API (a subset of OpenAPI 3.0's, with types in upper case) as JSON Schema.
//
// Source: the Schema object of the API's reference. Thread rule: pure.
#pragma once

#include <string>
#include <string_view>

#include "json/cursor.h"

namespace sluice::dialect::gemini {

// Consumes the schema ahead. The order of members is kept, so that the same schema always gives the same bytes.
std::string to_json_schema(json::Cursor& cursor);

// A JSON value without the white space around its tokens.
std::string compact(std::string_view value);

}  // namespace sluice::dialect::gemini
