// The OpenAI Responses API as the simulator speaks it. docs/simulator.md says what it answers.
//
// Thread rule: any thread. Lifetime: for ever. Source: the published types of OpenAI's SDK, openai 7.57, and answers of
// the provider.
#pragma once

#include "sim/api.h"

namespace sluice::sim {

const Api& responses_api();

}  // namespace sluice::sim
