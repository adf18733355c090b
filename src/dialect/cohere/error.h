// Errors of Cohere: write ours, read a provider's.
//
// Source: {"id", "message"}; the API has neither types nor codes, so status and words say what an error means. Thread
// rule: pure.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "dialect/dialect.h"

namespace sluice::dialect::cohere {

ErrorAnswer write_error(const Fault& fault, int status);
Fault read_error(int status, const http::Headers& headers, std::string_view body, WallTime now);
// An answer that ended with finish_reason ERROR or TIMEOUT.
Failure read_failed_answer(std::string_view finish_reason, std::string message, std::string_view text);

}  // namespace sluice::dialect::cohere
