// A new connection to an origin: name, addresses raced, proxy, TLS. Private to net/*.cpp.
//
// Thread rule: the loop's thread.
#pragma once

#include "base/signal.h"
#include "net/client.h"
#include "net/pool.h"
#include "net/resolver.h"
#include "net/stream.h"

namespace sluice::net {

// Everything within `limit`. `open` counts the sockets beside the first while several addresses are tried. Faults:
// kUnreachable (says which step failed), kProviderTimeout, kOverloaded (no descriptor left), or the cancel's reason.
Task<Result<StreamPtr>> connect(Loop& loop, Resolver& resolver, const Origin& origin, Ms limit, Cancel& cancel,
                                PoolCount& open);

}  // namespace sluice::net
