// A fault as an HTTP answer in the client's dialect. Pure; any thread.
#pragma once

#include "base/result.h"
#include "net/server.h"

namespace sluice::ingress {

// A provider's own error answer is passed on byte for byte; one about our credentials is told as a 502 of ours.
net::Service::Refusal error_answer(const Fault& fault);

}  // namespace sluice::ingress
