#include "base/workers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>

namespace sluice::workers_test {
namespace {

TEST(Workers, RunsJobsOnOtherThreads) {
  Workers workers(1);
  std::promise<std::thread::id> ran;
  workers.run([&] { ran.set_value(std::this_thread::get_id()); });
  EXPECT_NE(ran.get_future().get(), std::this_thread::get_id());
}

TEST(Workers, FinishesTheQueueBeforeItGoes) {
  std::atomic<int> done{0};
  {
    Workers workers(2);
    for (int i = 0; i < 1000; ++i) workers.run([&] { ++done; });
  }
  EXPECT_EQ(done, 1000);
}

TEST(Workers, OneThreadKeepsTheOrder) {
  std::vector<int> order;
  {
    Workers workers(1);
    for (int i = 0; i < 100; ++i) workers.run([&, i] { order.push_back(i); });
  }
  for (int i = 0; i < 100; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

TEST(Workers, SeveralThreadsWorkAtOnce) {
  Workers workers(2);
  std::promise<void> first_runs, second_ran;
  std::promise<void> first_done;
  workers.run([&] {
    first_runs.set_value();
    second_ran.get_future().wait();
    first_done.set_value();
  });
  first_runs.get_future().wait();
  workers.run([&] { second_ran.set_value(); });
  EXPECT_EQ(first_done.get_future().wait_for(std::chrono::seconds(5)), std::future_status::ready);
}

TEST(Workers, AJobMayQueueAnother) {
  std::atomic<bool> inner{false};
  {
    Workers workers(1);
    workers.run([&] { workers.run([&] { inner = true; }); });
  }
  EXPECT_TRUE(inner);
}

TEST(Workers, WhatAJobHoldsIsFreedWhenItIsDone) {
  auto held = std::make_shared<int>(1);
  {
    Workers workers(1);
    workers.run([held] {});
  }
  EXPECT_EQ(held.use_count(), 1);
}

TEST(Workers, TakesJobsFromManyThreads) {
  std::atomic<int> done{0};
  {
    Workers workers(2);
    std::vector<std::jthread> callers;
    for (int t = 0; t < 4; ++t) {
      callers.emplace_back([&] {
        for (int i = 0; i < 250; ++i) workers.run([&] { ++done; });
      });
    }
  }
  EXPECT_EQ(done, 1000);
}

}  // namespace
}  // namespace sluice::workers_test
