// Probes as configured: checked, and as plans.
//
// Thread rule: pure.
#pragma once

#include "app/config.h"
#include "app/config_problems.h"
#include "provider/probe/plan.h"

namespace sluice::app {

// `place` is that of the provider or deployment.
void check_probe(const ProviderConfig& provider, const Place& place, Problems& problems);
void check_probe(const DeploymentConfig& deployment, const Place& place, Problems& problems);

provider::ProbePlan plan_of(const ProbeConfig& config);

}  // namespace sluice::app
