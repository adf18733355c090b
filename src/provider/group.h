// The deployments of a route as a tree: groups of choices, each a deployment or a group, and how one among them is
// chosen.
//
// Thread rule: built once from a configuration, never changed; read by all loops.
// Ownership: a Route owns its tree and its deployments; the tree points to them.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dialect/needs.h"

namespace sluice::provider {

struct Deployment;
struct Group;

enum class Strategy : std::uint8_t {
  kPriority,      // in the order written
  kWeighted,      // at random, by weight
  kLeastBusy,     // fewest requests in flight for its weight
  kLeastLatency,  // the quicker one of two drawn at random
  kLeastCost,     // the cheapest for what is expected of the request
  kUsage,         // at random, by weight and by what is left of the provider's limits
  kSticky,        // the same one for each turn of a conversation
};
// As configurations spell them; the order is Strategy's.
inline constexpr std::string_view kStrategyNames[] = {"priority",   "weighted", "least_busy", "least_latency",
                                                      "least_cost", "usage",    "sticky"};
std::optional<Strategy> find_strategy(std::string_view name);

// When a choice counts: all that is given has to hold. A name and the glob that its value has to match.
using Globs = std::vector<std::pair<std::string, std::string>>;
struct When {
  Globs tags;
  Globs headers;
  std::vector<std::string> teams;  // globs; empty: all
  std::uint64_t min_tokens = 0;    // of the prompt, as estimated
  std::uint64_t max_tokens = std::numeric_limits<std::uint64_t>::max();
  dialect::Needs needs;  // the request has all of these
  std::optional<bool> stream;
};

struct Choice {
  const Deployment* deployment = nullptr;  // null: a group
  std::unique_ptr<Group> group;
  std::uint32_t weight = 1;              // 0: no share, behind all others
  std::optional<std::uint32_t> percent;  // of the requests, before the strategy is asked for the others
  std::optional<When> when;
  std::uint64_t id = 0;  // the same in all processes: from the names of its deployments
};

struct Group {
  Strategy strategy = Strategy::kPriority;
  std::vector<Choice> choices;
  std::uint64_t id = 0;
};

// The choice of a deployment.
Choice choice_of(const Deployment& deployment);
// Fills in the ids of a whole tree.
void number(Group& group);

}  // namespace sluice::provider
