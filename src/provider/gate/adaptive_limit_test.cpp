#include "provider/gate/adaptive_limit.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace sluice::provider::adaptive_limit_test {
namespace {

// A provider that serves `capacity` at once in 100 ms each; more of them share it, so that all take longer.
std::int64_t latency(std::uint32_t in_use, double capacity) {
  return static_cast<std::int64_t>(100'000 * std::max(1.0, in_use / capacity));
}
// As many are always wanted as are let in.
void run(AdaptiveLimit& limit, int samples, double capacity) {
  for (int i = 0; i < samples; ++i) limit.served(latency(limit.limit(), capacity), limit.limit());
}

TEST(AdaptiveLimit, GrowsToWhatTheProviderTakes) {
  AdaptiveLimit limit(1000);
  run(limit, 300, 100);
  EXPECT_GE(limit.limit(), 90u);
}

TEST(AdaptiveLimit, NeverLeavesItsBounds) {
  AdaptiveLimit limit(30);
  run(limit, 1000, 500);
  EXPECT_EQ(limit.limit(), 30u);
  limit.set_most(8);
  EXPECT_EQ(limit.limit(), 8u);
  for (int i = 0; i < 1000; ++i) limit.refused(Instant(Ms(1000 * i)));
  EXPECT_EQ(limit.limit(), AdaptiveLimit::kLeast);
  EXPECT_EQ(AdaptiveLimit(5).limit(), 5u);
}

TEST(AdaptiveLimit, ShrinksWhenAnswersTakeLonger) {
  AdaptiveLimit limit(1000);
  run(limit, 300, 100);
  auto before = limit.limit();
  run(limit, 60, 20);  // the provider lost four fifths of its capacity
  EXPECT_LT(limit.limit(), before / 2);
}

TEST(AdaptiveLimit, ComesBackWhenTheProviderDoes) {
  AdaptiveLimit limit(1000);
  run(limit, 300, 100);
  run(limit, 60, 20);
  auto low = limit.limit();
  run(limit, 300, 100);
  EXPECT_GT(limit.limit(), low * 2);
}

TEST(AdaptiveLimit, LearnsNothingFromTrafficThatDoesNotUseIt) {
  AdaptiveLimit limit(1000);
  for (int i = 0; i < 500; ++i) limit.served(100'000, 3);
  EXPECT_EQ(limit.limit(), AdaptiveLimit::kInitial);
}

TEST(AdaptiveLimit, ABurstOfRefusalsCountsOnce) {
  AdaptiveLimit limit(1000);
  for (int i = 0; i < 20; ++i) limit.served(100'000, 1);
  Instant at(std::chrono::hours(1));
  for (int i = 0; i < 50; ++i) limit.refused(at + Ms(i));
  EXPECT_EQ(limit.limit(), 18u);
  limit.refused(at + Ms(200));
  EXPECT_EQ(limit.limit(), 16u);
}

}  // namespace
}  // namespace sluice::provider::adaptive_limit_test
