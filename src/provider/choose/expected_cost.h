// What a request is expected to cost at a deployment, for comparing deployments with each other.
//
// The prompt's length is estimated, and the answer is taken to be a third as long: the same guess for all, so that it
// matters only where one is cheaper to ask and another to answer. Caches are not counted. Thread rule: pure.
#pragma once

#include <optional>

#include "base/clock.h"
#include "provider/choose/asking.h"
#include "provider/provider.h"

namespace sluice::provider {

// In nano-dollars; nothing: its price is not known. A price of output is needed of chat alone.
std::optional<double> expected_cost(const Deployment& deployment, const Routes::Match& match, const Asking& asking,
                                    WallTime at);

}  // namespace sluice::provider
