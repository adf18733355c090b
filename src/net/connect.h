// A new connection to an origin: name, addresses raced, proxy, TLS. Private to net/*.cpp.
//
// Thread rule: the loop's thread.
#pragma once

#include "base/signal.h"
#include "net/client.h"
#include "net/resolver.h"
#include "net/stream.h"

namespace sluice::net {

// Everything within `limit`. Faults: kUnreachable (says which step failed), kProviderTimeout, or the cancel's reason.
Task<Result<StreamPtr>> connect(Loop& loop, Resolver& resolver, const Origin& origin, Ms limit, Cancel& cancel);

}  // namespace sluice::net
