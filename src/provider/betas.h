// Which betas of the Anthropic API a host of it takes, and by which names: Bedrock and Vertex AI refuse a request that
// names one they do not know.
//
// Thread rule: plain values; functions are pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::provider {

// The first rule whose glob matches a beta's name decides.
struct BetaRule {
  std::string asked;       // a glob
  bool taken = true;       // false: the host does not get it
  std::string other = {};  // what the host calls it; empty: the same
};

// What a host takes by itself ("*", or "name,name=its name there"), corrected by what is configured: true, false or the
// host's name, by globs. An exact name goes before a glob, a longer glob before a shorter one.
std::vector<BetaRule> beta_rules(std::string_view known, const std::map<std::string, std::string>& configured);

// All of them, by their own names.
bool takes_all(const std::vector<BetaRule>& rules);

struct TakenBetas {
  std::string taken;              // as the header field has them: "a-1,b-2"
  std::vector<std::string> left;  // those the host does not get
};

// `asked` is the value of the header field. What no rule matches is left out.
TakenBetas taken_betas(const std::vector<BetaRule>& rules, std::string_view asked);

}  // namespace sluice::provider
