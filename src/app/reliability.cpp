#include "app/reliability.h"

#include <fmt/format.h>

#include "base/text.h"

namespace sluice::app {

namespace {

constexpr std::string_view kRemedies = "next, retry, next_only, give_up";

std::string unknown_class(std::string_view found) {
  std::vector<std::string_view> names;
  for (const auto& facts : provider::failures()) names.push_back(facts.name);
  auto near = nearest(found.substr(0, 60), names);
  return near.empty() ? fmt::format("unknown class of failures; known: {}", fmt::join(names, ", "))
                      : fmt::format("unknown class of failures; did you mean '{}'?", near);
}

// "p95" → 95; nothing: it is no percentile.
std::optional<std::uint32_t> percentile_of(std::string_view text) {
  if (!text.starts_with('p')) return std::nullopt;
  auto percent = to_number<std::uint32_t>(text.substr(1));
  return percent && *percent >= 50 && *percent <= 99 ? percent : std::nullopt;
}

std::optional<Ms> duration_of(std::string_view text) {
  auto duration = parse_duration_ms(text);
  return duration && *duration > 0 ? std::optional(Ms(*duration)) : std::nullopt;
}

}  // namespace

void check_reliability(const ModelConfig& model, const Place& place, Problems& problems) {
  const Place on_failure = place.key("on_failure");
  for (const auto& [failure, remedy] : model.on_failure) {
    const Place inner = on_failure.key(failure);
    if (!provider::find_failure(failure)) problems.add(inner, unknown_class(failure));
    if (!provider::find_remedy(remedy)) problems.add(inner, fmt::format("expected one of: {}", kRemedies));
  }
  const auto& after = model.hedge.after;
  const Place hedge = place.key("hedge");
  if (!after.empty() && !percentile_of(after) && !duration_of(after)) {
    problems.add(hedge.key("after"),
                 fmt::format("expected p50 to p99, or a duration such as 800ms, found '{}'", printable(after, 40)));
  }
  const bool is_one = model.deployments.size() == 1 && model.deployments.front().deployments.empty();
  if (!after.empty() && is_one) {
    problems.add(hedge, "needs a second deployment to ask");
  }
  if (model.breaker.cool_down > model.breaker.max_cool_down) {
    problems.add(place.key("breaker").key("cool_down"), "is longer than max_cool_down");
  }
}

provider::FailurePolicy failure_policy(const ModelConfig& model) {
  provider::FailurePolicy policy;
  for (const auto& [failure, remedy] : model.on_failure) {
    policy.set(*provider::find_failure(failure), *provider::find_remedy(remedy));
  }
  return policy;
}

provider::HedgePolicy hedge_policy(const HedgeConfig& config) {
  using Tools = provider::HedgePolicy::Tools;
  provider::HedgePolicy policy;
  policy.enabled = !config.after.empty();
  policy.max_extra_percent = config.max_extra_percent;
  policy.tools = config.tools ? Tools::kAllow : Tools::kRefuse;
  if (auto percent = percentile_of(config.after)) {
    policy.percentile = *percent;
  } else if (auto duration = duration_of(config.after)) {
    policy.after = *duration;
  }
  return policy;
}

}  // namespace sluice::app
