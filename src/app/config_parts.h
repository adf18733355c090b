// What two versions of a configuration file differ in, by name: "limits.connections", "models.fast", "keys.web". What
// stands there is told nowhere: of each part a digest is kept.
//
// Thread rule: pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "app/config_tree.h"

namespace sluice::app {

using ConfigParts = std::map<std::string, std::uint64_t>;

// By the file's text: what variables and secrets of the store hold is not part of it.
ConfigParts parts_of(const Node* root);

// {"added":["models.fast"],"changed":[],"removed":[],"more":0}; of very many only the first ones are named.
std::string changes_json(const ConfigParts& before, const ConfigParts& after);

}  // namespace sluice::app
