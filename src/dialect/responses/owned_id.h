// Whose an id of an answer is, told without keeping anything.
//
// Where bytes pass through, an answer keeps the id its provider gave it: the same bytes go to the client, so the id
// cannot name the provider. Where an answer was written here, its id and those of its items are made from the
// exchange's id and can be told from all others; nothing is kept under them.
//
// So a request for what a provider keeps (GET and DELETE /responses/{id}, cancel, input_items; also a request with
// previous_response_id, conversation, prompt or background) is routed by, in this order:
//
//   1. an id made here: 404 "not_kept", for no provider has ever seen it;
//   2. kProviderHeader of the request: the provider of that name. Answers that passed through carry the same header, so
//      a client has only to send back what it got;
//   3. the only configured provider that speaks Responses;
//   4. else a 400 that says so.
//
// Thread rule: pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace sluice::dialect::responses {

inline constexpr std::string_view kProviderHeader = "x-sluice-provider";

// "resp_sluice_EXCHANGE", "msg_sluice_EXCHANGE_2": letters, digits, '_' and '-' only.
std::string made_id(std::string_view prefix, std::string_view exchange_id);
std::string made_id(std::string_view prefix, std::string_view exchange_id, std::size_t index);
bool is_made_id(std::string_view id);

// The faults of steps 1 and 4.
Fault not_kept(std::string_view id);
Fault provider_unknown(std::string_view id);

}  // namespace sluice::dialect::responses
