#include "net/loop.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "net/loop_fixture_test.h"

namespace sluice::net::loop_test {
namespace {

class LoopTest : public LoopFixture {
 protected:
  Workers workers_{1};
};

TEST_F(LoopTest, RunsPostedJobsInOrder) {
  std::vector<int> order;
  for (int i = 0; i < 5; ++i) loop_.post([&, i] { order.push_back(i); });
  loop_.post([&] { loop_.stop(); });
  loop_.run();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST_F(LoopTest, TakesJobsFromOtherThreads) {
  std::jthread other([&] {
    std::this_thread::sleep_for(Ms(20));
    loop_.post([&] { loop_.stop(); });
  });
  loop_.run();
}

// Threads that now and then leave the loop time to fall asleep, and a loop that works and gives itself jobs meanwhile.
TEST_F(LoopTest, TakesJobsOfManyThreadsWhileItSleepsAndWorks) {
  constexpr int kThreads = 8;
  constexpr int kJobs = 2'000;
  std::vector<int> last(kThreads, -1);
  int own = 0;
  int done = 0;
  std::vector<std::jthread> threads;
  run([&]() -> Task<void> {
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (int i = 0; i < kJobs; ++i) {
          if (i % 200 == 25 * thread) std::this_thread::sleep_for(Ms(3));
          loop_.post([&, thread, i] {
            EXPECT_EQ(last[thread], i - 1);
            last[thread] = i;
            loop_.post([&] { ++own; });
            if (i + 1 == kJobs) ++done;
          });
        }
      });
    }
    while (done < kThreads) co_await pause(Ms(1));
    co_await pause(Ms(1));
  });
  EXPECT_EQ(own, kThreads * kJobs);
}

TEST_F(LoopTest, OwnJobsComeBehindThoseThatAreThere) {
  std::vector<int> order;
  loop_.post([&] {
    loop_.post([&] {
      order.push_back(3);
      loop_.stop();
      loop_.post([&] { order.push_back(4); });
    });
    order.push_back(1);
  });
  loop_.post([&] { order.push_back(2); });
  loop_.run();
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
}

TEST_F(LoopTest, IsStoppedByAnotherThread) {
  std::jthread other([&] {
    std::this_thread::sleep_for(Ms(20));
    loop_.stop();
  });
  loop_.run();
}

TEST_F(LoopTest, IsStoppedWhileItHasAlwaysWork) {
  std::function<void()> again = [&] { loop_.post(again); };
  again();
  std::jthread other([&] {
    std::this_thread::sleep_for(Ms(20));
    loop_.stop();
  });
  loop_.run();
}

TEST_F(LoopTest, DoesNotRunOnceItWasStopped) {
  bool ran = false;
  loop_.post([&] { ran = true; });
  loop_.stop();
  loop_.run();
  EXPECT_FALSE(ran);
}

TEST_F(LoopTest, DropsJobsThatHaveNotRun) {
  auto kept = std::make_shared<int>(1);
  {
    Loop loop;
    loop.post([kept] {});
    EXPECT_EQ(kept.use_count(), 2);
  }
  EXPECT_EQ(kept.use_count(), 1);
}

TEST_F(LoopTest, TimersAreNeverEarlyAndLittleLate) {
  run([&]() -> Task<void> {
    for (int delay : {0, 1, 5, 9, 10, 11, 25, 33, 100}) {
      Cancel never;
      auto began = now();
      EXPECT_TRUE(co_await sleep(loop_, Ms(delay), never));
      EXPECT_GE(now() - began, Ms(delay));
      EXPECT_LT(now() - began, Ms(delay + 80));
    }
  });
}

TEST_F(LoopTest, TimersFireInTheOrderOfTheirTimes) {
  std::vector<int> order;
  Timer late(loop_, [&] { order.push_back(3); });
  Timer early(loop_, [&] { order.push_back(1); });
  Timer middle(loop_, [&] { order.push_back(2); });
  run([&]() -> Task<void> {
    late.arm(Ms(90));
    early.arm(Ms(20));
    middle.arm(Ms(50));
    co_await pause(Ms(130));
  });
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
}

TEST_F(LoopTest, ADisarmedTimerDoesNotFire) {
  int fired = 0;
  Timer timer(loop_, [&] { ++fired; });
  run([&]() -> Task<void> {
    timer.arm(Ms(20));
    EXPECT_TRUE(timer.armed());
    timer.disarm();
    EXPECT_FALSE(timer.armed());
    co_await pause(Ms(60));
  });
  EXPECT_EQ(fired, 0);
}

TEST_F(LoopTest, ArmingAgainReplacesTheTime) {
  int fired = 0;
  Timer timer(loop_, [&] { ++fired; });
  run([&]() -> Task<void> {
    timer.arm(Ms(20));
    timer.arm(Ms(80));
    co_await pause(Ms(50));
    EXPECT_EQ(fired, 0);
    co_await pause(Ms(60));
  });
  EXPECT_EQ(fired, 1);
}

TEST_F(LoopTest, ATimerMayDestroyItselfAndOthers) {
  auto one = std::make_unique<Timer>(loop_, [] {});
  auto two = std::make_unique<Timer>(loop_, [] {});
  std::unique_ptr<Timer> killer;
  killer = std::make_unique<Timer>(loop_, [&] {
    one.reset();
    two.reset();
    killer.reset();
  });
  run([&]() -> Task<void> {
    one->arm(Ms(20));
    killer->arm(Ms(20));
    two->arm(Ms(20));
    co_await pause(Ms(60));
  });
  EXPECT_EQ(killer, nullptr);
}

TEST_F(LoopTest, ATimerMayArmItself) {
  int fired = 0;
  std::unique_ptr<Timer> timer;
  timer = std::make_unique<Timer>(loop_, [&] {
    if (++fired < 3) timer->arm(Ms(0));
  });
  run([&]() -> Task<void> {
    timer->arm(Ms(0));
    co_await pause(Ms(120));
  });
  EXPECT_EQ(fired, 3);
}

TEST_F(LoopTest, ManyTimersAllFire) {
  int fired = 0;
  std::vector<std::unique_ptr<Timer>> timers;
  run([&]() -> Task<void> {
    for (int i = 0; i < 10'000; ++i) {
      timers.push_back(std::make_unique<Timer>(loop_, [&] { ++fired; }));
      timers.back()->arm(Ms(i % 200));
    }
    co_await pause(Ms(260));
  });
  EXPECT_EQ(fired, 10'000);
}

TEST_F(LoopTest, ATimerBeyondOneTurnOfTheWheelWaits) {
  int fired = 0;
  Timer timer(loop_, [&] { ++fired; });
  run([&]() -> Task<void> {
    timer.arm(Ms(5'130));  // the wheel holds 5.12 s: the same slot as in 10 ms
    co_await pause(Ms(60));
  });
  EXPECT_EQ(fired, 0);
}

TEST_F(LoopTest, SleepEndsWhenCancelled) {
  run([&]() -> Task<void> {
    Cancel cancel;
    Timer timer(loop_, [&] { cancel.cancel(Fault{}); });
    timer.arm(Ms(20));
    auto began = now();
    EXPECT_FALSE(co_await sleep(loop_, Ms(5'000), cancel));
    EXPECT_LT(now() - began, Ms(200));
    EXPECT_FALSE(co_await sleep(loop_, Ms(5'000), cancel)) << "cancelled before";
  });
}

TEST_F(LoopTest, OffloadRunsElsewhereAndComesBack) {
  run([&]() -> Task<void> {
    auto here = std::this_thread::get_id();
    std::thread::id there;
    co_await offload(loop_, workers_, [&] { there = std::this_thread::get_id(); });
    EXPECT_NE(there, here);
    EXPECT_EQ(std::this_thread::get_id(), here);
  });
}

TEST_F(LoopTest, OffloadThrowsWhatTheJobThrew) {
  run([&]() -> Task<void> {
    bool caught = false;
    try {
      co_await offload(loop_, workers_, [] { throw std::runtime_error("job"); });
    } catch (const std::runtime_error&) {
      caught = true;
    }
    EXPECT_TRUE(caught);
  });
}

}  // namespace
}  // namespace sluice::net::loop_test
