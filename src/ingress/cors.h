// Cross-origin requests of browsers: which origins may ask, what they may send and see.
//
// Thread rule: immutable. Source: the Fetch standard, "CORS protocol".
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "http/message.h"

namespace sluice::ingress {

struct Cors {
  std::vector<std::string> origins;  // empty: no CORS; "*": any
  Ms max_age{600'000};

  bool allows(std::string_view origin) const;
};

// Adds the fields of an answer; nothing when the request has no Origin or it is not allowed.
void add_cors(const Cors& cors, const http::RequestHead& request, http::Headers& headers);

// The answer to OPTIONS: 204 with the fields of a preflight, where allowed.
http::ResponseHead preflight(const Cors& cors, const http::RequestHead& request);

}  // namespace sluice::ingress
