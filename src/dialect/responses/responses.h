// The OpenAI Responses dialect.
//
// Source: the official SDK's types. Errors have the envelope that all OpenAI APIs share (dialect/openai/error.h).
// Thread rule: constants.
#pragma once

#include "dialect/offer.h"

namespace sluice::dialect::responses {

const Server& server();
const Client& client();
const Dialect& dialect();

}  // namespace sluice::dialect::responses
