// Which proxy a provider is reached through: its own setting, or HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY.
//
// Pure but for the environment it is given. Source: the convention of curl (lower-case names win, NO_PROXY lists hosts,
// domain suffixes, addresses, networks or "*").
#pragma once

#include "app/config.h"
#include "base/result.h"
#include "net/client.h"

namespace sluice::app {

// Sets the origin's proxy. `setting` is "http://[user:password@]host:port", "none", or empty for the environment's.
// Faults: kInvalidConfig for a proxy that is not such a URL (the URL itself is not told: it may hold a password).
Status set_proxy(net::Origin& origin, const Secret& setting, const Environment& environment);

// Whether NO_PROXY exempts the host.
bool is_exempt(std::string_view no_proxy, std::string_view host);

}  // namespace sluice::app
