#include "stage/attempt/attempt.h"

#include "dialect/openai/endpoint.h"
#include "exchange/scene_test.h"
#include "stage/attempt/holdback.h"

namespace sluice::stage {
namespace {

Fault lost(FaultKind kind = FaultKind::kConnectionLost, Retry retry = Retry::kSame) {
  return Fault{.kind = kind, .told = "it failed", .retry = retry};
}
Fault refused(Meaning meaning) {
  auto fault = lost(FaultKind::kProviderStatus, Retry::kNo);
  fault.meaning = meaning;
  return fault;
}
Fault asks_for(Ms time) {
  auto fault = lost(FaultKind::kProviderStatus);
  fault.retry_after = time;
  return fault;
}

chat::Event event(chat::EventKind kind, std::string_view wire) {
  return {kind, wire};
}

// A route over some candidates, and providers whose attempts end as told, one after the other.
class AttemptTest : public ::testing::Test {
 protected:
  AttemptTest() {
    route_.name = "r";
    route_.backoff = Ms(4);
    route_.max_backoff = Ms(40);
    route_.retries = 2;
    scene_.x.timeouts.total = Ms(5000);
    scene_.x.endpoint = &dialect::openai::facts(dialect::openai::Kind::kChat);
  }

  void candidates(int count) {
    for (int i = 0; i < count; ++i) {
      route_.deployments.push_back(make_deployment(*provider_, std::string(1, static_cast<char>('a' + i))));
      scene_.x.candidates.push_back({route_.deployments.back().get(), route_.deployments.back()->model});
    }
    scene_.x.match = {&route_, {}};
  }

  // The faults in order; after them every attempt serves. Returns the models tried, then " ok" or the fault's name.
  std::string tried(std::vector<Fault> faults) {
    faults_ = std::move(faults);
    scene_.rest.set([this](Exchange& x, Sink& out) { return serve(x, out); });
    Attempt stage(budget_);
    status_ = scene_.run(stage);
    for (const auto& deployment : route_.deployments) EXPECT_EQ(deployment->health->in_flight.load(), 0);
    return order_ + " " + (status_ ? std::string("ok") : std::string(name(status_.error().kind)));
  }
  Task<Status> serve(Exchange& x, Sink& out) {
    auto index = order_.size();
    order_ += x.current->target.model;
    if (index < faults_.size()) co_return fail(faults_[index]);
    co_await out.begin({});
    auto whole = event(chat::EventKind::kContent, "answer");
    co_return co_await out.push({&whole, 1});
  }

  Scene scene_;
  RetryBudget budget_;
  std::unique_ptr<provider::Provider> provider_ = make_provider("p");
  provider::Route route_;
  std::vector<Fault> faults_;
  std::string order_;
  Status status_;
};

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

std::vector<Fault> times(int count, Fault fault) {
  return std::vector<Fault>(static_cast<std::size_t>(count), fault);
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
  scene_.rest.set([](Exchange& x, Sink&) -> Task<Status> {
    co_await net::sleep(x.tools.loop, Ms(5000), x.cancel);
    co_return fail(x.cancel.reason());
  });
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
  scene_.rest.set([](Exchange& x, Sink&) -> Task<Status> {
    co_await net::sleep(x.tools.loop, Ms(5000), x.cancel);
    co_return fail(x.cancel.reason());
  });
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

// Hedging: deployments that answer after a time of their own.
class HedgeTest : public AttemptTest {
 protected:
  HedgeTest() {
    route_.hedge = {.enabled = true, .after = Ms(30), .max_extra_percent = 100};
    route_.hedges.set({.percent = 0, .min_per_second = 10});
    candidates(2);
  }

  // Each deployment answers with its name after its time; a negative time: it fails then.
  std::string answered(std::vector<int> times) {
    scene_.rest.set([times, this](Exchange& x, Sink& out) -> Task<Status> {
      auto& t = *scene_.rest.tried;
      auto index = static_cast<std::size_t>(t.target.model[0] - 'a');
      order_ += t.target.model;
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

// Fallback routes: one with the deployments x and y.
class FallbackTest : public AttemptTest {
 protected:
  FallbackTest() {
    auto other = std::make_unique<provider::Route>();
    other->name = "other";
    for (const char* model : {"x", "y"}) other->deployments.push_back(make_deployment(*provider_, model));
    other_ = other.get();
    routes_.add(std::move(other));
    candidates(2);
    scene_.x.asking.endpoint = scene_.x.endpoint;
  }

  provider::Routes routes_;
  const provider::Route* other_ = nullptr;
};

TEST_F(FallbackTest, OtherRoutesComeBeforeRepetition) {
  route_.fallbacks.any = {other_};
  EXPECT_EQ(tried(times(3, lost())), "abxy ok");
  EXPECT_EQ(scene_.x.tries.back().why, Begun::kFallback);
}

TEST_F(FallbackTest, AfterThemAllAreTriedAgain) {
  route_.fallbacks.any = {other_};
  EXPECT_EQ(tried(times(9, lost())), "abxyab connection_lost");
}

TEST_F(FallbackTest, WhatIsTooLongGoesThereAtOnce) {
  route_.fallbacks.context_window = {other_};
  EXPECT_EQ(tried({refused(Meaning::kContextLength)}), "ax ok");
}

TEST_F(FallbackTest, SoDoesWhatIsRefused) {
  route_.fallbacks.content_policy = {other_};
  EXPECT_EQ(tried({refused(Meaning::kContentPolicy)}), "ax ok");
}

TEST_F(FallbackTest, OfEachKindOnlyTheirOwn) {
  route_.fallbacks.content_policy = {other_};
  EXPECT_EQ(tried(times(9, lost())), "ababab connection_lost");
}

TEST_F(FallbackTest, AClientsMistakeGoesNowhere) {
  route_.fallbacks.any = {other_};
  EXPECT_EQ(tried({refused(Meaning::kInvalidRequest)}), "a provider_status");
}

// Continuing: the deployments' texts, one after the other; all but the last break off behind theirs.
class ContinueTest : public AttemptTest {
 protected:
  ContinueTest() {
    route_.broken = provider::Broken::kContinue;
    scene_.x.asked.stream = true;
    candidates(3);
  }

  std::string said(std::vector<std::vector<chat::Piece>> answers) {
    scene_.rest.set([answers, this](Exchange&, Sink& out) -> Task<Status> {
      auto& t = *scene_.rest.tried;
      auto index = order_.size();
      order_ += t.target.model;
      continued_ += "[" + t.continues + "]";
      co_await out.begin({.form = AnswerForm::kEvents});
      for (const auto& piece : answers[index]) {
        chat::Event event{chat::EventKind::kContent, {}, {&piece, 1}};
        if (auto pushed = co_await out.push({&event, 1}); !pushed) co_return pushed;
      }
      if (index + 1 < answers.size()) co_return fail(lost(FaultKind::kTruncated));
      co_return Status{};
    });
    Attempt stage(budget_);
    status_ = scene_.run(stage);
    return order_ + ":" + scene_.out.texts;
  }
  static chat::Piece text(std::string_view text) { return {.kind = chat::PieceKind::kText, .text = {text}}; }

  std::string continued_;
};

TEST_F(ContinueTest, AnotherOneGoesOnWithoutLosingOrRepeating) {
  EXPECT_EQ(said({{text("Once "), text("upon ")}, {text(" a"), text(" time")}}), "ab:Once upon a time");
  EXPECT_EQ(continued_, "[][Once upon]");
  EXPECT_TRUE(status_);
  EXPECT_EQ(scene_.x.tries.back().why, Begun::kContinued);
}

TEST_F(ContinueTest, LineBreaksAreSpaceToo) {
  EXPECT_EQ(said({{text("One\\n\\n")}, {text("\\n"), text("\\n"), text("Two\\\\n")}, {text("!")}}),
            "abc:One\\n\\nTwo\\\\n!");
  EXPECT_EQ(continued_, "[][One][One\\n\\nTwo\\\\n]");
}

TEST_F(ContinueTest, WhatIsNoTextIsNotGoneOnWith) {
  EXPECT_EQ(said({{text("Once"), {.kind = chat::PieceKind::kCall}}, {text("never")}}), "a:Once");
  EXPECT_EQ(status_.error().kind, FaultKind::kTruncated);
}

TEST_F(ContinueTest, TheFirstBreakIsToldWhenNobodyGoesOn) {
  scene_.rest.set([this](Exchange&, Sink& out) -> Task<Status> {
    auto first = order_.empty();
    order_ += scene_.rest.tried->target.model;
    if (!first) co_return fail(lost(FaultKind::kUnreachable, Retry::kOther));
    co_await out.begin({.form = AnswerForm::kEvents});
    auto piece = text("Once");
    chat::Event event{chat::EventKind::kContent, {}, {&piece, 1}};
    co_await out.push({&event, 1});
    co_return fail(lost(FaultKind::kTruncated));
  });
  Attempt stage(budget_);
  auto status = scene_.run(stage);
  EXPECT_EQ(order_.substr(0, 3), "abc");
  EXPECT_EQ(status.error().kind, FaultKind::kTruncated);
}

// Holdback alone.

TEST(Holdback, KeepsTheHeadUntilSomethingIsSeen) {
  Scene scene;
  Holdback held(scene.out);
  auto preamble = event(chat::EventKind::kPreamble, "p");
  auto other = event(chat::EventKind::kOther, "o");
  auto go = [&]() -> Task<Status> {
    co_await held.begin({.status = 201});
    co_await held.push({&preamble, 1});
    EXPECT_EQ(scene.out.begins, 0);
    EXPECT_FALSE(held.released());
    co_return co_await held.push({&other, 1});
  };
  EXPECT_TRUE(scene.run(go()));
  EXPECT_TRUE(held.released());
  EXPECT_EQ(scene.out.head.status, 201);
  EXPECT_EQ(scene.out.bytes, "po");
  EXPECT_EQ(scene.out.pushes, 1) << "what arrives together leaves together";
}

TEST(Holdback, PassesOnAtOnceAfterItReleased) {
  Scene scene;
  Holdback held(scene.out);
  auto content = event(chat::EventKind::kContent, "c");
  auto preamble = event(chat::EventKind::kPreamble, "p");
  auto go = [&]() -> Task<Status> {
    co_await held.begin({});
    co_await held.push({&content, 1});
    co_return co_await held.push({&preamble, 1});
  };
  EXPECT_TRUE(scene.run(go()));
  EXPECT_EQ(scene.out.bytes, "cp");
  EXPECT_EQ(scene.out.begins, 1);
}

TEST(Holdback, HoldsNoMoreThanALimit) {
  Scene scene;
  Holdback held(scene.out);
  std::string wire(10'000, 'p');
  auto preamble = event(chat::EventKind::kPreamble, wire);
  auto go = [&]() -> Task<Status> {
    co_await held.begin({});
    for (int i = 0; i < 20; ++i) co_await held.push({&preamble, 1});
    co_return Status{};
  };
  EXPECT_TRUE(scene.run(go()));
  EXPECT_TRUE(held.released());
  EXPECT_EQ(scene.out.bytes.size(), 200'000u);
}

TEST(Holdback, ReleaseWithoutAnAnswerDoesNothing) {
  Scene scene;
  Holdback held(scene.out);
  EXPECT_TRUE(scene.run(held.release()));
  EXPECT_FALSE(held.released());
  EXPECT_EQ(scene.out.begins, 0);
}

TEST(Holdback, AnEmptyAnswerIsBegun) {
  Scene scene;
  Holdback held(scene.out);
  auto go = [&]() -> Task<Status> {
    co_await held.begin({.status = 204});
    co_return co_await held.release();
  };
  EXPECT_TRUE(scene.run(go()));
  EXPECT_EQ(scene.out.head.status, 204);
  EXPECT_EQ(scene.out.pushes, 0);
}

}  // namespace
}  // namespace sluice::stage
