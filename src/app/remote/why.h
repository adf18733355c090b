// sluice why: what became of one request, and why, in a form for people.
//
// Thread rule: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace sluice::app {

// An exchange as GET /admin/v1/exchanges/{request_id} tells it, as text. Fault: kProviderProtocol when it is none.
Result<std::string> why_text(std::string_view exchange_json);

}  // namespace sluice::app
