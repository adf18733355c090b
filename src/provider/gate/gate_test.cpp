#include "provider/gate/gate.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "net/wait.h"
#include "provider/gate/gate_book.h"

namespace sluice::provider::gate_test {
namespace {

constexpr Visitor kSomebody{.share = "team 'a'"};

Visitor of(std::string_view share, std::uint32_t weight = 1, Priority priority = Priority::kNormal) {
  return {.share = share, .weight = weight, .priority = priority};
}

// A gate, a loop, and visitors on it; what becomes of each is a word of `story`.
class GateTest : public ::testing::Test {
 protected:
  Gate& gate(GateLimits limits) { return book_.find("test", limits); }

  // Runs the scene, then until all visitors have left.
  void run(std::function<Task<void>()> scene) {
    auto all = [&]() -> Task<void> {
      co_await scene();
      co_await visitors_.join();
      loop_.stop();
    };
    TaskGroup group;
    loop_.post([&] { spawn(all(), group); });
    loop_.run();
  }
  // Comes in, stays, leaves.
  void visit(Gate& gate, std::string name, Visitor visitor, Ms stays, Cancel& cancel) {
    spawn(stay(gate, std::move(name), visitor, stays, cancel), visitors_);
  }
  void visit(Gate& gate, std::string name, Visitor visitor = kSomebody, Ms stays = Ms(20)) {
    visit(gate, std::move(name), visitor, stays, never_);
  }
  Task<void> stay(Gate& gate, std::string name, Visitor visitor, Ms stays, Cancel& cancel) {
    auto room = co_await gate.enter(loop_, cancel, visitor);
    if (!room) {
      story_ += name + ":" + room.error().code + " ";
      last_ = room.error();
      co_return;
    }
    story_ += name + " ";
    Cancel never;
    co_await net::sleep(loop_, stays, never);
  }
  Task<void> pause(Ms time) {
    Cancel never;
    co_await net::sleep(loop_, time, never);
  }
  std::string metrics() { return metrics_.render(); }

  Metrics metrics_;
  GateBook book_{metrics_};
  net::Loop loop_;
  TaskGroup visitors_;
  Cancel never_;
  std::string story_;
  Fault last_;
};

TEST_F(GateTest, LetsInAsManyAsItsLimit) {
  auto& g = gate({.concurrency = 2});
  EXPECT_TRUE(g.has_room());
  auto a = g.try_enter();
  auto b = g.try_enter();
  EXPECT_TRUE(a && b);
  EXPECT_FALSE(g.has_room());
  EXPECT_FALSE(g.try_enter());
  EXPECT_EQ(g.in_use(), 2u);
  a.reset();
  EXPECT_TRUE(g.has_room());
  EXPECT_EQ(g.in_use(), 1u);
}

TEST_F(GateTest, TheNextGoesInWhenOneLeaves) {
  auto& g = gate({.concurrency = 1});
  run([&]() -> Task<void> {
    visit(g, "a");
    visit(g, "b");
    visit(g, "c");
    EXPECT_EQ(story_, "a ");
    EXPECT_EQ(g.waiting(), 2u);
    co_return;
  });
  EXPECT_EQ(story_, "a b c ");
  EXPECT_EQ(g.in_use(), 0u);
  EXPECT_NE(metrics().find(R"(sluice_queue_wait_seconds_count{at="test"} 2)"), std::string::npos);
}

TEST_F(GateTest, NobodyPassesThoseThatWait) {
  auto& g = gate({.concurrency = 1});
  run([&]() -> Task<void> {
    auto room = g.try_enter();
    visit(g, "first");
    room.reset();
    EXPECT_FALSE(g.try_enter());  // it is the first one's, who has not run yet
    visit(g, "second");
    co_return;
  });
  EXPECT_EQ(story_, "first second ");
}

TEST_F(GateTest, AHigherPriorityGoesFirstAndSharesTakeTurns) {
  auto& g = gate({.concurrency = 1});
  run([&]() -> Task<void> {
    visit(g, "now");
    for (auto name : {"a1", "a2", "a3"}) visit(g, name, of("a"), Ms(1));
    visit(g, "b1", of("b"), Ms(1));
    visit(g, "low", of("c", 1, Priority::kLow), Ms(1));
    visit(g, "high", of("a", 1, Priority::kHigh), Ms(1));
    co_return;
  });
  EXPECT_EQ(story_, "now high a1 b1 a2 a3 low ");
}

TEST_F(GateTest, WaitingHasALimit) {
  auto& g = gate({.concurrency = 1, .queue_timeout = Ms(30)});
  run([&]() -> Task<void> {
    visit(g, "a", kSomebody, Ms(150));
    visit(g, "b");
    co_await pause(Ms(100));
    EXPECT_EQ(story_, "a b:queue_timeout ");
    EXPECT_EQ(g.waiting(), 0u);
  });
  EXPECT_EQ(last_.kind, FaultKind::kOverloaded);
  EXPECT_EQ(last_.retry, Retry::kOther);
  EXPECT_TRUE(last_.retry_after);
  EXPECT_NE(metrics().find(R"(sluice_queue_refused_total{at="test",reason="timeout"} 1)"), std::string::npos);
}

TEST_F(GateTest, WhoIsCancelledLeavesTheQueue) {
  auto& g = gate({.concurrency = 1});
  Cancel cancel;
  run([&]() -> Task<void> {
    visit(g, "a", kSomebody, Ms(200));
    visit(g, "b", kSomebody, Ms(1), cancel);
    co_await pause(Ms(20));
    EXPECT_EQ(g.waiting(), 1u);
    cancel.cancel(Fault{.kind = FaultKind::kClientGone, .code = "gone"});
    co_await pause(Ms(40));
    EXPECT_EQ(g.waiting(), 0u);
    EXPECT_EQ(story_, "a b:gone ");
  });
}

TEST_F(GateTest, RoomGivenToOneThatIsCancelledGoesOn) {
  auto& g = gate({.concurrency = 1});
  Cancel cancel;
  run([&]() -> Task<void> {
    auto room = g.try_enter();
    visit(g, "b", kSomebody, Ms(1), cancel);
    visit(g, "c", kSomebody, Ms(1));
    room.reset();  // b has it, and does not know yet
    cancel.cancel(Fault{.kind = FaultKind::kClientGone, .code = "gone"});
    co_return;
  });
  EXPECT_NE(story_.find("c "), std::string::npos);
  EXPECT_EQ(g.in_use(), 0u);
}

TEST_F(GateTest, AFullQueueRefuses) {
  auto& g = gate({.concurrency = 1, .queue = 1});
  run([&]() -> Task<void> {
    visit(g, "a");
    visit(g, "b");
    visit(g, "c");
    co_return;
  });
  EXPECT_EQ(story_, "a c:queue_full b ");
  EXPECT_EQ(last_.kind, FaultKind::kOverloaded);
  EXPECT_NE(metrics().find(R"(sluice_queue_refused_total{at="test",reason="full"} 1)"), std::string::npos);
}

TEST_F(GateTest, WhoHasMoreThanItsShareOfAFullQueueGivesWay) {
  auto& g = gate({.concurrency = 1, .queue = 3});
  run([&]() -> Task<void> {
    visit(g, "now");
    for (auto name : {"a1", "a2", "a3"}) visit(g, name, of("team 'a'"), Ms(1));
    visit(g, "b1", of("team 'b'"), Ms(1));
    co_await pause(Ms(1));
    EXPECT_EQ(story_, "now a3:queue_full ");
    EXPECT_EQ(last_.kind, FaultKind::kRateLimited);
    visit(g, "a4", of("team 'a'"), Ms(1));
    EXPECT_EQ(last_.kind, FaultKind::kRateLimited);
  });
  EXPECT_EQ(story_, "now a3:queue_full a4:queue_full a1 b1 a2 ");
}

TEST_F(GateTest, AHigherPriorityTakesALowerOnesPlace) {
  auto& g = gate({.concurrency = 1, .queue = 1});
  run([&]() -> Task<void> {
    visit(g, "now");
    visit(g, "low", of("a", 1, Priority::kLow));
    visit(g, "high", of("b", 1, Priority::kHigh));
    co_return;
  });
  EXPECT_EQ(story_, "now low:queue_full high ");
  EXPECT_EQ(last_.kind, FaultKind::kOverloaded);
}

TEST_F(GateTest, MoreRoomLetsInThoseThatWait) {
  auto& g = gate({.concurrency = 1});
  run([&]() -> Task<void> {
    visit(g, "a", kSomebody, Ms(200));
    visit(g, "b", kSomebody, Ms(200));
    visit(g, "c", kSomebody, Ms(200));
    book_.find("test", {.concurrency = 3});
    co_await pause(Ms(50));
    EXPECT_EQ(story_, "a b c ");
    book_.find("test", {.concurrency = 1});
    EXPECT_EQ(g.in_use(), 3u);  // they may stay
    EXPECT_FALSE(g.has_room());
  });
  EXPECT_TRUE(g.has_room());
}

TEST_F(GateTest, WhoWaitsAsLongAsToldGetsIn) {
  auto& g = gate({.concurrency = 1, .queue = 2});
  run([&]() -> Task<void> {
    visit(g, "known", kSomebody, Ms(100));  // how long a visit takes
    co_await pause(Ms(150));
    for (auto name : {"a", "b", "c"}) visit(g, name, kSomebody, Ms(100));
    std::vector<Ms> told;
    for (auto name : {"x", "y", "z"}) {
      visit(g, name);
      told.push_back(*last_.retry_after);
    }
    EXPECT_GE(told[0], Ms(250));
    EXPECT_LE(told[0], Ms(600));
    EXPECT_LT(told[0], told[1]);  // they do not all come at once
    EXPECT_LT(told[1], told[2]);
    story_.clear();
    co_await pause(told[0]);
    visit(g, "x again");
    co_await pause(told[1] - told[0]);
    visit(g, "y again");
    co_await pause(told[2] - told[1]);
    visit(g, "z again");
  });
  EXPECT_EQ(story_.find("queue_full"), std::string::npos) << story_;
  EXPECT_NE(story_.find("x again y again z again "), std::string::npos) << story_;
}

TEST_F(GateTest, WhereNobodyLeavesThePromiseGrows) {
  auto& g = gate({.concurrency = 1, .queue = 0});
  run([&]() -> Task<void> {
    auto room = g.try_enter();
    co_await pause(Ms(200));
    EXPECT_GE(*g.no_room().retry_after, Ms(200));
    EXPECT_EQ(g.no_room().code, "no_room");
  });
}

TEST_F(GateTest, AnAdaptiveLimitFollowsTheProvider) {
  auto& g = gate({.kind = GateLimits::Kind::kAdaptive});
  EXPECT_EQ(g.limit(), AdaptiveLimit::kInitial);
  for (int i = 0; i < 20; ++i) {
    std::vector<Room> rooms;
    while (auto room = g.try_enter()) rooms.push_back(std::move(*room));
    for (auto& room : rooms) room.first_byte_after(50'000);
  }
  auto grown = g.limit();
  EXPECT_GT(grown, AdaptiveLimit::kInitial);
  g.try_enter()->provider_refused();
  EXPECT_LT(g.limit(), grown);
}

// Loops on threads of their own, whose visitors come, wait, are cancelled, leave: all end, and never are too many in.
class Crowd {
 public:
  Crowd(Gate& gate, int loops, int visitors) {
    for (int i = 0; i < loops; ++i) {
      places_.push_back(std::make_unique<Place>());
      auto& place = *places_.back();
      place.thread = std::jthread([this, &gate, &place, visitors] {
        auto all = [this, &gate, &place, visitors]() -> Task<void> {
          for (int v = 0; v < visitors; ++v) spawn(visitor(gate, place, v), place.tasks);
          co_await place.tasks.join();
          place.loop.stop();
        };
        TaskGroup group;
        place.loop.post([&] { spawn(all(), group); });
        place.loop.run();
      });
    }
    for (auto& place : places_) place->thread.join();
  }
  int in = 0, refused = 0, most = 0;

 private:
  struct Place {
    net::Loop loop;
    TaskGroup tasks;
    std::jthread thread;
  };

  Task<void> visitor(Gate& gate, Place& place, int number) {
    for (int round = 0; round < 30; ++round) {
      Cancel cancel;
      net::Timer leave(place.loop, [&] { cancel.cancel(Fault{.kind = FaultKind::kClientGone}); });
      if ((number + round) % 5 == 0) leave.arm(Ms(round % 3 * 10));
      auto room = co_await gate.enter(place.loop, cancel, of(number % 2 ? "odd" : "even"));
      note(room.has_value());
      Cancel never;
      if (room && round % 4 == 0) co_await net::sleep(place.loop, Ms(0), never);
      if (room) --now_in_;
    }
  }
  void note(bool entered) {
    std::lock_guard lock(mutex_);
    if (!entered) {
      ++refused;
      return;
    }
    ++in;
    most = std::max(most, ++now_in_);
  }

  std::mutex mutex_;
  std::atomic<int> now_in_{0};
  std::vector<std::unique_ptr<Place>> places_;
};

TEST_F(GateTest, SeveralLoopsLoseNoWakeUpAndNeverExceedTheLimit) {
  auto& g = gate({.concurrency = 3, .queue = 40, .queue_timeout = Ms(100)});
  Crowd crowd(g, 3, 20);
  EXPECT_EQ(crowd.in + crowd.refused, 3 * 20 * 30);
  EXPECT_GT(crowd.in, 200);
  EXPECT_GT(crowd.refused, 0);
  EXPECT_LE(crowd.most, 3);
  EXPECT_EQ(g.in_use(), 0u);
  EXPECT_EQ(g.waiting(), 0u);
}

}  // namespace
}  // namespace sluice::provider::gate_test
