// The checks that look at more than one value: references between providers, models and keys, names, headers, quirks.
//
// Also gives providers their key from their usual environment variable, and adds known providers that models name or,
// when the file has no providers, that have one set. Thread rule: pure but for the environment it is given.
#pragma once

#include "app/config_problems.h"
#include "app/config_tree.h"

namespace sluice::app {

inline constexpr std::size_t kShortestKey = 8;  // characters

// `root` is the file's tree, in which the problems find their lines; null when the file holds nothing.
void check_config(Config& config, const Node* root, const Environment& environment, Problems& problems);

// How models choose among their deployments: groups, weights, percentages, conditions, capabilities, residency,
// fallbacks. After check_config's other checks, which complete the providers.
void check_routing(const Config& config, Problems& problems);

// What is told of a name that no model of the file has, with the nearest one.
std::string no_such_model(const Config& config, std::string_view name);

// Callers: their names and keys, and what they may be used for.
void check_callers(const Config& config, Problems& problems);

// Windows, time zones and thresholds of budgets, that they do not contradict each other, and where alerts go.
void check_quota(const Config& config, Problems& problems);

// Every known provider whose address is known and whose usual variable is set.
void add_providers_of(const Environment& environment, Config& config);

}  // namespace sluice::app
