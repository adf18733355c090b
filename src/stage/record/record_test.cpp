#include "stage/record/record.h"

#include "dialect/openai/endpoint.h"
#include "exchange/scene_test.h"

namespace sluice::stage::record_test {
namespace {

class RecordTest : public ::testing::Test {
 protected:
  RecordTest() {
    route_.name = "fast";
    deployment_ = make_deployment(*provider_, "gpt");
    target_ = {deployment_.get(), "gpt"};
    scene_.x.operation = "chat";
    scene_.x.endpoint = &dialect::openai::facts(dialect::openai::Kind::kChat);
    scene_.x.asked.model = "made-up-by-a-client";
    scene_.x.status_sent = 200;
  }
  void routed() {
    scene_.x.match = {&route_, {}};
    scene_.x.current = &scene_.x.tries.emplace_back(target_, scene_.x.cancel);
    scene_.x.current->provider_status = 200;
  }
  std::string text() { return metrics_.render(); }
  bool has(std::string_view line) { return text().find(std::string(line) + "\n") != std::string::npos; }
  Status run() {
    Record stage(families_, recent_);
    return scene_.run(stage);
  }

  Metrics metrics_;
  RequestMetrics families_{metrics_};
  Recent recent_{4};
  Scene scene_;
  std::unique_ptr<provider::Provider> provider_ = make_provider("p");
  provider::Route route_;
  std::unique_ptr<provider::Deployment> deployment_;
  provider::Target target_;
};

TEST_F(RecordTest, CountsARequestThatWasServed) {
  routed();
  scene_.x.current->learned.usage = {
      .source = chat::UsageSource::kProvider, .input = 10, .cache_read = 4, .output = 7, .reasoning = 2};
  scene_.x.first_content = now();
  EXPECT_TRUE(run());
  EXPECT_TRUE(has(R"(sluice_requests_total{operation="chat",route="fast",status="200"} 1)"));
  EXPECT_TRUE(has(R"(sluice_attempts_total{deployment="p/gpt",outcome="ok"} 1)"));
  EXPECT_TRUE(has(R"(sluice_tokens_total{route="fast",deployment="p/gpt",kind="input"} 10)"));
  EXPECT_TRUE(has(R"(sluice_tokens_total{route="fast",deployment="p/gpt",kind="output"} 7)"));
  EXPECT_TRUE(has(R"(sluice_tokens_total{route="fast",deployment="p/gpt",kind="cache_read"} 4)"));
  EXPECT_TRUE(has(R"(sluice_tokens_total{route="fast",deployment="p/gpt",kind="reasoning"} 2)"));
  EXPECT_EQ(text().find("cache_write"), std::string::npos);
  EXPECT_TRUE(has(R"(sluice_time_to_first_token_seconds_count{route="fast"} 1)"));
  EXPECT_TRUE(has(R"(sluice_request_duration_seconds_count{operation="chat",route="fast"} 1)"));
  EXPECT_TRUE(has(R"(sluice_overhead_seconds_count{operation="chat"} 1)"));
  EXPECT_TRUE(has("sluice_in_flight 0"));
}

TEST_F(RecordTest, CountsMoneyExactly) {
  deployment_->own_price.emplace().rates.set(provider::Item::kInput, Money{150'000'000});
  deployment_->own_price->rates.set(provider::Item::kOutput, Money{600'000'000});
  provider::look_up(*deployment_);
  routed();
  scene_.x.current->learned.usage = {.source = chat::UsageSource::kProvider, .input = 10, .output = 7};
  EXPECT_TRUE(run());
  EXPECT_TRUE(has(R"(sluice_cost_usd_total{route="fast",deployment="p/gpt"} 0.0000057)"));
  EXPECT_EQ(text().find("sluice_cost_unknown_total"), std::string::npos);
}

TEST_F(RecordTest, CountsAnAnswerWithoutAPriceAsOfUnknownCost) {
  routed();
  scene_.x.current->learned.usage = {.source = chat::UsageSource::kProvider, .input = 10, .output = 7};
  EXPECT_TRUE(run());
  EXPECT_TRUE(has(R"(sluice_cost_unknown_total{route="fast",deployment="p/gpt",reason="no price of the model"} 1)"));
  EXPECT_EQ(text().find("sluice_cost_usd_total"), std::string::npos);
}

TEST_F(RecordTest, CountsAnAnswerWithoutUsageAsUnknown) {
  routed();
  EXPECT_TRUE(run());
  EXPECT_TRUE(has(R"(sluice_usage_unknown_total{route="fast",deployment="p/gpt"} 1)"));
  EXPECT_EQ(text().find("sluice_tokens_total"), std::string::npos);
}

TEST_F(RecordTest, CountsWhatWasEstimatedOfEveryTryThatIsCharged) {
  deployment_->own_price.emplace().rates.set(provider::Item::kInput, Money{150'000'000});
  deployment_->own_price->rates.set(provider::Item::kOutput, Money{600'000'000});
  provider::look_up(*deployment_);
  routed();
  scene_.x.current->learned.usage = {.source = chat::UsageSource::kEstimated, .input = 10, .output = 7};
  scene_.x.current->learned.shown = 28;
  scene_.x.current->fault = FaultKind::kClientGone;
  scene_.rest.set([](Exchange&, Sink&) -> Task<Status> { co_return fail(FaultKind::kClientGone, "left"); });
  run();
  EXPECT_TRUE(has(R"(sluice_usage_estimated_total{route="fast",deployment="p/gpt"} 1)"));
  EXPECT_TRUE(has(R"(sluice_tokens_total{route="fast",deployment="p/gpt",kind="output"} 7)"));
  EXPECT_TRUE(has(R"(sluice_cost_usd_total{route="fast",deployment="p/gpt"} 0.0000057)"));
  EXPECT_EQ(text().find("sluice_usage_unknown_total"), std::string::npos);
}

TEST_F(RecordTest, CountsAFailureByItsStatusAndPassesItOn) {
  routed();
  scene_.x.tries.front().fault = FaultKind::kConnectionLost;
  scene_.x.tries.front().provider_status = 0;
  scene_.rest.set([](Exchange&, Sink&) -> Task<Status> { co_return fail(FaultKind::kConnectionLost, "lost"); });
  auto status = run();
  EXPECT_EQ(status.error().told, "lost");
  EXPECT_TRUE(has(R"(sluice_requests_total{operation="chat",route="fast",status="502"} 1)"));
  EXPECT_TRUE(has(R"(sluice_attempts_total{deployment="p/gpt",outcome="connection_lost"} 1)"));
  EXPECT_EQ(text().find("sluice_usage_unknown_total"), std::string::npos);
}

TEST_F(RecordTest, NamesOfClientsAreNoLabels) {
  scene_.rest.set([](Exchange&, Sink&) -> Task<Status> { co_return fail(FaultKind::kNotFound, "no such model"); });
  run();
  EXPECT_TRUE(has(R"(sluice_requests_total{operation="chat",route="none",status="404"} 1)"));
  EXPECT_EQ(text().find("made-up"), std::string::npos);
}

TEST_F(RecordTest, IsInFlightWhileTheRestRuns) {
  std::int64_t during = 0;
  scene_.rest.set([&](Exchange&, Sink&) -> Task<Status> {
    during = families_.in_flight.value();
    co_return Status{};
  });
  run();
  EXPECT_EQ(during, 1);
  EXPECT_EQ(families_.in_flight.value(), 0);
}

TEST_F(RecordTest, IsNotInFlightAfterAnException) {
  scene_.rest.set([](Exchange&, Sink&) -> Task<Status> {
    throw std::runtime_error("a bug");
    co_return Status{};
  });
  Record stage(families_, recent_);
  Stage* below[] = {&scene_.rest};
  auto caught = [&]() -> Task<bool> {
    try {
      co_await stage.run(scene_.x, scene_.out, Next(below));
    } catch (const std::runtime_error&) {
      co_return true;
    }
    co_return false;
  };
  EXPECT_TRUE(scene_.run(caught()));
  EXPECT_EQ(families_.in_flight.value(), 0);
}

}  // namespace
}  // namespace sluice::stage::record_test
