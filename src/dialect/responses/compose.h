// A request in the canonical form, written for a provider that speaks Responses.
//
// Such requests are stateless: "store" is false, and encrypted reasoning is asked for, so that it can be given back.
// What a client of this API wrote itself (Part::raw, Tool::raw) is copied as it came.
//
// Thread rule: pure.
#pragma once

#include <cstdint>

#include "chat/request.h"
#include "dialect/dialect.h"

namespace sluice::dialect::responses {

// Tokens of an answer: the API refuses less.
inline constexpr std::uint64_t kLeastTokens = 16;

// Client::write_chat of this dialect.
Result<Outgoing> compose(chat::Request& request, const Target& target);

}  // namespace sluice::dialect::responses
