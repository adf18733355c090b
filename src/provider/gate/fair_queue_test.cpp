#include "provider/gate/fair_queue.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <string>
#include <vector>

namespace sluice::provider::fair_queue_test {
namespace {

class FairQueueTest : public ::testing::Test {
 protected:
  FairQueue::Entry& add(std::string share, std::uint32_t weight = 1, Priority priority = Priority::kNormal) {
    auto& entry = entries_.emplace_back();
    entry.share = std::move(share);
    entry.weight = weight;
    entry.priority = priority;
    queue_.push(entry);
    return entry;
  }
  std::string popped(int count) {
    std::string shares;
    for (int i = 0; i < count; ++i) {
      auto* entry = queue_.pop();
      shares += entry ? entry->share : "-";
    }
    return shares;
  }
  static FairQueue::Entry newcomer(std::string share, std::uint32_t weight = 1, Priority priority = Priority::kNormal) {
    FairQueue::Entry entry;
    entry.share = std::move(share);
    entry.weight = weight;
    entry.priority = priority;
    return entry;
  }

  FairQueue queue_;
  std::deque<FairQueue::Entry> entries_;
};

TEST_F(FairQueueTest, OneShareGoesInTheOrderItCame) {
  auto& a = add("x");
  auto& b = add("x");
  auto& c = add("x");
  EXPECT_EQ(queue_.size(), 3u);
  EXPECT_EQ(queue_.pop(), &a);
  EXPECT_EQ(queue_.pop(), &b);
  EXPECT_EQ(queue_.pop(), &c);
  EXPECT_EQ(queue_.pop(), nullptr);
}

TEST_F(FairQueueTest, SharesTakeTurnsHoweverManyOfEachWait) {
  for (int i = 0; i < 6; ++i) add("a");
  add("b");
  add("c");
  EXPECT_EQ(popped(8), "abcaaaaa");
}

TEST_F(FairQueueTest, WhoComesLaterWaitsForNoneOfTheOthersBacklog) {
  for (int i = 0; i < 50; ++i) add("a");
  popped(20);
  add("b");
  EXPECT_NE(popped(3).find('b'), std::string::npos);
}

TEST_F(FairQueueTest, RoomIsGivenByWeightOverTenThousandGrants) {
  const std::map<std::string, std::uint32_t> weights = {{"a", 1}, {"b", 2}, {"c", 3}, {"d", 10}};
  for (const auto& [share, weight] : weights) {
    for (int i = 0; i < 3; ++i) add(share, weight);
  }
  std::map<std::string, int> grants;
  for (int i = 0; i < 10'000; ++i) {
    auto* entry = queue_.pop();
    ++grants[entry->share];
    queue_.push(*entry);  // it is back at once: every share always waits
  }
  for (const auto& [share, weight] : weights) EXPECT_NEAR(grants[share], 10'000.0 * weight / 16, 5) << share;
}

TEST_F(FairQueueTest, ComingOneAtATimeGainsNothing) {
  for (int i = 0; i < 100; ++i) add("many", 3);
  add("one", 1);
  std::map<std::string, int> grants;
  for (int i = 0; i < 4'000; ++i) {
    auto* entry = queue_.pop();
    ++grants[entry->share];
    queue_.push(*entry);
  }
  EXPECT_NEAR(grants["one"], 1'000, 5);
}

TEST_F(FairQueueTest, AHigherPriorityGoesFirst) {
  add("l", 100, Priority::kLow);
  add("n");
  add("h", 1, Priority::kHigh);
  add("n");
  add("h", 1, Priority::kHigh);
  EXPECT_EQ(popped(5), "hhnnl");
}

TEST_F(FairQueueTest, WhoLeavesIsNotServedAndCostsItsShareNothing) {
  auto& first = add("a");
  add("a");
  auto& only = add("b");
  queue_.remove(first);
  queue_.remove(only);
  EXPECT_FALSE(FairQueue::holds(first));
  EXPECT_EQ(queue_.size(), 1u);
  add("c");
  EXPECT_EQ(popped(3), "ac-");
}

TEST_F(FairQueueTest, NewSharesWithoutEndDoNotStarveOneThatWaits) {
  for (int i = 0; i < 10; ++i) add("waits");
  int served = 0;
  for (int i = 0; i < 20; ++i) {
    add("share " + std::to_string(i));
    if (queue_.pop()->share == "waits") ++served;
  }
  EXPECT_GE(served, 5);
}

TEST_F(FairQueueTest, TheGreatestShareGivesWayToOneWithLess) {
  for (int i = 0; i < 3; ++i) add("a");
  auto& newest = add("a");
  add("b");
  auto c = newcomer("c");
  EXPECT_EQ(queue_.least_entitled(c), &newest);
  auto a = newcomer("a");
  EXPECT_EQ(queue_.least_entitled(a), nullptr);  // it would only have more
}

TEST_F(FairQueueTest, AShareOfMoreWeightMayHaveMorePlaces) {
  for (int i = 0; i < 4; ++i) add("a", 4);
  auto b = newcomer("b");
  EXPECT_EQ(queue_.least_entitled(b), nullptr);
  auto c = newcomer("c", 2);
  EXPECT_NE(queue_.least_entitled(c), nullptr);
}

TEST_F(FairQueueTest, TheLeastPriorityGivesWayFirst) {
  add("h", 1, Priority::kHigh);
  auto& low = add("l", 1, Priority::kLow);
  add("n");
  auto high = newcomer("h", 1, Priority::kHigh);
  EXPECT_EQ(queue_.least_entitled(high), &low);
  queue_.remove(low);
  auto another = newcomer("x", 1, Priority::kLow);
  EXPECT_EQ(queue_.least_entitled(another), nullptr);  // all are above it
}

TEST_F(FairQueueTest, ASingleShareIsNeverAboveItself) {
  for (int i = 0; i < 5; ++i) add("a");
  EXPECT_FALSE(queue_.is_above_share(newcomer("a")));
  add("b");
  EXPECT_TRUE(queue_.is_above_share(newcomer("a")));
  EXPECT_FALSE(queue_.is_above_share(newcomer("b")));
  EXPECT_FALSE(queue_.is_above_share(newcomer("c")));
}

}  // namespace
}  // namespace sluice::provider::fair_queue_test
