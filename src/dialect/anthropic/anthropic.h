// The Anthropic Messages API, spoken as server and as client, also as Vertex AI and Bedrock host it. Thread rule:
// constants.
#pragma once

#include "dialect/offer.h"

namespace sluice::dialect::anthropic {

const Server& server();
const Client& client();
const Client& vertex_client();
const Client& bedrock_client();
const Dialect& dialect();

}  // namespace sluice::dialect::anthropic
