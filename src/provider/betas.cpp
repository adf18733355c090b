#include "provider/betas.h"

#include <algorithm>
#include <functional>
#include <tuple>
#include <utility>

#include "base/text.h"

namespace sluice::provider {

namespace {

bool is_exact(const BetaRule& rule) {
  return !rule.asked.contains('*');
}

}  // namespace

bool takes_all(const std::vector<BetaRule>& rules) {
  return rules.size() == 1 && rules.front().asked == "*" && rules.front().taken && rules.front().other.empty();
}

std::vector<BetaRule> beta_rules(std::string_view known, const std::map<std::string, std::string>& configured) {
  std::vector<BetaRule> rules;
  rules.reserve(configured.size() + 16);
  for (const auto& [name, value] : configured) {
    const bool renamed = value != "true" && value != "false";
    rules.push_back({.asked = name, .taken = value != "false", .other = renamed ? value : ""});
  }
  std::ranges::sort(rules, std::ranges::greater(),
                    [](const BetaRule& rule) { return std::tuple(is_exact(rule), rule.asked.size(), rule.asked); });
  for (std::string_view one : split(known, ',')) {
    const auto equals = one.find('=');
    std::string other(equals == std::string_view::npos ? "" : one.substr(equals + 1));
    rules.push_back({.asked = std::string(one.substr(0, equals)), .taken = true, .other = std::move(other)});
  }
  return rules;
}

TakenBetas taken_betas(const std::vector<BetaRule>& rules, std::string_view asked) {
  TakenBetas out;
  for (std::string_view beta : split(asked, ',')) {
    beta = trim(beta);
    if (beta.empty()) continue;
    const auto rule = std::ranges::find_if(rules, [&](const BetaRule& one) { return glob_match(one.asked, beta); });
    if (rule == rules.end() || !rule->taken) {
      out.left.emplace_back(beta);
      continue;
    }
    if (!out.taken.empty()) out.taken += ',';
    out.taken += rule->other.empty() ? beta : std::string_view(rule->other);
  }
  return out;
}

}  // namespace sluice::provider
