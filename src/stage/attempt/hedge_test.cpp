#include "stage/attempt/attempt_fixture_test.h"

namespace sluice::stage::hedge_test {
namespace {

// Hedging: deployments that answer after a time of their own.
class HedgeTest : public AttemptTest {
 protected:
  HedgeTest() {
    route_.hedge = {.enabled = true, .after = Ms(30), .max_extra_percent = 100};
    route_.hedges.set({.percent = 0, .min_per_second = 10});
    candidates(2);
  }

  // Each deployment answers with its name after its time; a negative time: it fails then. A hedge fails at once where
  // hedge_fault_ says with what.
  std::string answered(std::vector<int> times) {
    scene_.rest.set([times, this](Exchange& x, Sink& out) -> Task<Status> {
      auto& t = *scene_.rest.tried;
      auto index = static_cast<std::size_t>(t.target.model[0] - 'a');
      order_ += t.target.model;
      if (t.why == Begun::kHedge && hedge_fault_) co_return fail(*hedge_fault_);
      auto waited = co_await net::sleep(x.tools.loop, Ms(std::abs(times[index])), t.cancel);
      if (!waited) co_return fail(t.cancel.reason());
      if (times[index] < 0) co_return fail(lost());
      co_await out.begin({.form = AnswerForm::kEvents});
      auto piece = event(chat::EventKind::kContent, t.target.model);
      if (auto pushed = co_await out.push({&piece, 1}); !pushed) co_return pushed;
      co_return co_await out.push({&piece, 1});
    });
    Attempt stage(budget_);
    status_ = scene_.run(stage);
    for (const auto& deployment : route_.deployments) EXPECT_EQ(deployment->health->in_flight.load(), 0);
    return order_ + ":" + scene_.out.bytes;
  }

  std::optional<Fault> hedge_fault_;
};

TEST_F(HedgeTest, AQuickAnswerNeedsNone) {
  EXPECT_EQ(answered({1, 1}), "a:aa");
}

TEST_F(HedgeTest, ALateOneIsOvertakenAndCancelled) {
  EXPECT_EQ(answered({4000, 1}), "ab:bb");
  EXPECT_EQ(scene_.x.current->why, Begun::kHedge);
  EXPECT_EQ(scene_.x.tries.front().fault, FaultKind::kSuperseded);
}

TEST_F(HedgeTest, TheFirstMayStillWin) {
  EXPECT_EQ(answered({60, 4000}), "ab:aa");
  EXPECT_EQ(scene_.x.tries.back().fault, FaultKind::kSuperseded);
}

TEST_F(HedgeTest, OneThatFailsLeavesTheOther) {
  EXPECT_EQ(answered({-50, 80}), "ab:bb");
  EXPECT_TRUE(status_);
}

TEST_F(HedgeTest, BothMayFailAndAreTriedAgain) {
  route_.retries = 0;
  EXPECT_EQ(answered({-60, -20}), "ab:");
  EXPECT_FALSE(status_);
}

class RefusedHedgeTest : public HedgeTest, public ::testing::WithParamInterface<std::pair<FaultKind, const char*>> {
 protected:
  RefusedHedgeTest() {
    const auto& [kind, code] = GetParam();
    hedge_fault_ = Fault{.kind = kind, .told = "no room", .code = code};
    route_.retries = 0;
    route_.max_attempts = 2;
  }
};
INSTANTIATE_TEST_SUITE_P(ForWantOf, RefusedHedgeTest,
                         ::testing::Values(std::pair(FaultKind::kRateLimited, "budget_exceeded"),
                                           std::pair(FaultKind::kOverloaded, "spend_cap"),
                                           std::pair(FaultKind::kOverloaded, "queue_full")));

TEST_P(RefusedHedgeTest, MayBeTriedWhenTheFirstHasFailed) {
  EXPECT_EQ(answered({-60, 1}), "abb:bb");
  EXPECT_EQ(scene_.x.tries.back().why, Begun::kFallback);
}

TEST_P(RefusedHedgeTest, LeavesTheFirstItsTime) {
  EXPECT_EQ(answered({60, 1}), "ab:aa");
}

TEST_P(RefusedHedgeTest, IsNotWhatIsTold) {
  EXPECT_EQ(answered({-60, -1}), "abb:");
  EXPECT_EQ(status_.error().kind, FaultKind::kConnectionLost);
}

TEST_F(HedgeTest, WithoutBudgetThereIsNone) {
  route_.hedges.set({.percent = 5, .min_per_second = 0});
  EXPECT_EQ(answered({80, 1}), "a:aa");
}

TEST_F(HedgeTest, ModelsThatActAreNotAskedTwice) {
  scene_.x.asking.needs = {dialect::Need::kTools};
  EXPECT_EQ(answered({80, 1}), "a:aa");
  EXPECT_EQ(scene_.x.tries.size(), 1u);
}

TEST_F(HedgeTest, AClientThatLeavesEndsBoth) {
  net::Timer leave(scene_.loop, [&] { scene_.x.cancel.cancel(Fault{.kind = FaultKind::kClientGone}); });
  leave.arm(Ms(60));
  auto began = now();
  EXPECT_EQ(answered({4000, 4000}), "ab:");
  EXPECT_EQ(status_.error().kind, FaultKind::kClientGone);
  EXPECT_LT(now() - began, Ms(1000));
}

}  // namespace
}  // namespace sluice::stage::hedge_test
