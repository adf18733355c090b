#include "dialect/rate_limits.h"

#include <gtest/gtest.h>

namespace sluice::dialect {
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

}  // namespace
}  // namespace sluice::dialect
