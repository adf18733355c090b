// The Gemini API, spoken as server and as client. Thread rule: constants.
#pragma once

#include "dialect/offer.h"

namespace sluice::dialect::gemini {

const Server& server();
const Client& client();
const Client& vertex_client();
const Dialect& dialect();

}  // namespace sluice::dialect::gemini
