// How Bedrock tells what is wrong: an exception's name in a header and its message in the body, or a frame of a stream.
//
// Thread rule: pure. Source: the errors of the API reference; the words are near to those of the service.
#pragma once

#include <string>
#include <string_view>

#include "sim/answer.h"
#include "sim/script.h"
#include "sim/shape.h"

namespace sluice::sim {

// What the service answers with a status; 401 is not one of its own but a script may say it.
Answer bedrock_error(int status);

// A request that is refused: ValidationException with the problem in the service's words.
Answer bedrock_refusal(const Problem& problem);

// The frame that breaks off a stream. A script's error is an object, whose member "__type" may name the exception, or a
// text: then it is one the service has no type for.
std::string bedrock_error_frame(const Script& script);

}  // namespace sluice::sim
