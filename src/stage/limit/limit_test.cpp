#include "stage/limit/limit.h"

#include "exchange/scene_test.h"
#include "quota/permit.h"

namespace sluice::stage::limit_test {
namespace {

using quota::Scope;

// A request of a key whose tags and session have accounts.
class LimitTest : public ::testing::Test {
 protected:
  LimitTest() {
    scene_.x.caller = &caller_;
    scene_.x.body = R"({"model":"m","messages":[{"role":"user","content":"hello"}],"max_tokens":50})";
    scene_.rest.set([this](Exchange& x, Sink&) -> Task<Status> {
      accounts_ = x.accounts;
      for (const auto* account : x.accounts) running_ += account->running();
      co_return result_;
    });
  }
  quota::Account& account(Scope scope, std::string_view name, quota::Limits limits) {
    book_.set_terms(scope, name, {.limits = limits});
    return book_.account(scope, name);
  }

  Metrics metrics_;
  quota::Book book_{metrics_};
  Caller caller_;
  Scene scene_;
  Limit stage_{book_};
  Status result_;
  std::vector<quota::Account*> accounts_;
  std::uint32_t running_ = 0;
};

TEST_F(LimitTest, ARequestIsChargedToItsTagsAndItsSession) {
  book_.configure({},
                  {{Scope::kTag, "feature", {.limits = {.rpm = 5}}}, {Scope::kSession, "", {.limits = {.rpm = 5}}}});
  scene_.x.tags = {{"feature", "search"}, {"session", "run-1"}, {"workflow", "x"}};
  caller_.tags = {{"feature", "not this"}};
  ASSERT_TRUE(scene_.run(stage_));
  ASSERT_EQ(accounts_.size(), 2u);
  EXPECT_EQ(accounts_[0]->name(), "feature=search");
  EXPECT_EQ(accounts_[1]->name(), "run-1");
  EXPECT_EQ(accounts_[1]->scope(), Scope::kSession);
  EXPECT_EQ(running_, 2u);
  for (const auto* one : accounts_) EXPECT_EQ(one->running(), 0u);
}

TEST_F(LimitTest, ARequestIsChargedToTheTagsOfItsKeysHolder) {
  book_.configure({}, {{Scope::kTag, "user", {.limits = {.rpm = 5}}}, {Scope::kTag, "team", {.limits = {.rpm = 5}}}});
  caller_.team = "storefront";
  caller_.user = "ann";
  ASSERT_TRUE(scene_.run(stage_));
  ASSERT_EQ(accounts_.size(), 2u);
  EXPECT_EQ(accounts_[0]->name(), "team=storefront");
  EXPECT_EQ(accounts_[1]->name(), "user=ann");
}

TEST_F(LimitTest, GivesRoomBackAfterAFailure) {
  auto& key = account(Scope::kKey, "web", {.concurrency = 1});
  caller_.accounts = {&key};
  result_ = fail(FaultKind::kClientGone, "gone");
  EXPECT_EQ(scene_.run(stage_).error().kind, FaultKind::kClientGone);
  EXPECT_EQ(running_, 1u);
  EXPECT_EQ(key.running(), 0u);
}

TEST_F(LimitTest, WhatIsSentToNobodyTakesNothingFromOthers) {
  caller_.accounts = {&account(Scope::kTeam, "shop", {.rpm = 2, .tpm = 200})};
  auto ask = [&](const Status& result) {
    Scene scene;
    scene.x.caller = &caller_;
    scene.x.body = scene_.x.body;
    scene.rest.set([&result](Exchange&, Sink&) -> Task<Status> { co_return result; });
    auto status = scene.run(stage_);
    return status ? std::string(scene.x.limit_fields.get("x-ratelimit-remaining-requests").value_or(""))
                  : status.error().code;
  };
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(ask(fail(Fault{.kind = FaultKind::kRateLimited, .code = "budget_exceeded"})), "budget_exceeded");
  EXPECT_EQ(ask({}), "1");
  EXPECT_EQ(ask({}), "0");
  EXPECT_EQ(ask({}), "rate_limit_exceeded");
}

TEST_F(LimitTest, WhatIsRefusedIsToldHowLimitsStand) {
  auto& key = account(Scope::kKey, "web", {.tpm = 60});
  caller_.accounts = {&key};
  const auto taken = quota::Permit::take(caller_.accounts, 60, now());
  const auto status = scene_.run(stage_);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, FaultKind::kRateLimited);
  EXPECT_EQ(status.error().code, "rate_limit_exceeded");
  EXPECT_GT(status.error().retry_after, Ms(0));
  EXPECT_EQ(scene_.rest.calls, 0);
  EXPECT_EQ(scene_.x.limit_fields.get("x-ratelimit-remaining-tokens"), "0");
}

TEST_F(LimitTest, WithoutLimitsNothingIsReadOrTold) {
  ASSERT_TRUE(scene_.run(stage_));
  EXPECT_EQ(scene_.rest.calls, 1);
  EXPECT_FALSE(scene_.x.demand);
  EXPECT_EQ(scene_.x.limit_fields.size(), 0u);
}

}  // namespace
}  // namespace sluice::stage::limit_test
