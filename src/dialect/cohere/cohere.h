// Cohere's API, version 2: chat, embed and rerank of providers; rerank for clients.
//
// Thread rule: constants.
#pragma once

#include "dialect/offer.h"

namespace sluice::dialect::cohere {

const Server& server();
const Client& client();
const Dialect& dialect();

}  // namespace sluice::dialect::cohere
