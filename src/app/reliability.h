// What a model's configuration says of failures and hedging, as the data plane uses it.
//
// Thread rule: pure functions.
#pragma once

#include "app/config.h"
#include "app/config_problems.h"
#include "provider/provider.h"

namespace sluice::app {

// Mistakes go to `problems`, below the model's `place`.
void check_reliability(const ModelConfig& model, const Place& place, Problems& problems);

// Of configurations without mistakes.
provider::FailurePolicy failure_policy(const ModelConfig& model);
provider::HedgePolicy hedge_policy(const HedgeConfig& config);

}  // namespace sluice::app
