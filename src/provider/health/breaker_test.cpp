#include "provider/health/breaker.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace sluice::provider::breaker_test {
namespace {

using State = Breaker::State;
using Hold = Breaker::Hold;
using Outcome = Breaker::Outcome;

class BreakerTest : public ::testing::Test {
 protected:
  // Calls that pass, one after the other.
  void call(Outcome outcome, int times = 1) {
    for (int i = 0; i < times; ++i) {
      auto pass = breaker_.enter(policy_, at_);
      ASSERT_TRUE(pass);
      breaker_.leave(policy_, *pass, outcome, at_);
    }
  }
  void open() { call(Outcome::kFailed, static_cast<int>(policy_.consecutive)); }
  State state() { return breaker_.state(policy_, at_); }
  Ms remaining() { return breaker_.remaining(policy_, at_); }

  Breaker breaker_;
  BreakerPolicy policy_;
  Instant at_{std::chrono::hours(100)};
};

TEST_F(BreakerTest, OpensAfterFailuresInARow) {
  call(Outcome::kFailed, 4);
  EXPECT_EQ(state(), State::kClosed);
  EXPECT_EQ(breaker_.openings(), 0U);
  call(Outcome::kFailed);
  EXPECT_EQ(state(), State::kOpen);
  EXPECT_FALSE(breaker_.admits(policy_, at_));
  EXPECT_FALSE(breaker_.enter(policy_, at_));
  EXPECT_EQ(remaining(), Ms(5'000));
  EXPECT_EQ(breaker_.openings(), 1U);
}

TEST_F(BreakerTest, ASuccessBetweenBeginsTheRowAnew) {
  call(Outcome::kFailed, 4);
  call(Outcome::kServed);
  call(Outcome::kFailed, 4);
  EXPECT_EQ(state(), State::kClosed);
}

TEST_F(BreakerTest, WhatIsNotCountedNeitherOpensNorHelps) {
  call(Outcome::kFailed, 4);
  call(Outcome::kNotCounted, 100);
  EXPECT_EQ(state(), State::kClosed);
  call(Outcome::kFailed);
  EXPECT_EQ(state(), State::kOpen);
}

TEST_F(BreakerTest, OpensByTheShareOfFailuresOnceThereAreEnoughCalls) {
  for (int i = 0; i < 9; ++i) {
    call(Outcome::kServed);
    call(Outcome::kFailed);
  }
  EXPECT_EQ(state(), State::kClosed);
  call(Outcome::kServed);
  call(Outcome::kFailed);
  EXPECT_EQ(state(), State::kOpen);
}

TEST_F(BreakerTest, ForgetsWhatIsOlderThanItsWindow) {
  policy_.consecutive = 0;
  call(Outcome::kFailed, 19);
  at_ += policy_.window + std::chrono::seconds(1);
  call(Outcome::kServed, 19);
  call(Outcome::kFailed);
  EXPECT_EQ(state(), State::kClosed);
}

TEST_F(BreakerTest, SlowCallsOpenItOnlyWhereThatWasAskedFor) {
  call(Outcome::kSlow, 100);
  EXPECT_EQ(state(), State::kClosed);
  policy_.slow_percent = 80;
  call(Outcome::kSlow);
  EXPECT_EQ(state(), State::kOpen);
}

TEST_F(BreakerTest, LetsOneProbePassAfterTheCoolDownAndClosesWhenItServes) {
  open();
  at_ += policy_.cool_down - Ms(1);
  EXPECT_FALSE(breaker_.enter(policy_, at_));
  EXPECT_EQ(remaining(), Ms(1));
  at_ += Ms(1);
  EXPECT_EQ(state(), State::kHalfOpen);
  EXPECT_TRUE(breaker_.admits(policy_, at_));
  auto probe = breaker_.enter(policy_, at_);
  ASSERT_TRUE(probe);
  EXPECT_FALSE(breaker_.admits(policy_, at_));
  EXPECT_FALSE(breaker_.enter(policy_, at_));
  breaker_.leave(policy_, *probe, Outcome::kServed, at_);
  EXPECT_EQ(state(), State::kClosed);
  EXPECT_EQ(remaining(), Ms(0));
}

TEST_F(BreakerTest, WhatOpenedItIsNoReasonToOpenItAgain) {
  call(Outcome::kServed, 15);
  open();
  at_ += policy_.cool_down;
  call(Outcome::kServed);
  call(Outcome::kFailed, 4);
  EXPECT_EQ(state(), State::kClosed);
}

TEST_F(BreakerTest, StaysAwayTwiceAsLongEachTimeAProbeFails) {
  open();
  for (auto seconds : {5, 10, 20, 40, 80, 120, 120}) {
    EXPECT_EQ(remaining(), std::chrono::seconds(seconds));
    at_ += std::chrono::seconds(seconds);
    call(Outcome::kFailed);
  }
  EXPECT_EQ(breaker_.openings(), 8U);
  at_ += policy_.max_cool_down;
  call(Outcome::kServed);
  open();
  EXPECT_EQ(remaining(), policy_.cool_down);
}

TEST_F(BreakerTest, NeverTurnsTheCoolDownBackToNothing) {
  policy_.max_cool_down = std::chrono::hours(24);
  open();
  auto last = remaining();
  for (int i = 0; i < 40; ++i) {
    at_ += remaining();
    call(Outcome::kFailed);
    EXPECT_GE(remaining(), last);
    last = remaining();
  }
}

TEST_F(BreakerTest, AsManyProbesMustServeAsMayPassAtOnce) {
  policy_.probes = 3;
  open();
  at_ += policy_.cool_down;
  std::vector<Breaker::Pass> probes;
  for (int i = 0; i < 3; ++i) probes.push_back(breaker_.enter(policy_, at_).value());
  EXPECT_FALSE(breaker_.enter(policy_, at_));
  breaker_.leave(policy_, probes[0], Outcome::kServed, at_);
  breaker_.leave(policy_, probes[1], Outcome::kServed, at_);
  EXPECT_EQ(state(), State::kHalfOpen);
  breaker_.leave(policy_, probes[2], Outcome::kServed, at_);
  EXPECT_EQ(state(), State::kClosed);
}

TEST_F(BreakerTest, AProbeThatSaysNothingGivesItsPlaceBack) {
  open();
  at_ += policy_.cool_down;
  call(Outcome::kNotCounted);
  EXPECT_EQ(state(), State::kHalfOpen);
  call(Outcome::kServed);
  EXPECT_EQ(state(), State::kClosed);
}

TEST_F(BreakerTest, AProbeThatNeverEndsBlocksNobodyForEver) {
  open();
  at_ += policy_.cool_down;
  auto lost = breaker_.enter(policy_, at_);
  ASSERT_TRUE(lost);
  at_ += policy_.slow_after - Ms(1);
  EXPECT_FALSE(breaker_.enter(policy_, at_));
  at_ += Ms(1);
  auto next = breaker_.enter(policy_, at_);
  ASSERT_TRUE(next);
  EXPECT_FALSE(breaker_.enter(policy_, at_));
  breaker_.leave(policy_, *lost, Outcome::kFailed, at_);  // nobody waits for it any more
  EXPECT_EQ(state(), State::kHalfOpen);
  EXPECT_FALSE(breaker_.enter(policy_, at_));
  breaker_.leave(policy_, *next, Outcome::kServed, at_);
  EXPECT_EQ(state(), State::kClosed);
}

TEST_F(BreakerTest, CallsThatBeganBeforeItOpenedSayNothingOfItAfterwards) {
  auto early = breaker_.enter(policy_, at_);
  auto late = breaker_.enter(policy_, at_);
  ASSERT_TRUE(early && late);
  open();
  breaker_.leave(policy_, *early, Outcome::kServed, at_);
  EXPECT_EQ(state(), State::kOpen);
  at_ += policy_.cool_down;
  auto probe = breaker_.enter(policy_, at_);
  breaker_.leave(policy_, *late, Outcome::kFailed, at_);
  EXPECT_EQ(state(), State::kHalfOpen);
  EXPECT_FALSE(breaker_.enter(policy_, at_));
  breaker_.leave(policy_, *probe, Outcome::kServed, at_);
  EXPECT_EQ(state(), State::kClosed);
}

TEST_F(BreakerTest, WhereNothingIsBetterACallPassesAndItsSuccessCloses) {
  open();
  auto pass = breaker_.enter_anyway(policy_, at_);
  ASSERT_TRUE(pass);
  breaker_.leave(policy_, *pass, Outcome::kFailed, at_ + Ms(1'000));
  EXPECT_EQ(remaining(), policy_.cool_down);  // not longer
  pass = breaker_.enter_anyway(policy_, at_);
  breaker_.leave(policy_, *pass, Outcome::kServed, at_);
  EXPECT_EQ(state(), State::kClosed);
}

TEST_F(BreakerTest, OneSuccessBesideTheCoolDownIsOneOfSeveralProbes) {
  policy_.probes = 2;
  open();
  auto pass = breaker_.enter_anyway(policy_, at_);
  breaker_.leave(policy_, *pass, Outcome::kServed, at_);
  EXPECT_EQ(state(), State::kHalfOpen);
  call(Outcome::kServed);
  EXPECT_EQ(state(), State::kClosed);
}

TEST_F(BreakerTest, IsHeldByAnAdministrator) {
  for (auto hold : {Hold::kOpen, Hold::kDrained}) {
    breaker_.hold(hold);
    EXPECT_EQ(state(), State::kOpen);
    EXPECT_FALSE(breaker_.admits(policy_, at_));
    EXPECT_FALSE(breaker_.enter(policy_, at_));
    EXPECT_FALSE(breaker_.enter_anyway(policy_, at_));
  }
  breaker_.hold(Hold::kClosed);
  call(Outcome::kFailed, 100);
  EXPECT_EQ(state(), State::kClosed);
  breaker_.hold(Hold::kNone);
  EXPECT_EQ(state(), State::kClosed);
  open();
  breaker_.hold(Hold::kNone);
  EXPECT_EQ(state(), State::kClosed);
}

TEST_F(BreakerTest, ATimeThatGoesBackDoesNoHarm) {
  open();
  EXPECT_EQ(breaker_.remaining(policy_, at_ - Ms(500)), policy_.cool_down);
  at_ += policy_.cool_down;
  auto probe = breaker_.enter(policy_, at_);
  EXPECT_FALSE(breaker_.enter(policy_, at_ - std::chrono::hours(1)));
  breaker_.leave(policy_, *probe, Outcome::kFailed, at_);
  EXPECT_EQ(state(), State::kOpen);
}

TEST_F(BreakerTest, CountsABusySecondInProportion) {
  policy_.consecutive = 0;
  for (int i = 0; i < 100'000; ++i) call(i % 3 == 0 ? Outcome::kFailed : Outcome::kServed);
  EXPECT_EQ(state(), State::kClosed);
  policy_.failure_percent = 33;
  call(Outcome::kFailed);
  EXPECT_EQ(state(), State::kOpen);
}

TEST_F(BreakerTest, NamesWhatItSays) {
  EXPECT_EQ(name(State::kHalfOpen), "half_open");
  EXPECT_EQ(name(Hold::kDrained), "drained");
}

// Many threads at once: never more probes than there are places, and it closes once all is well.
TEST_F(BreakerTest, AProbeOpensItAndKeepsItOpenWhileItFails) {
  breaker_.trip(at_);
  EXPECT_EQ(state(), State::kOpen);
  EXPECT_EQ(breaker_.openings(), 1U);
  at_ += Ms(4'000);
  breaker_.trip(at_);
  EXPECT_EQ(remaining(), policy_.cool_down) << "its cool-down begins anew";
  EXPECT_EQ(breaker_.openings(), 1U);
  at_ += policy_.cool_down;
  EXPECT_EQ(state(), State::kHalfOpen);
}

TEST_F(BreakerTest, AProbeThatProvesAllClosesItAndOneThatProvesAPartLetsTheNextCallSee) {
  open();
  breaker_.recover(Breaker::Proof::kPart, at_);
  EXPECT_EQ(state(), State::kHalfOpen);
  call(Outcome::kFailed);
  EXPECT_EQ(state(), State::kOpen);
  EXPECT_EQ(remaining(), 2 * policy_.cool_down) << "the cool-down goes on growing";
  breaker_.recover(Breaker::Proof::kWhole, at_);
  EXPECT_EQ(state(), State::kClosed);
  call(Outcome::kFailed, 4);
  EXPECT_EQ(state(), State::kClosed) << "what was before is forgotten";
  breaker_.recover(Breaker::Proof::kWhole, at_);
  call(Outcome::kFailed);
  EXPECT_EQ(state(), State::kOpen) << "nothing is forgotten of one that is closed";
}

TEST_F(BreakerTest, ProbesLeaveOneThatIsHeldAlone) {
  breaker_.hold(Hold::kClosed);
  breaker_.trip(at_);
  EXPECT_EQ(state(), State::kClosed);
  breaker_.hold(Hold::kOpen);
  breaker_.recover(Breaker::Proof::kWhole, at_);
  EXPECT_EQ(state(), State::kOpen);
  EXPECT_EQ(breaker_.openings(), 0U);
}

TEST_F(BreakerTest, HoldsItsPlacesAgainstManyThreads) {
  policy_.probes = 2;
  policy_.cool_down = Ms(2);
  policy_.max_cool_down = Ms(4);
  std::atomic<int> ticks{0};
  std::atomic<int> probing{0};
  std::atomic<int> most{0};
  std::atomic<bool> well{false};
  const auto work = [&](int seed) {
    for (int i = 0; i < 20'000; ++i) {
      const auto at = at_ + Ms(ticks.fetch_add(1) / 8);
      auto pass = breaker_.enter(policy_, at);
      if (!pass) continue;
      if (pass->probe) {
        const int others = ++probing;
        int seen = most.load();
        while (seen < others && !most.compare_exchange_weak(seen, others)) {
        }
        --probing;  // before its place is free
      }
      const bool fails = !well && (i + seed) % 3 != 0;
      breaker_.leave(policy_, *pass, fails ? Outcome::kFailed : Outcome::kServed, at);
    }
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back(work, i);
  }
  EXPECT_GT(breaker_.openings(), 100U);
  EXPECT_LE(most.load(), 2);
  well = true;
  work(0);
  EXPECT_EQ(breaker_.state(policy_, at_ + Ms(ticks.load() / 8)), State::kClosed);
}

}  // namespace
}  // namespace sluice::provider::breaker_test
