// The paths of the Responses API: under /v1, and under /openai/v1 and /openai as Azure has them.
//
// Thread rule: pure.
#pragma once

#include <optional>

#include "http/message.h"
#include "sim/answer.h"
#include "sim/place.h"

namespace sluice::sim {

Place responses_place(const http::RequestHead& head);

// Why a request to one of them is not even read: its method, or Azure's api-version that is missing.
std::optional<Answer> unserved_response(const http::RequestHead& head, const Place& place);

}  // namespace sluice::sim
