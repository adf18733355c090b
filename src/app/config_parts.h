// What two versions of a configuration differ in, by name: "limits.connections", "models.fast", "keys.web". What
// stands there is told nowhere: of each part a digest is kept, of the text in the file and of what its references
// stand for.
//
// Thread rule: pure.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "app/config_tree.h"

namespace sluice::app {

using ConfigParts = std::map<std::string, std::uint64_t>;

// Digests of what texts with references ("${file:x}") stood for when they were read.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
using ResolvedTexts = std::unordered_map<std::string, std::uint64_t, TextHash, std::equal_to<>>;

ConfigParts parts_of(const Node* root, const ResolvedTexts& resolved = {});

// {"added":["models.fast"],"changed":[],"removed":[],"more":0}; of very many only the first ones are named.
std::string changes_json(const ConfigParts& before, const ConfigParts& after);

}  // namespace sluice::app
