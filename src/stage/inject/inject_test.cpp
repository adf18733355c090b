#include "stage/inject/inject.h"

#include "dialect/openai/endpoint.h"
#include "exchange/scene_test.h"

namespace sluice::stage::inject_test {
namespace {

class InjectTest : public ::testing::Test {
 protected:
  InjectTest() {
    deployment_ = make_deployment(*provider_, "gpt");
    scene_.x.candidates = {{deployment_.get(), "gpt"}};
    scene_.x.endpoint = &dialect::openai::facts(dialect::openai::Kind::kChat);
    scene_.x.current = &scene_.x.tries.emplace_back(scene_.x.candidates.front(), scene_.x.cancel);
    scene_.rest.set([](Exchange&, Sink& out) -> Task<Status> {
      AnswerHead head;
      head.form = AnswerForm::kEvents;
      if (auto begun = co_await out.begin(std::move(head)); !begun) co_return begun;
      const chat::Event first[] = {{chat::EventKind::kPreamble, "role ", {}},
                                   {chat::EventKind::kContent, "one ", {}},
                                   {chat::EventKind::kContent, "two ", {}},
                                   {chat::EventKind::kFinish, "end", {}}};
      co_return co_await out.push(first);
    });
  }
  void inject(InjectedKind kind, Ms time = Ms(60'000)) {
    injections_.set({.deployment = "p/gpt", .kind = kind, .status = 429, .delay = Ms(40), .until = now() + time});
  }
  Status run() {
    Inject stage(injections_);
    Stage* below[] = {&scene_.rest};
    return scene_.run(stage.run(scene_.x, scene_.out, Next(below, scene_.x.current)));
  }

  Metrics metrics_;
  Injections injections_{metrics_};
  Scene scene_;
  std::unique_ptr<provider::Provider> provider_ = make_provider("p");
  std::unique_ptr<provider::Deployment> deployment_;
};

TEST_F(InjectTest, LeavesAloneWhatIsNotToFail) {
  injections_.set({.deployment = "p/other", .until = now() + Ms(60'000)});
  EXPECT_TRUE(run());
  EXPECT_EQ(scene_.out.bytes, "role one two end");
}

TEST_F(InjectTest, UnreachableAndResetNeverAskTheProvider) {
  inject(InjectedKind::kUnreachable);
  auto status = run();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, FaultKind::kUnreachable);
  EXPECT_EQ(status.error().retry, Retry::kSame);
  EXPECT_EQ(scene_.rest.calls, 0);
}

TEST_F(InjectTest, ResetIsALostConnection) {
  inject(InjectedKind::kReset);
  auto status = run();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, FaultKind::kConnectionLost);
}

TEST_F(InjectTest, AStatusIsReadAsTheProvidersOwn) {
  inject(InjectedKind::kStatus);
  auto status = run();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, FaultKind::kProviderStatus);
  EXPECT_EQ(status.error().meaning, Meaning::kRateLimit);
  ASSERT_TRUE(status.error().answer);
  EXPECT_EQ(status.error().answer->status, 429);
  EXPECT_EQ(scene_.x.current->provider_status, 429);
}

TEST_F(InjectTest, TimeoutIsSilentForAsLongAsTheRouteWaits) {
  scene_.x.timeouts.call.first_byte = Ms(50);
  inject(InjectedKind::kTimeout);
  auto began = now();
  auto status = run();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, FaultKind::kProviderTimeout);
  EXPECT_EQ(status.error().code, "first_byte_timeout");
  EXPECT_GE(now() - began, Ms(50));
}

TEST_F(InjectTest, TimeoutEndsWithTheTry) {
  scene_.x.timeouts.call.first_byte = Ms(60'000);
  inject(InjectedKind::kTimeout);
  net::Timer leave(scene_.loop, [&] { scene_.x.cancel.cancel(Fault{.kind = FaultKind::kClientGone}); });
  leave.arm(Ms(20));
  auto status = run();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, FaultKind::kClientGone);
}

TEST_F(InjectTest, SlowAnswersLater) {
  inject(InjectedKind::kSlow);
  auto began = now();
  EXPECT_TRUE(run());
  EXPECT_GE(now() - began, Ms(40));
  EXPECT_EQ(scene_.out.bytes, "role one two end");
}

TEST_F(InjectTest, TruncateBreaksOffBehindTheFirstContent) {
  inject(InjectedKind::kTruncate);
  auto status = run();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, FaultKind::kTruncated);
  EXPECT_EQ(scene_.out.bytes, "role one ");
}

TEST_F(InjectTest, EndsByItself) {
  inject(InjectedKind::kUnreachable, Ms(-1));
  EXPECT_TRUE(run());
  EXPECT_TRUE(injections_.all(now()).empty());
}

TEST(Injections, OneADeploymentUntilItsTime) {
  Metrics metrics;
  Injections injections(metrics);
  auto at = now();
  EXPECT_TRUE(injections.set({.deployment = "a", .kind = InjectedKind::kSlow, .until = at + Ms(1'000)}));
  EXPECT_TRUE(injections.set({.deployment = "a", .kind = InjectedKind::kReset, .until = at + Ms(1'000)}));
  ASSERT_EQ(injections.all(at).size(), 1U);
  EXPECT_EQ(injections.all(at).front().kind, InjectedKind::kReset);
  EXPECT_TRUE(injections.strike("a", at));
  EXPECT_FALSE(injections.strike("b", at));
  EXPECT_NE(metrics.render().find("sluice_injected_faults{deployment=\"a\",kind=\"reset\"} 1"), std::string::npos);
  EXPECT_FALSE(injections.strike("a", at + Ms(1'000)));
  injections.end_due(at + Ms(1'000));
  EXPECT_FALSE(injections.end("a"));
  auto text = metrics.render();
  EXPECT_NE(text.find("sluice_injected_faults{deployment=\"a\",kind=\"reset\"} 0"), std::string::npos);
  EXPECT_NE(text.find("sluice_injected_fault_hits_total{deployment=\"a\",kind=\"reset\"} 1"), std::string::npos);
}

TEST(Injections, HitsAShareByChance) {
  Metrics metrics;
  Injections injections(metrics);
  injections.set({.deployment = "a", .permille = 500, .until = now() + Ms(60'000)});
  int hit = 0;
  for (int i = 0; i < 2'000; ++i) hit += injections.strike("a", now()) ? 1 : 0;
  EXPECT_GT(hit, 800);
  EXPECT_LT(hit, 1'200);
}

TEST(Injections, AreLimitedInNumber) {
  Metrics metrics;
  Injections injections(metrics);
  for (std::size_t i = 0; i < Injections::kMost; ++i)
    EXPECT_TRUE(injections.set({.deployment = std::to_string(i), .until = now() + Ms(60'000)}));
  EXPECT_FALSE(injections.set({.deployment = "more", .until = now() + Ms(60'000)}));
  EXPECT_TRUE(injections.set({.deployment = "7", .until = now() + Ms(60'000)})) << "replaced";
  injections.end_all();
  EXPECT_TRUE(injections.all(now()).empty());
}

}  // namespace
}  // namespace sluice::stage::inject_test
