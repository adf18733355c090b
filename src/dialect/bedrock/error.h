// Errors of Amazon Bedrock: write ours, read a provider's.
//
// Source: {"message"} with the exception's name in x-amzn-errortype; in streams, frames of the message types
// "exception" and "error". Thread rule: pure.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "dialect/dialect.h"
#include "http/event_stream.h"

namespace sluice::dialect::bedrock {

ErrorAnswer write_error(const Fault& fault, int status);
// A frame for a stream that has begun.
std::string write_error_frame(const Fault& fault);

Fault read_error(int status, const http::Headers& headers, std::string_view body, WallTime now);
// What a frame of the message type "exception" or "error" means.
Failure read_error_frame(const http::EventStreamFrame& frame, json::Reader& reader);
// A whole answer that is an error in spite of its status.
Failure read_error_in_answer(std::string_view body, json::Reader& reader);

}  // namespace sluice::dialect::bedrock
