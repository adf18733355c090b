// The OpenAI API, plain and as Azure hosts it: chat, completions, embeddings, moderations, images, audio, models.
//
// Thread rule: any thread. Lifetime: for ever.
#pragma once

#include "sim/api.h"

namespace sluice::sim {

const Api& openai_api();

}  // namespace sluice::sim
