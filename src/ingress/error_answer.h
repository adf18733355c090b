// A fault as an HTTP answer in the client's dialect. Pure; any thread.
#pragma once

#include "base/result.h"
#include "dialect/dialect.h"
#include "net/server.h"

namespace sluice::ingress {

// Which of a provider's own error bodies are passed on: a client of the API expects JSON of its own dialect, a
// passthrough takes what comes.
enum class ProviderBodies { kNone, kJson, kAny };

// A provider's own error answer is passed on byte for byte where that may be; one about our credentials is told as a
// 502 of ours.
net::Service::Refusal error_answer(const Fault& fault, const dialect::Server& server, ProviderBodies bodies);

}  // namespace sluice::ingress
