// Errors of the Messages API: write ours, read a provider's, also as Vertex AI and Bedrock spell them.
//
// Source: {"type":"error","error":{"type","message","details":{"error_code"}},"request_id"} of the API's reference;
// Google's {"error":{"code","message","status"}}; AWS' {"message"} with the error's name in a header field.
// Thread rule: pure.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "dialect/dialect.h"
#include "http/message.h"
#include "json/fwd.h"

namespace sluice::dialect::anthropic {

// What an error status means. An exhausted spend limit is no rate limit and asks for no retry.
Fault read_error(int status, const http::Headers& headers, std::string_view body, WallTime now);
// An error object that came inside a success: in an event of a stream, or as a body.
Failure read_error_in_answer(std::string_view text, json::Reader& reader);
// An exception that AWS reports inside a stream, by its name.
Failure read_exception(std::string_view name, std::string_view payload, json::Reader& reader);

// `status` becomes 529 where we or the provider have no room. A provider's refusal of our own account is an api_error
// that says so.
ErrorAnswer write_error(const Fault& fault, int status);
// An event of a stream.
std::string write_error_event(const Fault& fault);

}  // namespace sluice::dialect::anthropic
