// Errors of the OpenAI dialect: write ours, read a provider's.
//
// Source: {"error": {"message", "type", "param", "code"}}; status classes as the API documents them.
// Thread rule: pure.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "http/message.h"

namespace sluice::dialect::openai {

// The body of an error answer. A provider's refusal of our own credentials or account is told as `upstream_error`, so
// that no client takes it for a refusal of its key. Always valid JSON and UTF-8.
std::string write_error(const Fault& fault);

// The same inside a stream that has begun: an event with the error object, then [DONE], as clients of this dialect
// expect.
std::string write_stream_error(const Fault& fault);

// What an error status of a provider means: a Fault of kind kProviderStatus with the answer kept, the provider's own
// message and code (secrets are masked), whether another try makes sense, and how long it asks to wait
// (retry-after-ms, retry-after in seconds or as a date, x-ratelimit-reset-* of an exhausted limit).
//   400 404 413 422 …   kNo                                    401 402 403, quota exhausted   kOther
//   408 409 429 5xx     kSame                                  404 of a model or of an address, context length   kOther
// x-should-retry has the last word but for exhausted quota. Fault::code is "context_length_exceeded" also where only
// the message says so. The body may be HTML or anything else of a proxy: then told is a plain sentence.
Fault read_error(int status, const http::Headers& headers, std::string_view body, WallTime now);

}  // namespace sluice::dialect::openai
