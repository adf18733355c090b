// The request fields of the Responses API.
//
// Source: the official SDK's types. Thread rule: constants.
#pragma once

#include "dialect/fields.h"

namespace sluice::dialect::responses {

FieldTable fields();

// The path under which requests of this dialect give their messages: by it a writer knows that `raw` is its own.
inline constexpr std::string_view kInput = "input";

}  // namespace sluice::dialect::responses
