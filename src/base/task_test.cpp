#include "base/task.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/signal.h"

namespace sluice::task_test {
namespace {

Task<int> number(int value) {
  co_return value;
}

// Runs a task that needs nobody else to its end.
template <class T>
T result_of(Task<T> task) {
  TaskGroup group;
  std::optional<T> result;
  auto run = [&]() -> Task<void> { result = co_await task; };
  spawn(run(), group);
  EXPECT_EQ(group.size(), 0u);
  return std::move(*result);
}

TEST(Task, GivesItsValueToTheAwaiter) {
  auto sum = []() -> Task<int> {
    int first = co_await number(40);
    co_return first + co_await number(2);
  };
  EXPECT_EQ(result_of(sum()), 42);
}

TEST(Task, HasEndedWithAValueWithoutAFrame) {
  EXPECT_EQ(result_of(Task<int>::ready(42)), 42);
  EXPECT_EQ(*result_of(Task<std::unique_ptr<int>>::ready(std::make_unique<int>(7))), 7);
  auto nothing = []() -> Task<int> {
    co_await Task<void>::ready();
    co_return 1;
  };
  EXPECT_EQ(result_of(nothing()), 1);
  TaskGroup group;
  spawn(Task<void>::ready(), group);
  EXPECT_EQ(group.size(), 0u);
}

TEST(Task, GivesValuesThatCanOnlyBeMoved) {
  auto make = []() -> Task<std::unique_ptr<std::string>> { co_return std::make_unique<std::string>("moved"); };
  EXPECT_EQ(*result_of(make()), "moved");
}

TEST(Task, ThrowsToTheAwaiterWhatItThrew) {
  auto bad = []() -> Task<int> {
    throw std::runtime_error("broken");
    co_return 1;
  };
  auto caught = [&]() -> Task<std::string> {
    try {
      co_await bad();
    } catch (const std::runtime_error& error) {
      co_return error.what();
    }
    co_return "nothing";
  };
  EXPECT_EQ(result_of(caught()), "broken");
}

TEST(Task, ThrowsFromATaskWithoutValue) {
  auto bad = []() -> Task<void> {
    throw std::logic_error("void");
    co_return;
  };
  auto caught = [&]() -> Task<std::string> {
    try {
      co_await bad();
    } catch (const std::logic_error& error) {
      co_return error.what();
    }
    co_return "nothing";
  };
  EXPECT_EQ(result_of(caught()), "void");
}

TEST(Task, DoesNothingBeforeItIsAwaited) {
  bool ran = false;
  auto note = [&]() -> Task<void> {
    ran = true;
    co_return;
  };
  {
    auto task = note();
    EXPECT_FALSE(ran);
  }
  EXPECT_FALSE(ran);
}

TEST(Task, DestroyingOneThatNeverRanFreesItsArguments) {
  auto witness = std::make_shared<int>(1);
  auto hold = [](std::shared_ptr<int> held) -> Task<int> { co_return *held; };
  {
    auto task = hold(witness);
    EXPECT_EQ(witness.use_count(), 2);
  }
  EXPECT_EQ(witness.use_count(), 1);
}

TEST(Task, MovedFromIsEmpty) {
  auto first = number(7);
  auto second = std::move(first);
  EXPECT_EQ(result_of(std::move(second)), 7);
}

Task<int> nested(int depth) {
  if (depth == 0) co_return 0;
  co_return 1 + co_await nested(depth - 1);
}

TEST(Task, AHundredThousandNestedAwaitsNeedNoStack) {
  EXPECT_EQ(result_of(nested(100'000)), 100'000);
}

TEST(Task, AHundredThousandAwaitsInARowNeedNoStack) {
  auto sum = []() -> Task<int> {
    int total = 0;
    for (int i = 0; i < 100'000; ++i) total += co_await number(1);
    co_return total;
  };
  EXPECT_EQ(result_of(sum()), 100'000);
}

Task<int> nested_throw(int depth) {
  if (depth == 0) throw std::runtime_error("deep");
  co_return co_await nested_throw(depth - 1);
}

TEST(Task, AnExceptionTravelsThroughManyAwaiters) {
  auto caught = []() -> Task<bool> {
    try {
      co_await nested_throw(1000);
    } catch (const std::runtime_error&) {
      co_return true;
    }
    co_return false;
  };
  EXPECT_TRUE(result_of(caught()));
}

TEST(TaskGroup, CountsThoseThatRun) {
  TaskGroup group;
  Signal first, second;
  auto wait = [](Signal& signal) -> Task<void> { co_await signal.wait(); };
  spawn(wait(first), group);
  spawn(wait(second), group);
  EXPECT_EQ(group.size(), 2u);
  first.set();
  EXPECT_EQ(group.size(), 1u);
  second.set();
  EXPECT_EQ(group.size(), 0u);
}

TEST(TaskGroup, SpawnRunsUntilTheFirstWait) {
  TaskGroup group;
  Signal signal;
  std::vector<int> order;
  auto task = [&]() -> Task<void> {
    order.push_back(1);
    co_await signal.wait();
    order.push_back(3);
  };
  spawn(task(), group);
  order.push_back(2);
  signal.set();
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
}

TEST(TaskGroup, JoinReturnsAtOnceWhenNothingRuns) {
  TaskGroup group, outer;
  bool joined = false;
  auto join = [&]() -> Task<void> {
    co_await group.join();
    joined = true;
  };
  spawn(join(), outer);
  EXPECT_TRUE(joined);
}

TEST(TaskGroup, JoinWaitsForTheLast) {
  TaskGroup group, outer;
  Signal first, second;
  bool joined = false;
  auto wait = [](Signal& signal) -> Task<void> { co_await signal.wait(); };
  auto join = [&]() -> Task<void> {
    co_await group.join();
    joined = true;
  };
  spawn(wait(first), group);
  spawn(wait(second), group);
  spawn(join(), outer);
  second.set();
  EXPECT_FALSE(joined);
  first.set();
  EXPECT_TRUE(joined);
}

TEST(TaskGroup, TheFramesAreGoneBeforeJoinReturns) {
  TaskGroup group, outer;
  Signal signal;
  auto witness = std::make_shared<int>(1);
  long owners_at_join = 0;
  auto hold = [](Signal& until, std::shared_ptr<int>) -> Task<void> { co_await until.wait(); };
  auto join = [&]() -> Task<void> {
    co_await group.join();
    owners_at_join = witness.use_count();
  };
  spawn(hold(signal, witness), group);
  spawn(join(), outer);
  signal.set();
  EXPECT_EQ(owners_at_join, 1);
}

TEST(Signal, SetBeforeWaitIsRemembered) {
  TaskGroup group;
  Signal signal;
  signal.set();
  bool passed = false;
  auto wait = [&]() -> Task<void> {
    co_await signal.wait();
    passed = true;
  };
  spawn(wait(), group);
  EXPECT_TRUE(passed);
}

TEST(Signal, OneSetEndsOneWait) {
  TaskGroup group;
  Signal signal;
  int passed = 0;
  auto wait = [&]() -> Task<void> {
    for (int i = 0; i < 2; ++i) {
      co_await signal.wait();
      ++passed;
    }
  };
  spawn(wait(), group);
  signal.set();
  EXPECT_EQ(passed, 1);
  signal.set();
  EXPECT_EQ(passed, 2);
}

TEST(Signal, SetResumesTheWaiterBeforeItReturns) {
  TaskGroup group;
  Signal signal;
  bool resumed = false;
  auto wait = [&]() -> Task<void> {
    co_await signal.wait();
    resumed = true;
  };
  spawn(wait(), group);
  EXPECT_FALSE(resumed);
  signal.set();
  EXPECT_TRUE(resumed);
}

}  // namespace
}  // namespace sluice::task_test
