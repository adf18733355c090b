// The Anthropic Messages API: messages, counting their tokens, models; and the same models as Vertex and Bedrock host
// them.
//
// Thread rule: any thread. Lifetime: for ever. Source: the request types of the official SDK and what the API is known
// to answer.
#pragma once

#include "sim/api.h"

namespace sluice::sim {

const Api& anthropic_api();
const Api& anthropic_vertex_api();
const Api& anthropic_bedrock_api();

}  // namespace sluice::sim
