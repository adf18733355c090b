#include "stage/authenticate/authenticate.h"

#include "base/time_text.h"
#include "dialect/gemini/gemini.h"
#include "exchange/scene_test.h"

namespace sluice::stage::authenticate_test {
namespace {

http::RequestHead with(std::string_view name, std::string_view value) {
  return {"POST", "/", {{name, value}}};
}

class AuthenticateTest : public ::testing::Test {
 protected:
  AuthenticateTest() {
    add("sk-member", {.name = "web"});
    add("sk-viewer", {.name = "eva", .role = Role::kViewer});
    add("sk-master", {.name = "master", .role = Role::kMaster});
  }
  void add(std::string_view key, Caller caller) {
    callers_ = callers_->with({{callers_->digest_of(key), 0, std::make_shared<const Caller>(std::move(caller))}});
  }
  // What becomes of a request with this key; "ok" where it goes on.
  std::string outcome(std::string_view key, std::string_view operation = "chat",
                      Authenticate::Admits admits = Authenticate::Admits::kAnyCaller) {
    Scene scene(with("x-api-key", key));
    scene.tools.callers = callers_;
    scene.x.operation = operation;
    Authenticate stage(admits);
    auto status = scene.run(stage);
    EXPECT_EQ(scene.rest.calls, status ? 1 : 0);
    return status ? "ok" : std::string(name(status.error().kind)) + " " + status.error().code;
  }

  std::shared_ptr<const Callers> callers_ = std::make_shared<const Callers>(Hmac("secret"), std::vector<KnownKey>());
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
    scene.tools.callers = callers_;
    Authenticate stage;
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
    scene.tools.callers = callers_;
    Authenticate stage;
    auto status = scene.run(stage);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().kind, FaultKind::kUnauthenticated);
    EXPECT_EQ(status.error().code, "invalid_api_key");
    EXPECT_EQ(status.error().told.find("member"), std::string::npos) << "the key is not told";
    EXPECT_EQ(scene.x.caller, nullptr);
    EXPECT_EQ(scene.rest.calls, 0);
  }
}

TEST_F(AuthenticateTest, TakesTheKeyFromTheQueryWhereTheClientSpeaksGemini) {
  const auto outcome = [&](std::string_view query) {
    Scene scene({"GET", "/v1beta/models?" + std::string(query), {}});
    scene.tools.callers = callers_;
    scene.x.server = &dialect::gemini::server();
    Authenticate stage;
    return scene.run(stage).has_value();
  };
  EXPECT_TRUE(outcome("key=sk-member"));
  EXPECT_TRUE(outcome("pageSize=5&key=sk-member"));
  EXPECT_FALSE(outcome("key=sk-other"));
  EXPECT_FALSE(outcome("api-key=sk-member"));
}

TEST_F(AuthenticateTest, EveryUnknownKeyIsToldTheSame) {
  auto told = [&](const std::string& key) {
    Scene scene(with("authorization", "Bearer " + key));
    scene.tools.callers = callers_;
    Authenticate stage;
    return scene.run(stage).error().told;
  };
  EXPECT_EQ(told("x"), told("sk-membe"));
  EXPECT_EQ(told("x"), told(std::string(50'000, 'k')));
}

TEST_F(AuthenticateTest, TheAdministratorsPagesAreForThoseWithARole) {
  constexpr auto kStaff = Authenticate::Admits::kStaff;
  EXPECT_EQ(outcome("sk-member", "admin", kStaff), "forbidden role_not_allowed");
  EXPECT_EQ(outcome("sk-viewer", "admin", kStaff), "ok");
  EXPECT_EQ(outcome("sk-master", "admin", kStaff), "ok");
  EXPECT_EQ(outcome("sk-other", "admin", kStaff), "unauthenticated invalid_api_key");
}

TEST_F(AuthenticateTest, WithoutATableNobodyIsKnown) {
  callers_ = nullptr;
  EXPECT_EQ(outcome("sk-master"), "unauthenticated invalid_api_key");
}

TEST_F(AuthenticateTest, WhoIsBlockedIsToldSo) {
  add("sk-1", {.name = "one", .blocked = true});
  add("sk-2", {.name = "two", .its_team = std::make_shared<const Team>(Team{.name = "t", .blocked = true})});
  add("sk-3", {.name = "three", .its_user = std::make_shared<const User>(User{.name = "u", .blocked = true})});
  add("sk-4", {.name = "four",
               .its_team = std::make_shared<const Team>(Team{.name = "t"}),
               .its_user = std::make_shared<const User>(User{.name = "u"})});
  EXPECT_EQ(outcome("sk-1"), "forbidden key_blocked");
  EXPECT_EQ(outcome("sk-2"), "forbidden team_blocked");
  EXPECT_EQ(outcome("sk-3"), "forbidden user_blocked");
  EXPECT_EQ(outcome("sk-4"), "ok");
}

TEST_F(AuthenticateTest, AKeyEndsWhenItExpires) {
  add("sk-1", {.name = "one", .expires_us = wall_us() - 1});
  add("sk-2", {.name = "two", .expires_us = wall_us() + 60'000'000});
  EXPECT_EQ(outcome("sk-1"), "unauthenticated key_expired");
  EXPECT_EQ(outcome("sk-2"), "ok");
}

// The requests of these tests come from 192.0.2.1.
TEST_F(AuthenticateTest, AKeyIsGoodFromItsNetworks) {
  add("sk-1", {.name = "one", .networks = {*net::parse_network("10.0.0.0/8"), *net::parse_network("192.0.2.0/24")}});
  add("sk-2", {.name = "two", .networks = {*net::parse_network("10.0.0.0/8"), *net::parse_network("::/0")}});
  EXPECT_EQ(outcome("sk-1"), "ok");
  EXPECT_EQ(outcome("sk-2"), "forbidden address_not_allowed");
}

TEST_F(AuthenticateTest, AKeyIsGoodForItsOperations) {
  add("sk-1", {.name = "one", .operations = {"chat", "embeddings"}});
  EXPECT_EQ(outcome("sk-1", "chat"), "ok");
  EXPECT_EQ(outcome("sk-1", "embeddings"), "ok");
  EXPECT_EQ(outcome("sk-1", "messages"), "forbidden operation_not_allowed");
  EXPECT_EQ(outcome("sk-1", "passthrough"), "forbidden operation_not_allowed");
  EXPECT_EQ(outcome("sk-1", "models"), "ok") << "what it may use may be listed";
}

// The caller lives as long as the exchange, also when its key goes meanwhile.
TEST_F(AuthenticateTest, ARequestKeepsTheCallerItBeganWith) {
  Scene scene(with("x-api-key", "sk-member"));
  scene.tools.callers = std::exchange(callers_, nullptr);
  std::weak_ptr<const Caller> caller;
  scene.rest.set([&](Exchange& x, Sink&) -> Task<Status> {
    caller = x.caller_kept;
    scene.tools.callers = nullptr;
    EXPECT_EQ(x.caller->name, "web");
    co_return Status{};
  });
  Authenticate stage;
  EXPECT_TRUE(scene.run(stage));
  EXPECT_FALSE(caller.expired());
  scene.x.caller_kept = nullptr;
  EXPECT_TRUE(caller.expired());
}

TEST_F(AuthenticateTest, FailuresBelowPass) {
  Scene scene(with("x-api-key", "sk-member"));
  scene.rest.set([](Exchange&, Sink&) -> Task<Status> { co_return fail(FaultKind::kNotFound, "below"); });
  scene.tools.callers = callers_;
  Authenticate stage;
  EXPECT_EQ(scene.run(stage).error().told, "below");
}

}  // namespace
}  // namespace sluice::stage::authenticate_test
