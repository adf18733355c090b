#include "stage/record/recent.h"

#include "dialect/openai/endpoint.h"
#include "exchange/scene_test.h"

namespace sluice::stage::recent_test {
namespace {

class RecentTest : public ::testing::Test {
 protected:
  RecentTest() {
    route_.name = "fast";
    first_ = make_deployment(*provider_, "first");
    second_ = make_deployment(*provider_, "second");
    scene_.x.operation = "chat";
    scene_.x.asked.model = "fast";
    scene_.x.match = {&route_, {}};
    scene_.x.candidates = {{first_.get(), "first"}, {second_.get(), "second"}};
  }
  Try& attempt(std::size_t candidate) {
    auto& t = scene_.x.tries.emplace_back(scene_.x.candidates[candidate], scene_.x.cancel);
    t.why = scene_.x.tries.size() == 1 ? Begun::kFirst : Begun::kFallback;
    scene_.x.current = &t;
    return t;
  }
  void add(Recent& recent, std::string id, const Status& status = {}, int sent = 200) {
    scene_.x.id = std::move(id);
    recent.add(scene_.x, status, sent, 1'500);
  }

  Scene scene_;
  std::unique_ptr<provider::Provider> provider_ = make_provider("p");
  provider::Route route_;
  std::unique_ptr<provider::Deployment> first_, second_;
};

TEST_F(RecentTest, TellsWhereARequestWentAndWhy) {
  auto& failed = attempt(0);
  failed.ended = failed.began + Ms(3);
  failed.failure = "server_error";
  failed.provider_status = 503;
  failed.fault = FaultKind::kProviderStatus;
  failed.error = "No.";
  auto& served = attempt(1);
  served.ended = served.began + Ms(4);
  served.paused = Ms(20);
  served.queued_us = 700;
  served.provider_status = 200;
  served.learned.model = "second-2026";
  Recent recent(4);
  add(recent, "req_1");

  auto story = recent.find("req_1");
  ASSERT_TRUE(story);
  EXPECT_EQ(story->route, "fast");
  EXPECT_EQ(story->deployment, "p/second");
  EXPECT_EQ(story->model_served, "second-2026");
  EXPECT_EQ(story->outcome, "ok");
  EXPECT_EQ(story->duration_us, 1'500);
  EXPECT_EQ(story->candidates, (std::vector<std::string>{"p/first", "p/second"}));
  ASSERT_EQ(story->tries.size(), 2U);
  EXPECT_EQ(story->tries[0].deployment, "p/first");
  EXPECT_EQ(story->tries[0].fault, "provider_status");
  EXPECT_EQ(story->tries[0].failure, "server_error");
  EXPECT_EQ(story->tries[0].error, "No.");
  EXPECT_EQ(story->tries[0].why, "first");
  EXPECT_EQ(story->tries[0].duration_us, 3'000);
  EXPECT_EQ(story->tries[1].why, "fallback");
  EXPECT_EQ(story->tries[1].paused_us, 20'000);
  EXPECT_EQ(story->tries[1].queued_us, 700);
  EXPECT_EQ(story->tries[1].fault, "");
  EXPECT_TRUE(story->tries[1].ended);
}

TEST_F(RecentTest, TellsOfFailuresAndOfTriesGivenUp) {
  attempt(0);
  Recent recent(4);
  add(recent, "req_1", fail(FaultKind::kClientGone, "It left."), 499);
  auto story = recent.find("req_1");
  ASSERT_TRUE(story);
  EXPECT_EQ(story->outcome, "client_gone");
  EXPECT_EQ(story->fault, "client_gone");
  EXPECT_EQ(story->error, "It left.");
  EXPECT_EQ(story->status, 499);
  EXPECT_EQ(story->first_content_us, -1);
  EXPECT_FALSE(story->tries.at(0).ended);
}

TEST_F(RecentTest, KeepsTheLastOnesAndNothingOfThoseBefore) {
  Recent recent(3);
  attempt(0).ended = now();
  for (int i = 1; i <= 4; ++i) add(recent, "req_" + std::to_string(i));
  scene_.x.tries.clear();
  scene_.x.current = nullptr;
  scene_.x.candidates.clear();
  add(recent, "req_5");
  auto newest = recent.newest(10);
  ASSERT_EQ(newest.size(), 3U);
  EXPECT_EQ(newest[0].id, "req_5");
  EXPECT_EQ(newest[2].id, "req_3");
  EXPECT_TRUE(newest[0].tries.empty() && newest[0].candidates.empty());
  EXPECT_EQ(newest[0].deployment, "");
  EXPECT_EQ(recent.newest(1).size(), 1U);
  EXPECT_FALSE(recent.find("req_1"));
  EXPECT_FALSE(recent.find(""));
}

TEST_F(RecentTest, WhatClientsMadeUpIsCut) {
  scene_.x.asked.model.assign(100'000, 'x');
  Recent recent(1);
  add(recent, "req_1");
  EXPECT_EQ(recent.find("req_1")->model_asked.size(), Recent::kLongestText);
}

TEST_F(RecentTest, MayKeepNothing) {
  Recent recent(0);
  add(recent, "req_1");
  EXPECT_FALSE(recent.find("req_1"));
  EXPECT_TRUE(recent.newest(5).empty());
}

}  // namespace
}  // namespace sluice::stage::recent_test
