// GET /admin/v1/deployments and PUT /admin/v1/deployments/{name}/hold: how each deployment is doing now, and holding
// its breaker by hand. GET /admin/v1/provider-keys: how the keys of providers with several are doing.
//
// Thread rule: any thread; what changes is in the deployment's Health.
#pragma once

#include "admin/ask.h"

namespace sluice::admin {

Result<std::string> list_deployments(const Tools& tools, const Ask& ask);
Result<std::string> list_provider_keys(const Tools& tools, const Ask& ask);
// {"hold": "open|closed|drained|none"}. It lasts until it is changed or the process ends.
Result<std::string> hold_deployment(const Tools& tools, const Ask& ask);
Result<std::string> hold_provider_key(const Tools& tools, const Ask& ask);
// {"hold": "none"}: as it is now.
Result<std::string> hold_of_deployment(const Tools& tools, const Ask& ask);
Result<std::string> hold_of_provider_key(const Tools& tools, const Ask& ask);

// Fault: kNotFound with the nearest name, where no route leads to a deployment of this name.
Status check_deployment(const provider::Routes& routes, std::string_view name);

}  // namespace sluice::admin
