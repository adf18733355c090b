// Reads what a Gemini request asks for.
//
// Thread rule: pure.
#pragma once

#include <string_view>

#include "sim/ask.h"
#include "sim/gemini/proto.h"

namespace sluice::sim {

// The message an endpoint takes as its body.
const ProtoMessage& gemini_message(Endpoint endpoint);

// Fills in an Ask from a body of its place's endpoint. Ask::body becomes the tidied request; it stays null when the
// body is no JSON object.
void read_gemini_ask(std::string_view body, Ask& ask);

// The generation of a model: 3 of "gemini-3.8-flash", 2 of "gemini-2.5-pro", 0 of one whose name does not tell.
int gemini_generation(std::string_view model);

// The request wants to see the model's thoughts.
bool wants_thoughts(const Ask& ask);
// The request wants the arguments of calls in pieces (only on Vertex).
bool wants_partial_arguments(const Ask& ask);

}  // namespace sluice::sim
