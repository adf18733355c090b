#include "dialect/rate_limits.h"

#include <gtest/gtest.h>

namespace sluice::dialect::rate_limits_test {
namespace {

const WallTime kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + std::chrono::hours(10);

TEST(RateLimits, AnOpenAiProvidersFieldsForAnAnthropicClient) {
  const auto ours = rate_limits_as(LimitSpelling::kAnthropic,
                                   {{"x-ratelimit-limit-requests", "500"},
                                    {"X-RateLimit-Remaining-Tokens", "39900"},
                                    {"x-ratelimit-reset-tokens", "1m5s"},
                                    {"content-type", "application/json"}},
                                   kNow);
  EXPECT_EQ(ours.size(), 3U);
  EXPECT_EQ(ours.get("anthropic-ratelimit-requests-limit"), "500");
  EXPECT_EQ(ours.get("anthropic-ratelimit-tokens-remaining"), "39900");
  EXPECT_EQ(ours.get("anthropic-ratelimit-tokens-reset"), "2026-11-22T10:01:05Z");
}

TEST(RateLimits, AnAnthropicProvidersFieldsForAnOpenAiClient) {
  const auto ours = rate_limits_as(LimitSpelling::kOpenAi,
                                   {{"anthropic-ratelimit-requests-remaining", "0"},
                                    {"anthropic-ratelimit-input-tokens-limit", "40000"},
                                    {"anthropic-ratelimit-requests-reset", "2026-11-22T10:00:42Z"}},
                                   kNow);
  EXPECT_EQ(ours.get("x-ratelimit-remaining-requests"), "0");
  EXPECT_EQ(ours.get("x-ratelimit-limit-input-tokens"), "40000");
  EXPECT_EQ(ours.get("x-ratelimit-reset-requests"), "42s");
}

TEST(RateLimits, WhatHasTheSpellingAlreadyStaysAsItIs) {
  const auto ours = rate_limits_as(LimitSpelling::kOpenAi, {{"x-ratelimit-reset-requests", "120ms"}}, kNow);
  EXPECT_EQ(ours.get("x-ratelimit-reset-requests"), "120ms");
}

TEST(RateLimits, AResetThatIsNoTimeIsPassedOn) {
  const auto ours = rate_limits_as(LimitSpelling::kOpenAi, {{"anthropic-ratelimit-tokens-reset", "soon"}}, kNow);
  EXPECT_EQ(ours.get("x-ratelimit-reset-tokens"), "soon");
  const auto none =
      rate_limits_as(LimitSpelling::kOpenAi, {{"x-ratelimit-limit-", "1"}, {"anthropic-ratelimit--limit", "1"}}, kNow);
  EXPECT_EQ(none.size(), 0U);
}

TEST(TightestLimit, IsTheOneOfWhichTheLeastIsLeft) {
  const auto openai = tightest_limit({{"x-ratelimit-limit-requests", "500"},
                                      {"X-RateLimit-Remaining-Requests", "400"},
                                      {"x-ratelimit-reset-requests", "120ms"},
                                      {"x-ratelimit-limit-tokens", "40000"},
                                      {"x-ratelimit-remaining-tokens", "10000"},
                                      {"x-ratelimit-reset-tokens", "1m5s"}},
                                     kNow);
  ASSERT_TRUE(openai);
  EXPECT_EQ(openai->left, 0.25);
  EXPECT_EQ(openai->reset, Ms(65'000));
  const auto anthropic = tightest_limit({{"anthropic-ratelimit-requests-limit", "50"},
                                         {"anthropic-ratelimit-requests-remaining", "40"},
                                         {"anthropic-ratelimit-input-tokens-limit", "40000"},
                                         {"anthropic-ratelimit-input-tokens-remaining", "4000"},
                                         {"anthropic-ratelimit-input-tokens-reset", "2026-11-22T10:00:42Z"}},
                                        kNow);
  ASSERT_TRUE(anthropic);
  EXPECT_EQ(anthropic->left, 0.1);
  EXPECT_EQ(anthropic->reset, Ms(42'000));
}

TEST(TightestLimit, ExhaustedNeedsNoLimit) {
  const auto news = tightest_limit({{"x-ratelimit-remaining-tokens", "0"}}, kNow);
  ASSERT_TRUE(news);
  EXPECT_EQ(news->left, 0);
  EXPECT_FALSE(news->reset);
}

TEST(TightestLimit, IsNothingWhereNothingIsSaidOfIt) {
  EXPECT_FALSE(tightest_limit({}, kNow));
  EXPECT_FALSE(tightest_limit({{"x-ratelimit-remaining-tokens", "5"}}, kNow));
  EXPECT_FALSE(tightest_limit({{"x-ratelimit-remaining-tokens", "many"}, {"x-ratelimit-limit-tokens", "9"}}, kNow));
  EXPECT_FALSE(tightest_limit({{"x-ratelimit-remaining-tokens", "5"}, {"x-ratelimit-limit-tokens", "0"}}, kNow));
  EXPECT_FALSE(tightest_limit({{"x-ratelimit-reset-tokens", "5s"}}, kNow));
}

TEST(TightestLimit, LooksAtAFewLimitsOnly) {
  http::Headers headers;
  for (int i = 0; i < 20; ++i) {
    const auto of = std::to_string(i);
    headers.add("x-ratelimit-limit-" + of, "100");
    headers.add("x-ratelimit-remaining-" + of, std::to_string(99 - i));
  }
  const auto news = tightest_limit(headers, kNow);
  ASSERT_TRUE(news);
  EXPECT_EQ(news->left, 0.92);
}

}  // namespace
}  // namespace sluice::dialect::rate_limits_test
