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
// 502 of ours. `request_id` is ours.
net::Service::Refusal error_answer(const Fault& fault, const dialect::Server& server, ProviderBodies bodies,
                                   std::string_view request_id = {});

// An error that a dialect wrote, as a body or as the event that ends a stream: where it ends with the id of the
// request, as those of the Anthropic API do, that is ours. Its writer does not know it and leaves null.
void name_request(std::string& error, std::string_view request_id);

}  // namespace sluice::ingress
