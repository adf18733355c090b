#include "app/drill/verdict.h"

#include <gtest/gtest.h>

#include "app/drill/report.h"

namespace sluice::app::verdict_test {
namespace {

using End = DrillSample::End;
using Result = DrillVerdict::Result;

const DrillPlan kPlan{.deployment = "a/x", .kind = "unreachable", .model = "fast"};

DrillSample sample(DrillPhase phase, std::string deployment, std::int64_t ms, End end = End::kServed,
                   std::uint32_t attempts = 1) {
  return {.phase = phase,
          .end = end,
          .status = end == End::kServed ? 200 : 502,
          .duration_us = ms * 1000,
          .attempts = attempts,
          .request_id = "req_1",
          .deployment = std::move(deployment)};
}

std::vector<DrillSample> drill(std::string during, std::int64_t ms, End end = End::kServed,
                               std::uint32_t attempts = 1) {
  std::vector<DrillSample> samples;
  for (int i = 0; i < 100; ++i) {
    samples.push_back(sample(DrillPhase::kBefore, "a/x", 10 + i % 3));
    samples.push_back(sample(DrillPhase::kFault, during, ms, end, attempts));
    samples.push_back(sample(DrillPhase::kAfter, "a/x", 10));
  }
  return samples;
}

bool advises(const DrillVerdict& verdict, std::string_view words) {
  for (const auto& finding : verdict.findings) {
    if (finding.find(words) != std::string::npos) return true;
  }
  return false;
}

TEST(Percentile, IsTheNearestRank) {
  EXPECT_EQ(percentile({}, 99), 0);
  EXPECT_EQ(percentile({5}, 50), 5);
  EXPECT_EQ(percentile({4, 1, 3, 2}, 50), 2);
  EXPECT_EQ(percentile({4, 1, 3, 2}, 99), 4);
}

TEST(Drill, IsUnnoticedWhenAFallbackServes) {
  auto verdict = judge(kPlan, drill("b/x", 15, End::kServed, 2), {});
  EXPECT_EQ(verdict.result, Result::kUnnoticed);
  EXPECT_EQ(verdict.phases[1].served_by.at("b/x"), 100U);
  EXPECT_EQ(verdict.phases[1].retried, 100U);
  EXPECT_EQ(verdict.added_p99_us, 3'000);
  EXPECT_TRUE(verdict.findings.empty());
}

TEST(Drill, ARouteWithoutFallbackIsNoticed) {
  DrillStory story{
      .request_id = "req_1", .route = "fast", .candidates = {"a/x"}, .tries = {{"a/x", "unreachable", 10}}};
  auto verdict = judge(kPlan, drill("a/x", 5, End::kRefused), {&story, 1});
  EXPECT_EQ(verdict.result, Result::kNoticed);
  EXPECT_EQ(verdict.summary, "The application would have noticed: 100 of 200 requests were lost.");
  EXPECT_TRUE(advises(verdict, "No fallback for route 'fast': a/x is the only deployment")) << verdict.summary;
}

TEST(Drill, TellsWhyTheOthersWereNoHelp) {
  DrillStory excluded{.request_id = "req_1",
                      .route = "fast",
                      .candidates = {"a/x"},
                      .excluded = {{"b/x", "region eu only"}},
                      .tries = {{"a/x", "unreachable", 10}}};
  EXPECT_TRUE(advises(judge(kPlan, drill("a/x", 5, End::kRefused), {&excluded, 1}), "b/x: region eu only"));
  DrillStory failed{.request_id = "req_2",
                    .route = "fast",
                    .candidates = {"a/x", "b/x"},
                    .tries = {{"a/x", "unreachable", 10}, {"b/x", "provider_status", 10}}};
  auto verdict = judge(kPlan, drill("a/x", 5, End::kRefused), {&failed, 1});
  EXPECT_TRUE(advises(verdict, "The fallbacks failed too (for example req_2: a/x: unreachable; b/x: provider_status)"));
  DrillStory served = failed;
  served.served = true;
  EXPECT_FALSE(advises(judge(kPlan, drill("a/x", 5, End::kRefused), {&served, 1}), "The fallbacks failed"));
}

TEST(Drill, TimeoutsAndBrokenStreamsAreToldApart) {
  auto late = judge(kPlan, drill("", 10'000, End::kTooLate), {});
  EXPECT_TRUE(advises(late, "100 requests were not answered within the 10s"));
  EXPECT_FALSE(advises(late, "broke off"));
  auto broken = judge(kPlan, drill("a/x", 10, End::kBroken), {});
  EXPECT_TRUE(advises(broken, "100 answers broke off"));
}

TEST(Drill, SlownessIsNoticedToo) {
  auto verdict = judge(kPlan, drill("b/x", 3'000, End::kServed, 2), {});
  EXPECT_EQ(verdict.result, Result::kNoticed);
  EXPECT_TRUE(advises(verdict, "100 of 100 were served by a further try only"));
  auto plan = kPlan;
  plan.slower = Ms(5'000);
  EXPECT_EQ(judge(plan, drill("b/x", 3'000, End::kServed, 2), {}).result, Result::kUnnoticed);
}

TEST(Drill, ProvesNothingWithoutTrafficThere) {
  std::vector<DrillSample> elsewhere;
  for (auto phase : {DrillPhase::kBefore, DrillPhase::kFault, DrillPhase::kAfter})
    elsewhere.push_back(sample(phase, "b/x", 10));
  EXPECT_EQ(judge(kPlan, elsewhere, {}).result, Result::kProvesNothing);
  auto broken = drill("a/x", 5, End::kRefused);
  broken.front().end = End::kRefused;
  EXPECT_EQ(judge(kPlan, broken, {}).summary,
            "The drill proves nothing: 1 of 100 requests failed before there was any fault.");
}

TEST(DrillReport, ShowsPhasesFindingsAndLostRequests) {
  DrillStory story{
      .request_id = "req_1", .route = "fast", .candidates = {"a/x"}, .tries = {{"a/x", "unreachable", 10}}};
  auto samples = drill("a/x", 5, End::kRefused);
  samples[1].error = "a | b";
  auto verdict = judge(kPlan, samples, {&story, 1});
  auto text = drill_markdown(kPlan, verdict, samples);
  EXPECT_TRUE(text.starts_with("# Drill: a/x unreachable\n\nThe application would have noticed")) << text;
  EXPECT_NE(text.find("| fault | 100 | 100 | 0 | 5.0 ms | 5.0 ms | - |\n"), std::string::npos) << text;
  EXPECT_NE(text.find("## What to mend\n\n- No fallback"), std::string::npos) << text;
  EXPECT_NE(text.find("| req_1 | fault | no | 502 | refused | a / b |"), std::string::npos) << text;
  EXPECT_NE(text.find("80 more are not listed."), std::string::npos) << text;
  auto json = drill_json(kPlan, verdict);
  EXPECT_TRUE(json.starts_with(R"({"result":"noticed","summary":)")) << json;
  EXPECT_NE(json.find(R"("fault":{"requests":100,"lost":100,)"), std::string::npos) << json;
}

}  // namespace
}  // namespace sluice::app::verdict_test
