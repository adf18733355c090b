#include "stage/refused/refused.h"

#include "exchange/scene_test.h"

namespace sluice::stage::refused_test {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

class RefusedTest : public ::testing::Test {
 protected:
  void refuse(const Caller* caller, FaultKind kind, std::string code = "", std::string model = "fast") {
    Scene scene;
    scene.x.id = "req_1";
    scene.x.operation = "chat";
    scene.x.caller = caller;
    scene.x.asked.model = std::move(model);
    scene.rest.set([&](Exchange&, Sink&) -> Task<Status> { co_return fail(Fault{.kind = kind, .code = code}); });
    Refused stage(refusals_);
    EXPECT_EQ(scene.run(stage).error().kind, kind);
  }
  // "who what count" of each.
  static std::vector<std::string> texts(const std::vector<Refusal>& refusals) {
    std::vector<std::string> texts;
    for (const auto& one : refusals) texts.push_back(one.who + " " + one.what + " " + std::to_string(one.count));
    return texts;
  }
  using Texts = std::vector<std::string>;

  Refusals refusals_;
  Caller web_{.name = "web", .role = Role::kViewer};
  Caller app_{.name = "app"};
};

TEST_F(RefusedTest, NotesWhatAPolicyRefuses) {
  refuse(&web_, FaultKind::kForbidden, "model_not_allowed");
  refuse(&web_, FaultKind::kRateLimited);
  refuse(nullptr, FaultKind::kUnauthenticated, "invalid_api_key", "what a stranger wrote");
  refuse(&web_, FaultKind::kInvalidRequest, "missing_tag");
  refuse(&web_, FaultKind::kOverloaded, "spend_cap");
  for (auto kind : {FaultKind::kNotFound, FaultKind::kInvalidRequest, FaultKind::kProviderStatus, FaultKind::kInternal,
                    FaultKind::kOverloaded})
    refuse(&web_, kind);
  refuse(&web_, FaultKind::kInvalidRequest, "unsupported_capability");
  refuse(&web_, FaultKind::kOverloaded, "no_room");
  auto all = refusals_.due(0);
  EXPECT_EQ(texts(all), (Texts{" invalid_api_key 1", "web missing_tag 1", "web model_not_allowed 1",
                               "web rate_limited 1", "web spend_cap 1"}));
  EXPECT_EQ(all[0].about, "chat");
  EXPECT_EQ(all[2].about, "chat fast");
  EXPECT_EQ(all[2].role, "viewer");
  EXPECT_EQ(all[2].from, "192.0.2.1");
  EXPECT_EQ(all[2].request_id, "req_1");
}

TEST_F(RefusedTest, SaysWhatWasTriedOnTheAdministratorsSide) {
  auto refuse_change = [&](std::string about, std::string tried) {
    Scene scene;
    scene.x.operation = "admin";
    scene.x.caller = &web_;
    scene.x.tried_at = std::move(about);
    scene.x.tried = std::move(tried);
    scene.rest.set([&](Exchange&, Sink&) -> Task<Status> {
      co_return fail(Fault{.kind = FaultKind::kForbidden, .code = "more_than_own"});
    });
    Refused stage(refusals_);
    EXPECT_FALSE(scene.run(stage));
  };
  refuse_change("POST /keys: key 'a'", R"({"name":"a"})");
  auto one = refusals_.due(kSecond);
  EXPECT_EQ(one[0].about, "POST /keys: key 'a'");
  EXPECT_EQ(details_of(one[0]), R"({"tried":{"name":"a"}})");
  refuse_change("POST /keys: key 'b'", R"({"name":"b"})");
  refuse_change("POST /keys: key 'c'", "");
  const auto both = details_of(refusals_.due(61 * kSecond)[0]);
  EXPECT_NE(both.find(R"("about":"POST /keys: key 'b'","tried":{"name":"b"},"request_id")"), std::string::npos) << both;
  EXPECT_NE(both.find(R"("about":"POST /keys: key 'c'","request_id")"), std::string::npos) << both;
}

TEST_F(RefusedTest, TheFirstIsDueAtOnceAndTheOthersOnceAMinute) {
  refuse(&app_, FaultKind::kForbidden, "x");
  EXPECT_EQ(texts(refusals_.due(kSecond)), Texts{"app x 1"});
  for (int i = 0; i < 5; ++i) refuse(&app_, FaultKind::kForbidden, "x");
  EXPECT_EQ(texts(refusals_.due(2 * kSecond)), Texts{});
  EXPECT_EQ(texts(refusals_.due(61 * kSecond)), Texts{"app x 5"});
  EXPECT_EQ(texts(refusals_.due(122 * kSecond)), Texts{});
  refuse(&app_, FaultKind::kForbidden, "x");
  EXPECT_EQ(texts(refusals_.due(123 * kSecond)), Texts{"app x 1"}) << "it had gone and is the first again";
}

TEST_F(RefusedTest, OfManyTheFirstAndTheLastAreKnown) {
  refuse(&app_, FaultKind::kForbidden, "x", "one");
  auto due = refusals_.due(kSecond);
  EXPECT_EQ(due[0].first_about, "chat one");
  refuse(&app_, FaultKind::kForbidden, "x", "two");
  refusals_.put_back(due[0]);
  refuse(&app_, FaultKind::kForbidden, "x", "three");
  due = refusals_.due(61 * kSecond);
  ASSERT_EQ(texts(due), Texts{"app x 3"});
  EXPECT_EQ(due[0].first_about, "chat one");
  EXPECT_EQ(due[0].about, "chat three");
  EXPECT_EQ(due[0].first_request_id, "req_1");
  refuse(&app_, FaultKind::kForbidden, "x", "four");
  EXPECT_EQ(refusals_.due(122 * kSecond)[0].first_about, "chat four");
}

TEST_F(RefusedTest, WhatCouldNotBeWrittenIsNotLost) {
  refuse(&app_, FaultKind::kForbidden, "x");
  auto due = refusals_.due(kSecond);
  refusals_.put_back(due[0]);
  refuse(&app_, FaultKind::kForbidden, "x");
  EXPECT_EQ(texts(refusals_.due(61 * kSecond)), Texts{"app x 2"});
}

TEST_F(RefusedTest, MemoryIsBounded) {
  std::vector<Caller> callers;
  callers.reserve(Refusals::kMost + 50);
  for (std::size_t i = 0; i < Refusals::kMost + 50; ++i) callers.push_back({.name = "k" + std::to_string(i)});
  for (const auto& caller : callers) refuse(&caller, FaultKind::kForbidden, "x");
  auto all = refusals_.all();
  EXPECT_EQ(all.size(), Refusals::kMost + 1);
  EXPECT_EQ(texts(all)[0], " others 50");
  EXPECT_TRUE(refusals_.all().empty());
}

}  // namespace
}  // namespace sluice::stage::refused_test
