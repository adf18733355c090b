#include "app/probes.h"

#include <algorithm>

namespace sluice::app {

namespace {

constexpr Ms kShortest{100};

// What is wrong whatever is probed.
void check(const ProbeConfig& probe, const Place& place, Problems& problems) {
  if (probe.interval == Ms(0)) {
    if (probe != ProbeConfig{}) problems.add(place.key("interval"), "is missing: without it none is sent");
    return;
  }
  if (probe.interval < kShortest) problems.add(place.key("interval"), "must be 0 or at least 100ms");
  const auto is_fit = [](char c) { return c > 0x20 && c < 0x7f; };
  const bool is_path = probe.path.starts_with('/') && std::ranges::all_of(probe.path, is_fit);
  if (!probe.path.empty() && !is_path) {
    problems.add(place.key("path"), "expected a path below the base URL, such as /models");
  }
}

}  // namespace

void check_probe(const ProviderConfig& provider, const Place& place, Problems& problems) {
  const Place inner = place.key("probe");
  check(provider.probe, inner, problems);
  if (provider.probe.interval > Ms(0) && provider.probe.path.empty()) {
    problems.add(inner.key("path"), "is missing: a provider is asked for a path; a chat is for a deployment's probe");
  }
}

void check_probe(const DeploymentConfig& deployment, const Place& place, Problems& problems) {
  const Place inner = place.key("probe");
  check(deployment.probe, inner, problems);
  if (deployment.probe.interval > Ms(0) && deployment.probe.path.empty() && deployment.model.ends_with('*')) {
    problems.add(inner.key("path"), "is missing: a deployment of many models has none to chat with");
  }
}

provider::ProbePlan plan_of(const ProbeConfig& config) {
  return {.interval = config.interval,
          .timeout = config.timeout,
          .method = config.method,
          .path = config.path,
          .failures = config.failures};
}

}  // namespace sluice::app
