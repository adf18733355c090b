#include "stage/authenticate/authenticate.h"

#include "exchange/scene_test.h"

namespace sluice::stage {
namespace {

http::RequestHead with(std::string_view name, std::string_view value) {
  return {"POST", "/", {{name, value}}};
}

class AuthenticateTest : public ::testing::Test {
 protected:
  AuthenticateTest() {
    callers_.add("sk-member", Caller{.name = "web"});
    callers_.add("sk-master", Caller{.name = "master", .role = Caller::Role::kMaster});
  }
  Callers callers_;
};

TEST_F(AuthenticateTest, TakesTheKeyFromEachPlace) {
  const http::RequestHead heads[] = {
      with("Authorization", "Bearer sk-member"),
      with("authorization", "bearer  sk-member "),
      with("x-api-key", "sk-member"),
      with("api-key", "sk-member"),
      with("X-Goog-Api-Key", "sk-member"),
  };
  for (const auto& head : heads) {
    Scene scene(head);
    Authenticate stage(callers_);
    EXPECT_TRUE(scene.run(stage)) << (*head.headers.begin()).first;
    ASSERT_NE(scene.x.caller, nullptr);
    EXPECT_EQ(scene.x.caller->name, "web");
    EXPECT_EQ(scene.rest.calls, 1);
  }
}

TEST_F(AuthenticateTest, RefusesEverythingElse) {
  const http::RequestHead heads[] = {
      {"POST", "/", {}},
      with("authorization", ""),
      with("authorization", "Bearer"),
      with("authorization", "Bearer "),
      with("authorization", "Basic sk-member"),
      with("authorization", "sk-member"),
      with("authorization", "Bearer sk-membe"),
      with("authorization", "Bearer sk-members"),
      with("authorization", "Bearer SK-MEMBER"),
      with("authorization", "Bearer sk-member,sk-member"),
      with("x-api-key", ""),
      with("cookie", "api-key=sk-member"),
      {"POST", "/?api-key=sk-member&key=sk-member", {}},
  };
  for (const auto& head : heads) {
    Scene scene(head);
    Authenticate stage(callers_);
    auto status = scene.run(stage);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().kind, FaultKind::kUnauthenticated);
    EXPECT_EQ(status.error().code, "invalid_api_key");
    EXPECT_EQ(status.error().told.find("member"), std::string::npos) << "the key is not told";
    EXPECT_EQ(scene.x.caller, nullptr);
    EXPECT_EQ(scene.rest.calls, 0);
  }
}

TEST_F(AuthenticateTest, EveryUnknownKeyIsToldTheSame) {
  auto told = [&](const std::string& key) {
    Scene scene(with("authorization", "Bearer " + key));
    Authenticate stage(callers_);
    return scene.run(stage).error().told;
  };
  EXPECT_EQ(told("x"), told("sk-membe"));
  EXPECT_EQ(told("x"), told(std::string(50'000, 'k')));
}

TEST_F(AuthenticateTest, TheMastersPagesAreForTheMaster) {
  Authenticate stage(callers_, Authenticate::Admits::kMasterOnly);
  Scene member(with("x-api-key", "sk-member"));
  EXPECT_EQ(member.run(stage).error().kind, FaultKind::kForbidden);
  EXPECT_EQ(member.rest.calls, 0);
  Scene master(with("x-api-key", "sk-master"));
  EXPECT_TRUE(master.run(stage));
}

TEST_F(AuthenticateTest, FailuresBelowPass) {
  Scene scene(with("x-api-key", "sk-member"));
  scene.rest.set([](Exchange&, Sink&) -> Task<Status> { co_return fail(FaultKind::kNotFound, "below"); });
  Authenticate stage(callers_);
  EXPECT_EQ(scene.run(stage).error().told, "below");
}

TEST(Callers, TheLastOfOneKeyCounts) {
  Callers callers;
  callers.add("k", Caller{.name = "one"});
  callers.add("k", Caller{.name = "two"});
  EXPECT_EQ(callers.size(), 1u);
  EXPECT_EQ(callers.find("k")->name, "two");
}

TEST(Callers, FindsEachOfMany) {
  Callers callers;
  for (int i = 0; i < 10'000; ++i) callers.add("key-" + std::to_string(i), Caller{.name = std::to_string(i)});
  for (int i = 0; i < 10'000; i += 97) EXPECT_EQ(callers.find("key-" + std::to_string(i))->name, std::to_string(i));
  EXPECT_EQ(callers.find("key-10000"), nullptr);
}

TEST(Caller, MayUseWhatItsPatternsMatch) {
  Caller all{.name = "all"};
  EXPECT_TRUE(all.may_use("anything"));
  Caller some{.name = "some", .models = {"fast", "openai/*"}};
  EXPECT_TRUE(some.may_use("fast"));
  EXPECT_TRUE(some.may_use("openai/gpt-4o"));
  EXPECT_FALSE(some.may_use("fast2"));
  EXPECT_FALSE(some.may_use("azure/openai/gpt-4o"));
  EXPECT_FALSE(some.may_use(""));
}

}  // namespace
}  // namespace sluice::stage
