// A fault as an HTTP answer in the client's dialect. Pure; any thread.
#pragma once

#include "base/result.h"
#include "net/server.h"

namespace sluice::ingress {

// Which of a provider's own error bodies are passed on: a client of the API expects JSON, a passthrough takes what
// comes.
enum class ProviderBodies { kJson, kAny };

// A provider's own error answer is passed on byte for byte; one about our credentials is told as a 502 of ours.
net::Service::Refusal error_answer(const Fault& fault, ProviderBodies bodies = ProviderBodies::kJson);

}  // namespace sluice::ingress
