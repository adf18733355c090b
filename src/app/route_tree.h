// A model's configured deployments as a route's tree.
//
// Thread rule: pure.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "app/config.h"
#include "provider/provider.h"

namespace sluice::app {

using MakeDeployment = std::function<std::unique_ptr<provider::Deployment>(const DeploymentConfig&)>;

// Fills the route's tree and its list of deployments from a checked configuration.
void add_tree(provider::Route& route, const ModelConfig& config, const MakeDeployment& make);

// A model's configured deployments in the order in which add_tree() makes them.
std::vector<const DeploymentConfig*> deployments_of(const ModelConfig& config);

// What a checked `capabilities` says anything of, and what of it the deployment cannot do.
dialect::Needs stated_of(const DeploymentConfig& config);
dialect::Needs lacks_of(const DeploymentConfig& config);

}  // namespace sluice::app
