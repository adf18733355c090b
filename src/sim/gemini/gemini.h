// The Gemini API: Google's own (generativelanguage.googleapis.com) and the one of Vertex AI.
//
// There is one Api for each way of hosting and of framing a stream, because refusals and errors differ by both: with
// another key check, and in a list of one where a stream is a JSON array (streamGenerateContent without alt=sse).
//
// Thread rule: any thread. Lifetime: for ever. Source: docs/simulator.md.
#pragma once

#include "sim/api.h"

namespace sluice::sim {

const Api& gemini_api();
const Api& gemini_array_api();
const Api& vertex_gemini_api();
const Api& vertex_gemini_array_api();

}  // namespace sluice::sim
