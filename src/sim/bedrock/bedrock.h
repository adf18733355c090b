// The Converse API of Amazon Bedrock, as the simulator speaks it: whole and as an AWS event stream.
//
// Thread rule: any thread. Lifetime: for ever. Source: the Bedrock Runtime API reference and the official SDK's types.
#pragma once

#include "sim/api.h"

namespace sluice::sim {

const Api& bedrock_api();

}  // namespace sluice::sim
