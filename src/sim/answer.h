// Decides what a request is answered: head, and either a whole body or a stream of events.
//
// Thread rule: pure. Ownership: an Answer owns all it needs.
#pragma once

#include <optional>
#include <string>

#include "http/message.h"
#include "sim/event_stream.h"
#include "sim/examine.h"

namespace sluice::sim {

struct Answer {
  http::ResponseHead head;
  std::string body;
  std::optional<EventStream> stream;  // instead of the body
  std::string usage;                  // JSON text for the ledger; empty: none
};

// The answer to an examined request. `script` is the one it follows.
Answer make_answer(const http::RequestHead& request, const Examined& examined, const Script& script,
                   const Signature& signature);

// An error in the provider's shape.
Answer refuse_with(int status, std::string body);

// What the simulator says when the key is not the one it wants; nothing when it is.
std::optional<Answer> check_key(const http::RequestHead& request, std::string_view key);

}  // namespace sluice::sim
