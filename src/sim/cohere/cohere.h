// The API of Cohere, as the simulator speaks it: chat (version 2), embeddings and reranking.
//
// Thread rule: any thread. Lifetime: for ever. Source: Cohere's OpenAPI file and API reference.
#pragma once

#include "sim/api.h"

namespace sluice::sim {

const Api& cohere_api();

}  // namespace sluice::sim
