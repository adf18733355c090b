// Decides what a request is answered: what its script says outright, a refusal, or what its API makes of it.
//
// Thread rule: any thread.
#pragma once

#include <optional>

#include "http/message.h"
#include "sim/answer.h"
#include "sim/examine.h"
#include "sim/signature.h"
#include "sim/stored.h"

namespace sluice::sim {

// The answer to an examined request. `script` is the one it follows.
Answer respond(const http::RequestHead& request, const Examined& examined, const Script& script,
               const Signature& signature, Stored& stored);

// What the simulator says when the key is not the one it wants; nothing when it is.
std::optional<Answer> check_key(const http::RequestHead& request, std::string_view body, std::string_view key);

}  // namespace sluice::sim
