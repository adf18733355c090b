// Errors of the Gemini API: write ours, read a provider's.
//
// Source: {"error": {"code", "message", "status", "details": [google.rpc.ErrorInfo, QuotaFailure, RetryInfo, …]}}, in
// an array where a stream was asked for without alt=sse. Thread rule: pure.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "dialect/dialect.h"
#include "dialect/faults.h"

namespace sluice::dialect::gemini {

// A key that is not valid is a 400 of this API; a quota by the day is no rate limit (kQuotaExhausted, whatever
// RetryInfo says).
Fault read_error(int status, const http::Headers& headers, std::string_view body, WallTime now);
// The same inside of a success.
Failure read_error_in_answer(std::string_view text, json::Reader& reader);

// A provider's refusal of our own account is a 503, told as such.
ErrorAnswer write_error(const Fault& fault, int status);
// The error object of a stream.
std::string write_error_object(const Fault& fault);

}  // namespace sluice::dialect::gemini
