// The requests of the Gemini API and of Gemini on Vertex, as tables.
//
// Thread rule: constants. Source: the declarations of @google/genai 3.1.0, with what only one of the services has
// marked as such.
#pragma once

#include "sim/gemini/proto.h"

namespace sluice::sim {

extern const ProtoMessage kGenerateContentRequest;
extern const ProtoMessage kCountTokensRequest;
extern const ProtoMessage kEmbedContentRequest;
extern const ProtoMessage kBatchEmbedContentsRequest;

}  // namespace sluice::sim
