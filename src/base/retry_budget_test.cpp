#include "base/retry_budget.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace sluice::retry_budget_test {
namespace {

constexpr Instant kNow{std::chrono::hours(5)};

int taken(RetryBudget& budget, int asked, Instant at) {
  int count = 0;
  for (int i = 0; i < asked; ++i) count += budget.take(at) ? 1 : 0;
  return count;
}

TEST(RetryBudget, IsAShareOfTheRequests) {
  RetryBudget budget({.percent = 20, .min_per_second = 0});
  EXPECT_EQ(taken(budget, 10, kNow), 0);
  for (int i = 0; i < 1000; ++i) budget.on_request(kNow);
  EXPECT_EQ(taken(budget, 1000, kNow), 200);
}

TEST(RetryBudget, LittleTrafficHasAMinimum) {
  RetryBudget budget({.percent = 20, .min_per_second = 10});
  EXPECT_EQ(taken(budget, 1000, kNow), 100);  // ten seconds of it
}

TEST(RetryBudget, ForgetsAfterTenSeconds) {
  RetryBudget budget({.percent = 50, .min_per_second = 1});
  for (int i = 0; i < 100; ++i) budget.on_request(kNow);
  EXPECT_EQ(taken(budget, 1000, kNow + Ms(9'000)), 60);
  EXPECT_EQ(taken(budget, 1000, kNow + Ms(10'000)), 0);   // the requests are forgotten, not yet what was taken
  EXPECT_EQ(taken(budget, 1000, kNow + Ms(19'000)), 10);  // now that is too
  EXPECT_EQ(taken(budget, 1000, kNow + Ms(86'400'000)), 10);
}

TEST(RetryBudget, NothingOfBothMeansNoRetries) {
  RetryBudget budget({.percent = 0, .min_per_second = 0});
  for (int i = 0; i < 100; ++i) budget.on_request(kNow);
  EXPECT_FALSE(budget.take(kNow));
}

TEST(RetryBudget, SettingsMayChange) {
  RetryBudget budget({.percent = 0, .min_per_second = 0});
  budget.set({.percent = 100, .min_per_second = 0});
  budget.on_request(kNow);
  EXPECT_TRUE(budget.take(kNow));
  EXPECT_FALSE(budget.take(kNow));
}

TEST(RetryBudget, ThreadsTogetherGetNoMoreThanThereIs) {
  RetryBudget budget({.percent = 10, .min_per_second = 0});
  constexpr int kThreads = 4;
  constexpr int kEach = 20'000;
  std::atomic<int> granted{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < kEach; ++n) {
          auto at = kNow + Ms(n / 4);  // over five seconds
          budget.on_request(at);
          if (budget.take(at)) ++granted;
        }
      });
    }
  }
  EXPECT_LE(granted, kThreads * kEach / 10);
  EXPECT_GE(granted, kThreads * kEach / 10 * 9 / 10);
}

}  // namespace
}  // namespace sluice::retry_budget_test
