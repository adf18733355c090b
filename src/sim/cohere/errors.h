// How Cohere tells what is wrong: {"id", "message"}, or a message-end event with an error.
//
// Thread rule: pure. Source: the errors of the API reference; the words are near to those of the service.
#pragma once

#include <string>

#include "sim/answer.h"
#include "sim/script.h"
#include "sim/shape.h"

namespace sluice::sim {

// What the service answers with a status.
Answer cohere_error(int status);
Answer cohere_error(int status, const std::string& message);

// A request that is refused. What a field may not be is 422, what does not belong together 400, as the service has it.
Answer cohere_refusal(const Problem& problem);

// A rule that is broken, told with 400, or with 422 when it is about one setting that needs another.
Problem invalid_request(std::string message);
Problem unprocessable(std::string message);

// The event that ends a stream with an error.
std::string cohere_error_event(const Script& script);

}  // namespace sluice::sim
