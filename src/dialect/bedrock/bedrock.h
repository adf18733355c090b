// Amazon Bedrock's runtime: the Converse API in both directions, InvokeModel for what passes through.
//
// Thread rule: constants.
#pragma once

#include "dialect/offer.h"

namespace sluice::dialect::bedrock {

const Server& server();
const Client& client();
const Dialect& dialect();

}  // namespace sluice::dialect::bedrock
