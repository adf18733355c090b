// The OpenAI dialect: chat/completions, embeddings and the other endpoints of the API but Responses.
//
// Sources: the published OpenAPI document and the official SDKs' types. Thread rule: constants.
#pragma once

#include "dialect/offer.h"

namespace sluice::dialect::openai {

const Server& server();
const Client& client();
const Dialect& dialect();

}  // namespace sluice::dialect::openai
