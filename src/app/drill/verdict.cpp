#include "app/drill/verdict.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.h"

namespace sluice::app {

namespace {

using End = DrillSample::End;

constexpr auto kBefore = static_cast<std::size_t>(DrillPhase::kBefore);
constexpr auto kFault = static_cast<std::size_t>(DrillPhase::kFault);
constexpr auto kAfter = static_cast<std::size_t>(DrillPhase::kAfter);

DrillCount count(std::span<const DrillSample> samples, DrillPhase phase) {
  DrillCount counted;
  std::vector<std::int64_t> durations;
  for (const auto& sample : samples) {
    if (sample.phase != phase) continue;
    ++counted.requests;
    durations.push_back(sample.duration_us);
    if (sample.lost()) {
      ++counted.lost;
      continue;
    }
    if (sample.attempts > 1) ++counted.retried;
    if (!sample.deployment.empty()) ++counted.served_by[sample.deployment];
  }
  counted.p50_us = percentile(durations, 50);
  counted.p99_us = percentile(std::move(durations), 99);
  return counted;
}

bool tried(const DrillStory& story, std::string_view deployment) {
  return std::ranges::find(story.tries, deployment, &DrillStory::Try::deployment) != story.tries.end();
}

// Whether any request of the fault's time could have met it.
bool met(const DrillPlan& plan, const DrillVerdict& verdict, std::span<const DrillStory> stories) {
  const auto& before = verdict.phases[kBefore].served_by;
  const auto& during = verdict.phases[kFault].served_by;
  bool asked = std::ranges::any_of(stories, [&](const auto& story) { return tried(story, plan.deployment); });
  return before.contains(plan.deployment) || during.contains(plan.deployment) || asked;
}

std::size_t lost_with(std::span<const DrillSample> samples, End end) {
  return static_cast<std::size_t>(std::ranges::count_if(
      samples, [&](const auto& sample) { return sample.phase != DrillPhase::kBefore && sample.end == end; }));
}

std::string route_of(const DrillPlan& plan, std::span<const DrillStory> stories) {
  for (const auto& story : stories) {
    if (!story.route.empty()) return story.route;
  }
  return plan.model;
}

void advise_fallbacks(const DrillPlan& plan, std::span<const DrillStory> stories, std::vector<std::string>& findings) {
  auto route = route_of(plan, stories);
  for (const auto& story : stories) {
    if (story.served || story.candidates.size() != 1) continue;
    std::vector<std::string> reasons;
    for (const auto& [deployment, reason] : story.excluded) {
      if (deployment != plan.deployment) reasons.push_back(deployment + ": " + reason);
    }
    if (reasons.empty()) {
      return findings.push_back(
          fmt::format("No fallback for route '{}': {} is the only deployment it leads to. Add another one under "
                      "models.{}.deployments.",
                      route, plan.deployment, route));
    }
    return findings.push_back(fmt::format("Route '{}' had no deployment left but {}; the others were excluded ({}).",
                                          route, plan.deployment, fmt::join(reasons, "; ")));
  }
}

void advise_timeouts(const DrillPlan& plan, std::span<const DrillSample> samples, std::span<const DrillStory> stories,
                     std::vector<std::string>& findings) {
  auto late = lost_with(samples, End::kTooLate);
  if (late == 0) return;
  findings.push_back(fmt::format(
      "{} requests were not answered within the {} that the application waits: the time-out of a try is longer than "
      "that, or all tries together are. Make models.{}.timeout.first_byte shorter, so that time is left for another "
      "deployment.",
      late, format_duration(plan.patience.count()), route_of(plan, stories)));
}

void advise_streams(std::span<const DrillSample> samples, std::vector<std::string>& findings) {
  auto broken = lost_with(samples, End::kBroken);
  if (broken == 0) return;
  findings.push_back(fmt::format(
      "{} answers broke off after they had begun: what was sent cannot be taken back, and the route does not go on "
      "with them elsewhere.",
      broken));
}

// Several deployments were there and the request was lost all the same.
void advise_tries(const DrillPlan& plan, std::span<const DrillSample> samples, std::span<const DrillStory> stories,
                  std::vector<std::string>& findings) {
  if (lost_with(samples, End::kRefused) == 0) return;
  for (const auto& story : stories) {
    if (story.served || story.candidates.size() < 2 || story.tries.empty()) continue;
    bool elsewhere =
        std::ranges::any_of(story.tries, [&](const auto& one) { return one.deployment != plan.deployment; });
    std::vector<std::string> ends;
    ends.reserve(story.tries.size());
    for (const auto& one : story.tries) ends.push_back(one.deployment + ": " + one.outcome);
    return findings.push_back(fmt::format(
        "{} (for example {}: {}).",
        elsewhere ? "The fallbacks failed too" : "Requests were given up before another deployment was tried",
        story.request_id, fmt::join(ends, "; ")));
  }
}

void advise_speed(const DrillPlan& plan, const DrillVerdict& verdict, std::span<const DrillStory> stories,
                  std::vector<std::string>& findings) {
  if (verdict.added_p99_us <= plan.slower.count() * 1000) return;
  const auto& during = verdict.phases[kFault];
  findings.push_back(fmt::format(
      "At p99 requests were slower by {}: {} of {} were served by a further try only. A shorter time-out, a breaker "
      "that "
      "opens sooner or hedging on route '{}' would spare them the wait.",
      format_duration(verdict.added_p99_us / 1000), during.retried, during.requests, route_of(plan, stories)));
}

std::string summary_of(const DrillPlan& plan, const DrillVerdict& verdict, std::size_t lost) {
  const auto& before = verdict.phases[kBefore];
  switch (verdict.result) {
    case DrillVerdict::Result::kProvesNothing:
      return before.lost > 0
                 ? fmt::format("The drill proves nothing: {} of {} requests failed before there was any fault.",
                               before.lost, before.requests)
                 : fmt::format("The drill proves nothing: no request for '{}' went to {}.", plan.model,
                               plan.deployment);
    case DrillVerdict::Result::kNoticed:
      return lost > 0 ? fmt::format("The application would have noticed: {} of {} requests were lost.", lost,
                                    verdict.phases[kFault].requests + verdict.phases[kAfter].requests)
                      : fmt::format("The application would have noticed: at p99 it waited {} longer.",
                                    format_duration(verdict.added_p99_us / 1000));
    case DrillVerdict::Result::kUnnoticed:
      break;
  }
  return fmt::format("The application would not have noticed: no request was lost, and p99 rose by {} ms.",
                     verdict.added_p99_us / 1000);
}

}  // namespace

std::int64_t percentile(std::vector<std::int64_t> values, unsigned percent) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  auto rank = (values.size() * percent + 99) / 100;
  return values[std::max<std::size_t>(rank, 1) - 1];
}

DrillVerdict judge(const DrillPlan& plan, std::span<const DrillSample> samples, std::span<const DrillStory> stories) {
  using Result = DrillVerdict::Result;
  DrillVerdict verdict;
  for (auto phase : {DrillPhase::kBefore, DrillPhase::kFault, DrillPhase::kAfter})
    verdict.phases[static_cast<std::size_t>(phase)] = count(samples, phase);
  const auto& before = verdict.phases[kBefore];
  const auto& during = verdict.phases[kFault];
  verdict.added_p50_us = std::max<std::int64_t>(0, during.p50_us - before.p50_us);
  verdict.added_p99_us = std::max<std::int64_t>(0, during.p99_us - before.p99_us);
  auto lost = during.lost + verdict.phases[kAfter].lost;
  if (before.lost > 0 || (lost == 0 && !met(plan, verdict, stories))) {
    verdict.result = Result::kProvesNothing;
  } else if (lost > 0 || verdict.added_p99_us > plan.slower.count() * 1000) {
    verdict.result = Result::kNoticed;
  }
  if (verdict.result == Result::kNoticed) {
    if (lost > 0) advise_fallbacks(plan, stories, verdict.findings);
    advise_timeouts(plan, samples, stories, verdict.findings);
    advise_streams(samples, verdict.findings);
    advise_tries(plan, samples, stories, verdict.findings);
    advise_speed(plan, verdict, stories, verdict.findings);
  }
  verdict.summary = summary_of(plan, verdict, lost);
  return verdict;
}

}  // namespace sluice::app
