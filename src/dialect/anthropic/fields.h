// The table of request fields of the Messages API. Thread rule: constants.
#pragma once

#include "dialect/fields.h"

namespace sluice::dialect::anthropic {

// The path under which requests of this dialect give their messages, with the whole body as the value. Other APIs call
// theirs "messages" too; this spelling tells whose request it is.
inline constexpr std::string_view kMessages = "messages[]";

FieldTable fields();

}  // namespace sluice::dialect::anthropic
