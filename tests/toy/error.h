// Errors of the toy: {"oops": "message"}. Thread rule: pure.
#pragma once

#include "dialect/dialect.h"

namespace sluice::dialect::toy {

std::string write_error(const Fault& fault);
std::string write_stream_error(const Fault& fault);
Fault read_error(int status, const http::Headers& headers, std::string_view body, WallTime now);

}  // namespace sluice::dialect::toy
