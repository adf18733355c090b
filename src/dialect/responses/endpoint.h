// The endpoints of the OpenAI Responses API that are served through routes.
//
// Thread rule: constants.
#pragma once

#include <span>

#include "dialect/endpoint.h"

namespace sluice::dialect::responses {

enum class Kind : std::uint8_t {
  kResponses,
  kInputTokens,
  kCompact,
  kRetrieveStream,
  kRetrieve,
  kDelete,
  kCancel,
  kInputItems,
};

std::span<const Endpoint> endpoints();
const Endpoint& facts(Kind kind);

}  // namespace sluice::dialect::responses
