// How long a client waits: from its header, where it says so.
//
// Thread rule: pure functions.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "http/message.h"

namespace sluice::stage {

struct Deadline {
  Ms limit{0};            // from the request's arrival
  std::string_view from;  // the header that says it, or "timeout.total"
};

enum class Answer { kWhole, kStreamed };

// The sooner of the client's and the route's. Faults: kInvalidRequest, an x-sluice-timeout that is no duration; what
// other headers say that cannot be read is not ours to judge and is left alone.
Result<Deadline> deadline_of(const http::Headers& headers, Ms route_total, Answer answer);

}  // namespace sluice::stage
