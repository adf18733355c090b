// The request of one attempt as it goes to the provider of t.target: the client's bytes where both speak the same
// dialect, else its translation.
//
// Thread rule: the loop's thread; large bodies are translated on a worker. Lifetime: the pieces point into x.body and
// into the Upstream.
#pragma once

#include "dialect/asked.h"
#include "exchange/exchange.h"
#include "net/fetch.h"
#include "provider/provider.h"

namespace sluice::stage {

struct Upstream {
  http::RequestHead head;
  dialect::OutgoingBody body;
};

// Sets t.translation when the provider speaks another dialect, and t.dropped. `changes` is for bodies that pass
// through. With `rules`, images and documents whose URLs the provider does not take are fetched (media.h). Faults:
// kInvalidRequest, with param: what the provider's dialect cannot do, or what could not be fetched.
Task<Result<Upstream>> write_upstream(Exchange& x, Try& t, const provider::Service& service,
                                      const dialect::Changes& changes, const net::FetchRules* rules);

// A passthrough request.
Upstream raw_upstream(const Exchange& x, const Try& t);

}  // namespace sluice::stage
