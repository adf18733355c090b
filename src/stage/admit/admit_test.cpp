#include "stage/admit/admit.h"

#include "exchange/scene_test.h"
#include "provider/gate/gate_book.h"

namespace sluice::stage::admit_test {
namespace {

// A try at a deployment whose room, or whose provider's, may be taken already.
class AdmitTest : public ::testing::Test {
 protected:
  AdmitTest() {
    caller_.share = "team 'search'";
    scene_.x.caller = &caller_;
    scene_.rest.set([this](Exchange&, Sink&) -> Task<Status> {
      if (deployment_->gate) in_use_ = deployment_->gate->in_use();
      if (provider_->gate) of_provider_ = provider_->gate->in_use();
      co_return result_;
    });
  }
  provider::Gate& limit(provider::GateLimits limits) {
    deployment_->gate = &book_.find("deployment", limits);
    return *deployment_->gate;
  }
  provider::Gate& limit_provider(provider::GateLimits limits) {
    provider_->gate = &book_.find("provider", limits);
    return *provider_->gate;
  }
  Status run() {
    Stage* below[] = {&scene_.rest};
    return scene_.run(stage_.run(scene_.x, scene_.out, Next(below, &tried_)));
  }
  void header(std::string value) { scene_.request.mutable_head().headers.add("x-sluice-priority", std::move(value)); }

  Metrics metrics_;
  provider::GateBook book_{metrics_};
  Scene scene_;
  Caller caller_;
  std::unique_ptr<provider::Provider> provider_ = make_provider("p");
  std::unique_ptr<provider::Deployment> deployment_ = make_deployment(*provider_, "gpt");
  Try& tried_ = scene_.x.tries.emplace_back(provider::Target{deployment_.get(), "gpt"}, scene_.x.cancel);
  Admit stage_;
  Status result_;
  std::uint32_t in_use_ = 0, of_provider_ = 0;
};

TEST_F(AdmitTest, WithoutLimitsAllComeIn) {
  EXPECT_TRUE(run());
  EXPECT_EQ(scene_.rest.calls, 1);
}

TEST_F(AdmitTest, KeepsRoomOfBothUntilTheTryIsOver) {
  auto& own = limit({.concurrency = 2});
  auto& shared = limit_provider({.concurrency = 2});
  EXPECT_TRUE(run());
  EXPECT_EQ(in_use_, 1u);
  EXPECT_EQ(of_provider_, 1u);
  EXPECT_EQ(own.in_use(), 0u);
  EXPECT_EQ(shared.in_use(), 0u);
}

TEST_F(AdmitTest, GivesRoomBackAfterAFailureToo) {
  auto& own = limit({.concurrency = 1});
  result_ = fail(FaultKind::kConnectionLost, "lost");
  EXPECT_EQ(run().error().kind, FaultKind::kConnectionLost);
  EXPECT_EQ(own.in_use(), 0u);
}

TEST_F(AdmitTest, WhatMayNotQueueGoesBackAtOnce) {
  auto& own = limit({.concurrency = 1});
  auto taken = own.try_enter();
  tried_.may_queue = false;
  auto status = run();
  EXPECT_EQ(status.error().code, "no_room");
  EXPECT_EQ(status.error().kind, FaultKind::kOverloaded);
  EXPECT_EQ(status.error().retry, Retry::kOther);
  EXPECT_EQ(scene_.rest.calls, 0);
}

TEST_F(AdmitTest, WhereTheProviderHasNoRoomTheDeploymentsIsGivenBack) {
  auto& own = limit({.concurrency = 1});
  auto& shared = limit_provider({.concurrency = 1, .queue = 0});
  auto taken = shared.try_enter();
  EXPECT_EQ(run().error().code, "queue_full");
  EXPECT_EQ(own.in_use(), 0u);
}

TEST_F(AdmitTest, WaitsForRoomAndCountsTheTime) {
  auto& own = limit({.concurrency = 1});
  auto taken = own.try_enter();
  net::Timer leave(scene_.loop, [&] { taken.reset(); });
  leave.arm(Ms(30));
  EXPECT_TRUE(run());
  EXPECT_EQ(scene_.rest.calls, 1);
  EXPECT_GE(scene_.x.queued_us, 29'000);
  EXPECT_EQ(tried_.queued_us, scene_.x.queued_us);
}

TEST_F(AdmitTest, ATryThatIsCancelledLeavesTheQueue) {
  auto& own = limit({.concurrency = 1});
  auto taken = own.try_enter();
  net::Timer leave(scene_.loop, [&] { scene_.x.cancel.cancel(Fault{.kind = FaultKind::kClientGone}); });
  leave.arm(Ms(20));
  auto began = now();
  EXPECT_EQ(run().error().kind, FaultKind::kClientGone);
  EXPECT_LT(now() - began, Ms(250));
  EXPECT_EQ(own.waiting(), 0u);
}

TEST_F(AdmitTest, AHeaderMayLowerThePriorityAndNotRaiseIt) {
  auto& own = limit({.concurrency = 1, .queue = 1});
  auto taken = own.try_enter();
  header("high");
  Cancel never;
  TaskGroup group;
  // One of normal priority has the only place in the queue, and would lose it to a higher one.
  auto waits = [&]() -> Task<void> {
    auto room = co_await own.enter(scene_.loop, never, {.share = "key 'x'"});
    EXPECT_TRUE(room);
  };
  Stage* below[] = {&scene_.rest};
  auto both = [&]() -> Task<Status> {
    spawn(waits(), group);
    auto status = co_await stage_.run(scene_.x, scene_.out, Next(below, &tried_));
    taken.reset();
    co_await group.join();
    co_return status;
  };
  EXPECT_EQ(scene_.run(both()).error().code, "queue_full");
}

TEST_F(AdmitTest, APriorityThatIsNoneIsRefused) {
  header("urgent");
  auto status = run();
  EXPECT_EQ(status.error().kind, FaultKind::kInvalidRequest);
  EXPECT_EQ(status.error().param, "x-sluice-priority");
  EXPECT_EQ(scene_.rest.calls, 0);
}

TEST_F(AdmitTest, AnAdaptiveLimitLearnsFromRefusals) {
  auto& own = limit({.kind = provider::GateLimits::Kind::kAdaptive});
  result_ = fail(Fault{.kind = FaultKind::kProviderStatus, .meaning = Meaning::kRateLimit});
  EXPECT_FALSE(run());
  EXPECT_LT(own.limit(), provider::AdaptiveLimit::kInitial);
}

}  // namespace
}  // namespace sluice::stage::admit_test
