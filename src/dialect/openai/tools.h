// Tools and tool choice of chat/completions requests, today's and the older functions.
//
// Source: the API's reference. Thread rule: pure. Lifetime: views point into the body.
#pragma once

#include "chat/request.h"
#include "dialect/openai/compose.h"
#include "dialect/reading.h"
#include "json/fwd.h"
#include "json/writer.h"

namespace sluice::dialect::openai {

// Each consumes the value of the field it is named after. `inside` is a reader that is not in use.
void read_tools(Reading& read, chat::Request& request, json::Reader& inside);
void read_functions(Reading& read, chat::Request& request);
void read_tool_choice(Reading& read, chat::Request& request);
void read_function_choice(Reading& read, chat::Request& request);

// The members `tools`, `tool_choice` and `parallel_tool_calls`.
void write_tools(const Composing& with, json::Writer& json);
// Whether the provider knows tools of free text: to others they are functions, and so are calls of them.
bool takes_custom(const Composing& with);

}  // namespace sluice::dialect::openai
