#include "provider/health/health.h"

#include <gtest/gtest.h>

namespace sluice::provider::health_test {
namespace {

const Instant kAt{std::chrono::hours(100)};
const WallTime kWall = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + std::chrono::hours(10);

TEST(Health, KnowsNothingAtFirst) {
  Health health;
  EXPECT_EQ(health.first_piece(kAt), Ms(0));
  EXPECT_EQ(health.headroom(kAt), 1);
  EXPECT_EQ(health.resting(kAt), Ms(0));
  EXPECT_EQ(health.in_flight.load(), 0);
}

TEST(Health, TimeToTheFirstPieceRisesAtOnceAndFallsSlowly) {
  Health health;
  health.observe_first_piece(Ms(200), kAt);
  EXPECT_EQ(health.first_piece(kAt), Ms(200));
  health.observe_first_piece(Ms(900), kAt + Ms(1));
  EXPECT_EQ(health.first_piece(kAt + Ms(1)), Ms(900));
  health.observe_first_piece(Ms(200), kAt + Ms(1'001));
  const auto after_a_second = health.first_piece(kAt + Ms(1'001));
  EXPECT_GT(after_a_second, Ms(800));
  EXPECT_LT(after_a_second, Ms(900));
  for (int second = 2; second < 60; ++second) health.observe_first_piece(Ms(200), kAt + std::chrono::seconds(second));
  EXPECT_LE(health.first_piece(kAt + std::chrono::seconds(60)), Ms(210));
  EXPECT_GE(health.first_piece(kAt + std::chrono::seconds(59)), Ms(195));
}

TEST(Health, WhatWasNotSeenForMinutesIsUnknownAgain) {
  Health health;
  health.observe_first_piece(Ms(60'000), kAt);
  EXPECT_GT(health.first_piece(kAt + std::chrono::seconds(10)), Ms(20'000));
  EXPECT_EQ(health.first_piece(kAt + std::chrono::minutes(5)), Ms(0));
}

TEST(Health, AnAnswerWithinTheMillisecondIsKnown) {
  Health health;
  health.observe_first_piece(Ms(0), kAt);
  EXPECT_EQ(health.first_piece(kAt), Ms(1));
  health.observe_first_piece(std::chrono::hours(1), kAt);
  EXPECT_GT(health.first_piece(kAt), std::chrono::minutes(17));
}

TEST(Health, HeadroomIsTheLeastOfWhatIsLeftUntilItsReset) {
  Health health;
  health.observe_limits({.headers = {{"x-ratelimit-limit-requests", "100"},
                                     {"x-ratelimit-remaining-requests", "20"},
                                     {"x-ratelimit-reset-requests", "6s"},
                                     {"x-ratelimit-limit-tokens", "1000"},
                                     {"x-ratelimit-remaining-tokens", "900"}}},
                        kAt, kWall);
  EXPECT_NEAR(health.headroom(kAt + Ms(5'999)), 0.2, 0.001);
  EXPECT_EQ(health.headroom(kAt + Ms(6'000)), 1);
  health.observe_limits({.headers = {{"anthropic-ratelimit-tokens-limit", "100"},
                                     {"anthropic-ratelimit-tokens-remaining", "0"},
                                     {"anthropic-ratelimit-tokens-reset", "2026-11-22T10:00:30Z"}}},
                        kAt, kWall);
  EXPECT_EQ(health.headroom(kAt + Ms(29'999)), 0);
  EXPECT_EQ(health.headroom(kAt + Ms(30'000)), 1);
}

TEST(Health, AnAnswerThatSaysNothingOfLimitsChangesNothing) {
  Health health;
  health.observe_limits({.headers = {{"x-ratelimit-limit-requests", "4"}, {"x-ratelimit-remaining-requests", "1"}}},
                        kAt, kWall);
  health.observe_limits({.headers = {{"content-type", "application/json"}}}, kAt, kWall);
  EXPECT_NEAR(health.headroom(kAt), 0.25, 0.001);
}

TEST(Health, ARefusalLeavesNothingUntilItsTimeAndLittleWithoutOne) {
  Health health;
  health.observe_limits({.status = 429, .headers = {{"retry-after", "7"}}}, kAt, kWall);
  EXPECT_EQ(health.headroom(kAt + Ms(6'999)), 0);
  EXPECT_EQ(health.headroom(kAt + Ms(7'000)), 1);
  health.observe_limits({.status = 429, .headers = {}}, kAt, kWall);
  EXPECT_NEAR(health.headroom(kAt), 0.1, 0.001);
  EXPECT_EQ(health.headroom(kAt + Ms(5'000)), 1);
  // The limit that was met is not among those that are named.
  health.observe_limits(
      {.status = 429, .headers = {{"x-ratelimit-limit-requests", "10"}, {"x-ratelimit-remaining-requests", "9"}}}, kAt,
      kWall);
  EXPECT_NEAR(health.headroom(kAt), 0.1, 0.001);
}

TEST(Health, RestsUntilTheLatestTimeItWasAskedTo) {
  Health health;
  health.rest_until(kAt + Ms(2'000));
  health.rest_until(kAt + Ms(1'000));
  EXPECT_EQ(health.resting(kAt), Ms(2'000));
  EXPECT_EQ(health.resting(kAt + Ms(2'000)), Ms(0));
  EXPECT_EQ(health.resting(kAt + std::chrono::hours(1)), Ms(0));
}

TEST(HealthBook, GivesTheSameForTheSameName) {
  HealthBook book;
  auto one = book.of("openai/a");
  auto other = book.of("openai/b");
  EXPECT_EQ(book.of("openai/a"), one);
  EXPECT_NE(one, other);
  const auto all = book.all();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].first, "openai/a");
  EXPECT_EQ(all[1].second, other);
}

TEST(HealthBook, ForgetsWhatNobodyUses) {
  HealthBook book;
  auto used = book.of("used");
  book.of("unused");
  book.forget_unused();
  ASSERT_EQ(book.all().size(), 1U);
  EXPECT_EQ(book.of("used"), used);
}

}  // namespace
}  // namespace sluice::provider::health_test
