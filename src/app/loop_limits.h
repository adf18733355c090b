// What a configuration says of loops: how many there are, and what their servers, clients and retries may use.
//
// Thread rule: pure functions.
#pragma once

#include <cstddef>

#include "app/config.h"
#include "base/retry_budget.h"
#include "net/client.h"
#include "net/server.h"

namespace sluice::app {

std::size_t thread_count(const Config& config);
// Of each of so many loops.
net::ServerLimits server_limits(const Config& config, std::size_t loops);
net::ClientLimits client_limits(const Config& config);
RetryBudget::Settings retry_budget(const Config& config);

}  // namespace sluice::app
