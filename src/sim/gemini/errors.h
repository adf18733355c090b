// Refusals as Google's servers spell them: google.rpc.Status as JSON.
//
// Thread rule: pure.
#pragma once

#include <string>
#include <string_view>

#include "sim/gemini/proto.h"

namespace sluice::sim {

// {"error": …}. `details` is the text of a JSON array's items; empty: none.
std::string google_error(int status, std::string_view message, std::string_view details = "");

// What the service says with a status.
std::string google_error(int status, Service on);

// A problem with a request.
std::string google_error(const Problem& problem);

// A key that is missing (an empty code) or wrong; `status` becomes the one the service answers with.
std::string google_key_error(const Problem& problem, Service on, int& status);

}  // namespace sluice::sim
