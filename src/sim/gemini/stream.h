// Streams of GenerateContentResponses: as server-sent events, or as one JSON array written element by element.
//
// Thread rule: pure.
#pragma once

#include <memory>
#include <string>

#include "sim/gemini/bodies.h"
#include "sim/stream.h"

namespace sluice::sim {

enum class Framing { kEvents, kArray };

// `partial_arguments`: the arguments of calls come in pieces (only Vertex does that, when asked to).
std::unique_ptr<Stream> gemini_stream(const GeminiReply& reply, const Script& script, Framing framing,
                                      bool partial_arguments);

// An error in place of the next response, as it stands on the wire.
std::string framed_error(std::string_view error, Framing framing);

}  // namespace sluice::sim
