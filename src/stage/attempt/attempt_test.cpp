#include "stage/attempt/attempt_fixture_test.h"

namespace sluice::stage::attempt_test {
namespace {

Task<Status> hang(Exchange& x, Sink&) {
  co_await net::sleep(x.tools.loop, Ms(5000), x.cancel);
  co_return fail(x.cancel.reason());
}

struct Case {
  const char* what;
  int candidates;
  std::vector<Fault> faults;
  const char* expected;
};

class AttemptTable : public AttemptTest, public ::testing::WithParamInterface<Case> {};

TEST_P(AttemptTable, TriesInThisOrder) {
  candidates(GetParam().candidates);
  EXPECT_EQ(tried(GetParam().faults), GetParam().expected) << GetParam().what;
}

INSTANTIATE_TEST_SUITE_P(
    Attempt, AttemptTable,
    ::testing::Values(
        Case{"served at once", 2, {}, "a ok"}, Case{"a lost connection is tried again", 1, {lost()}, "aa ok"},
        Case{"as often as the route says", 1, times(9, lost()), "aaa connection_lost"},
        Case{"another one is tried first", 2, {lost()}, "ab ok"},
        Case{"then all of them again", 2, times(3, lost()), "abab ok"},
        Case{"as often as the route says, each", 2, times(9, lost()), "ababab connection_lost"},
        Case{"no more than the route's attempts", 3, times(9, lost()), "abcabc connection_lost"},
        Case{"what cannot help is not tried", 2, {refused(Meaning::kInvalidRequest)}, "a provider_status"},
        Case{"another one can help", 2, {lost(FaultKind::kProviderStatus, Retry::kOther)}, "ab ok"},
        Case{"but there is none", 1, {lost(FaultKind::kProviderStatus, Retry::kOther)}, "a provider_status"},
        Case{"one that cannot be reached is left for another", 2, {lost(FaultKind::kUnreachable)}, "ab ok"},
        Case{"or tried again when it is alone", 1, {lost(FaultKind::kUnreachable)}, "aa ok"},
        Case{"one that is too slow is left for another", 2, {lost(FaultKind::kProviderTimeout)}, "ab ok"},
        Case{"and not waited for again", 1, {lost(FaultKind::kProviderTimeout)}, "a provider_timeout"},
        Case{"one that asks for time is left for another", 2, {asks_for(Ms(5))}, "ab ok"},
        Case{"or waited for when it is alone", 1, {asks_for(Ms(5))}, "aa ok"},
        Case{"but not longer than the route allows", 1, {asks_for(Ms(60'000))}, "a provider_status"},
        Case{"a truncated answer nobody saw is tried again", 1, {lost(FaultKind::kTruncated)}, "aa ok"},
        Case{"a full pool is a matter for another", 2, {lost(FaultKind::kOverloaded, Retry::kOther)}, "ab ok"},
        Case{"reasoning of another account is shown to the others, then left out", 2, times(2, sealed_elsewhere()),
             "aba ok"},
        Case{"at once, before others are waited for", 2, {lost(), sealed_elsewhere()}, "abb ok"},
        Case{"once each", 2, times(9, sealed_elsewhere()), "abab provider_status"},
        Case{"the last fault is told",
             2,
             {lost(), lost(FaultKind::kUnreachable), refused(Meaning::kInvalidRequest)},
             "aba provider_status"}));

TEST_F(AttemptTest, EachAttemptIsRecorded) {
  candidates(2);
  tried({lost(), lost(FaultKind::kUnreachable)});
  const auto& tries = scene_.x.tries;
  ASSERT_EQ(tries.size(), 3u);
  EXPECT_EQ(tries.front().target.deployment->name, "p/a");
  EXPECT_EQ(tries.front().fault, FaultKind::kConnectionLost);
  EXPECT_EQ(tries.front().failure, "connection_lost");
  EXPECT_EQ(tries.front().error, "it failed");
  EXPECT_EQ(tries.front().why, Begun::kFirst);
  EXPECT_EQ(tries.back().why, Begun::kRetry);
  EXPECT_EQ(std::next(tries.begin())->fault, FaultKind::kUnreachable);
  EXPECT_EQ(tries.back().target.deployment->name, "p/a");
  EXPECT_FALSE(tries.back().fault);
  EXPECT_EQ(scene_.out.bytes, "answer");
  EXPECT_EQ(scene_.out.begins, 1);
}

TEST_F(AttemptTest, WithoutRetriesTooReasoningOfAnotherAccountIsLeftOutOnce) {
  route_.retries = 0;
  candidates(1);
  EXPECT_EQ(tried(times(9, sealed_elsewhere())), "aa provider_status");
  EXPECT_FALSE(scene_.x.tries.front().sheds_state);
  EXPECT_TRUE(scene_.x.tries.back().sheds_state);
}

TEST_F(AttemptTest, ItCostsTheRetryBudgetNothing) {
  budget_.set({.percent = 0, .min_per_second = 0});
  candidates(1);
  EXPECT_EQ(tried({sealed_elsewhere()}), "aa ok");
}

TEST_F(AttemptTest, WhatCannotBeSaidWithoutTheReasoningIsRefusedInTheProvidersWords) {
  candidates(1);
  Fault ours{.kind = FaultKind::kInvalidRequest, .told = "it has no place", .code = "unsupported_parameter"};
  EXPECT_EQ(tried({sealed_elsewhere(), ours}), "aa provider_status");
}

TEST_F(AttemptTest, RetryAfterIsWaitedFor) {
  candidates(1);
  auto began = now();
  EXPECT_EQ(tried({asks_for(Ms(40))}), "aa ok");
  EXPECT_GE(now() - began, Ms(40));
}

TEST_F(AttemptTest, BackoffGrowsUpToItsMost) {
  route_.backoff = Ms(40);
  route_.max_backoff = Ms(80);
  candidates(1);
  auto began = now();
  EXPECT_EQ(tried(times(2, lost())), "aaa ok");
  EXPECT_GE(now() - began, Ms(10 + 20));  // a quarter of each step at least
  EXPECT_LT(now() - began, Ms(40 + 80 + 60));
}

TEST_F(AttemptTest, NothingIsTriedAgainBehindTheDeadline) {
  scene_.x.timeouts.total = Ms(100);
  route_.max_backoff = Ms(10'000);
  candidates(1);
  auto began = now();
  EXPECT_EQ(tried({asks_for(Ms(5'000))}), "a provider_status");
  EXPECT_LT(now() - began, Ms(80));
}

TEST_F(AttemptTest, TheDeadlineEndsAnAttempt) {
  scene_.x.timeouts.total = Ms(80);
  candidates(2);
  scene_.rest.set(hang);
  Attempt stage(budget_);
  auto status = scene_.run(stage);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, "total_timeout");
  EXPECT_EQ(scene_.x.tries.size(), 1u);
}

TEST_F(AttemptTest, AClientThatLeavesEndsTheWaitBetweenAttempts) {
  route_.backoff = route_.max_backoff = Ms(4000);
  candidates(1);
  net::Timer leave(scene_.loop, [&] { scene_.x.cancel.cancel(Fault{.kind = FaultKind::kClientGone}); });
  leave.arm(Ms(30));
  auto began = now();
  EXPECT_EQ(tried({lost()}), "a client_gone");
  EXPECT_LT(now() - began, Ms(250));
}

TEST_F(AttemptTest, NothingIsTriedAgainOnceTheClientSawSomething) {
  candidates(2);
  scene_.rest.set([this](Exchange& x, Sink& out) -> Task<Status> {
    order_ += x.current->target.model;
    co_await out.begin({.form = AnswerForm::kEvents});
    auto piece = event(chat::EventKind::kContent, "data: one\n\n");
    co_await out.push({&piece, 1});
    co_return fail(lost(FaultKind::kTruncated));
  });
  Attempt stage(budget_);
  auto status = scene_.run(stage);
  EXPECT_EQ(status.error().kind, FaultKind::kTruncated);
  EXPECT_EQ(order_, "a");
  EXPECT_EQ(scene_.out.bytes, "data: one\n\n");
}

TEST_F(AttemptTest, WhatOnlyAnnouncesIsHeldBackAndDroppedWithItsAttempt) {
  candidates(2);
  scene_.rest.set([this](Exchange& x, Sink& out) -> Task<Status> {
    order_ += x.current->target.model;
    co_await out.begin({.form = AnswerForm::kEvents});
    auto role = event(chat::EventKind::kPreamble, x.current->target.model == "a" ? "role a;" : "role b;");
    co_await out.push({&role, 1});
    if (x.current->target.model == "a") co_return fail(lost(FaultKind::kProviderError, Retry::kOther));
    auto piece = event(chat::EventKind::kContent, "text");
    co_return co_await out.push({&piece, 1});
  });
  Attempt stage(budget_);
  EXPECT_TRUE(scene_.run(stage));
  EXPECT_EQ(order_, "ab");
  EXPECT_EQ(scene_.out.bytes, "role b;text");
  EXPECT_EQ(scene_.out.begins, 1);
}

TEST_F(AttemptTest, AnAnswerThatOnlyAnnouncesIsPassedOnAtItsEnd) {
  candidates(1);
  scene_.rest.set([](Exchange&, Sink& out) -> Task<Status> {
    co_await out.begin({.form = AnswerForm::kEvents});
    auto role = event(chat::EventKind::kPreamble, "role;");
    co_return co_await out.push({&role, 1});
  });
  Attempt stage(budget_);
  EXPECT_TRUE(scene_.run(stage));
  EXPECT_EQ(scene_.out.bytes, "role;");
}

TEST_F(AttemptTest, AClientThatTakesNothingEndsTheAttempt) {
  candidates(2);
  scene_.out.result = fail(FaultKind::kClientGone, "gone");
  EXPECT_EQ(tried({}), "a client_gone");
}

// A passthrough request may create something.
TEST_F(AttemptTest, APassthroughThatMayHaveBeenTakenIsNotRepeated) {
  scene_.x.endpoint = nullptr;
  candidates(1);
  EXPECT_EQ(tried({lost()}), "a connection_lost");
}

TEST_F(AttemptTest, APassthroughThatCannotHaveBeenTakenIsRepeated) {
  scene_.x.endpoint = nullptr;
  candidates(1);
  EXPECT_EQ(tried({lost(FaultKind::kUnreachable)}), "aa ok");
}

TEST_F(AttemptTest, APassthroughThatOnlyReadsIsRepeated) {
  scene_.x.endpoint = nullptr;
  scene_.request.mutable_head().method = "GET";
  candidates(1);
  EXPECT_EQ(tried({lost()}), "aa ok");
}

TEST_F(AttemptTest, ADeadlineInAHeaderIsHeeded) {
  scene_.request.mutable_head().headers.set("x-sluice-timeout", "60ms");
  candidates(2);
  scene_.rest.set(hang);
  Attempt stage(budget_);
  auto status = scene_.run(stage);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().told, "The answer was not complete within 60ms (x-sluice-timeout).");
}

TEST_F(AttemptTest, WithoutBudgetNothingIsRepeatedButOthersAreTried) {
  budget_.set({.percent = 0, .min_per_second = 0});
  candidates(2);
  EXPECT_EQ(tried(times(9, lost())), "ab connection_lost");
  EXPECT_EQ(scene_.x.gave_up, "retry_budget");
}

TEST_F(AttemptTest, FailuresOpenTheBreakerAndItIsPassedBy) {
  route_.breaker.consecutive = 1;
  candidates(2);
  auto& health = *route_.deployments.front()->health;
  auto pass = health.breaker.enter(route_.breaker, now());
  health.breaker.leave(route_.breaker, *pass, provider::Breaker::Outcome::kFailed, now());
  EXPECT_EQ(tried({}), "b ok");
}

TEST_F(AttemptTest, WhenAllBreakersAreOpenOneIsTried) {
  route_.breaker.consecutive = 1;
  candidates(1);
  auto& health = *route_.deployments.front()->health;
  auto pass = health.breaker.enter(route_.breaker, now());
  health.breaker.leave(route_.breaker, *pass, provider::Breaker::Outcome::kFailed, now());
  EXPECT_EQ(tried({}), "a ok");
  EXPECT_EQ(scene_.x.tries.front().why, Begun::kLastResort);
}

TEST_F(AttemptTest, AClientsMistakeOpensNothing) {
  route_.breaker.consecutive = 1;
  candidates(1);
  EXPECT_EQ(tried({refused(Meaning::kInvalidRequest)}), "a provider_status");
  EXPECT_EQ(route_.deployments.front()->health->breaker.state(route_.breaker, now()),
            provider::Breaker::State::kClosed);
}

TEST_F(AttemptTest, AFullOneIsWaitedForWhenNoOtherIsLeft) {
  candidates(2);
  std::string queued;
  scene_.rest.set([&](Exchange&, Sink& out) -> Task<Status> {
    auto& t = *scene_.rest.tried;
    order_ += t.target.model;
    queued += t.may_queue ? "q" : "-";
    if (t.target.model == "b") co_return fail(lost(FaultKind::kProviderStatus, Retry::kOther));
    if (!t.may_queue) co_return fail(lost(FaultKind::kOverloaded, Retry::kOther));
    co_await out.begin({});
    auto whole = event(chat::EventKind::kContent, "answer");
    co_return co_await out.push({&whole, 1});
  });
  Attempt stage(budget_);
  EXPECT_TRUE(scene_.run(stage));
  EXPECT_EQ(order_ + queued, "aba-qq");
}

}  // namespace
}  // namespace sluice::stage::attempt_test
