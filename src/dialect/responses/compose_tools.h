// The tools of a request and which of them the model has to call.
//
// Thread rule: one thread.
#pragma once

#include "dialect/responses/compose_input.h"

namespace sluice::dialect::responses {

// The members `tools` and `tool_choice`. Faults: tools that only another provider has.
Status write_tools(const Composing& with, json::Writer& json);

}  // namespace sluice::dialect::responses
