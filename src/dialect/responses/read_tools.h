// Reads `tools` and `tool_choice`.
//
// Thread rule: one thread. Lifetime: views point into the body and into request.texts.
#pragma once

#include <string_view>

#include "chat/request.h"
#include "dialect/reading.h"

namespace sluice::dialect::responses {

// The cursor stands on the value. A web_search tool that is the only built-in one becomes Field::kWebSearch (see
// web_search.h); else built-in tools are ToolKind::kServer.
void read_tools(std::string_view body, Reading& reading, chat::Request& request);
void read_tool_choice(std::string_view body, Reading& reading, chat::Request& request);

}  // namespace sluice::dialect::responses
