// Cohere's API, version 2: chat, embed and rerank of providers; rerank for clients.
//
// Thread rule: constants.
#pragma once

#include "dialect/dialect.h"

namespace sluice::dialect::cohere {

const Server& server();
const Client& client();

}  // namespace sluice::dialect::cohere
