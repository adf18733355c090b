#include "exchange/charge.h"

#include "dialect/anthropic/endpoint.h"
#include "dialect/openai/endpoint.h"
#include "exchange/scene_test.h"

namespace sluice {
namespace {

class ChargeTest : public ::testing::Test {
 protected:
  ChargeTest() {
    provider_->catalogue = catalogue_.get();
    provider_->catalogue_name = "openai";
    scene_.x.endpoint = &dialect::openai::facts(dialect::openai::Kind::kChat);
  }
  // A try that was answered well, with usage.
  Try& begin(const std::string& model = "gpt-4o") {
    auto& deployment = deployments_.emplace_back(make_deployment(*provider_, model));
    provider::look_up(*deployment);
    Try& one = scene_.x.tries.emplace_back(targets_.emplace_back(deployment.get(), model), scene_.x.cancel);
    one.provider_status = 200;
    one.learned.usage = {.source = chat::UsageSource::kProvider, .input = 1000, .output = 100};
    scene_.x.current = &one;
    return one;
  }
  std::string charged() {
    const auto found = charge(scene_.x);
    if (!found) return "nothing";
    return *found ? to_text(**found) : to_text(found->error());
  }

  std::unique_ptr<const provider::Catalogue> catalogue_ = provider::Catalogue::built_in();
  std::unique_ptr<provider::Provider> provider_ = make_provider("p");
  std::deque<std::unique_ptr<provider::Deployment>> deployments_;
  std::deque<provider::Target> targets_;
  Scene scene_;
};

TEST_F(ChargeTest, IsByUsageAndPrice) {
  EXPECT_EQ(charged(), "nothing");
  begin();
  EXPECT_EQ(charged(), "0.0035");
}

TEST_F(ChargeTest, IsByTheModelAndTierThatAnswered) {
  Try& one = begin();
  one.learned.model = "gpt-4o-2024-05-13";
  EXPECT_EQ(charged(), "0.0065");
  one.learned.service_tier = "scale";
  EXPECT_EQ(charged(), "no price of its service tier");
}

TEST_F(ChargeTest, IsUnknownWhereAnythingIs) {
  begin().learned.usage = {};
  EXPECT_EQ(charged(), "no usage in the answer");
  scene_.x.tries.clear();
  begin("made-up");
  EXPECT_EQ(charged(), "no price of the model");
}

TEST_F(ChargeTest, IsNothingWhereNoProviderAnsweredWell) {
  Try& one = begin();
  for (int status : {0, 302, 400, 429, 500}) {
    one.provider_status = status;
    EXPECT_EQ(charged(), "nothing") << status;
  }
}

TEST_F(ChargeTest, OfATryThatBrokeOffIsWhatItToldOrDelivered) {
  Try& broken = begin();
  broken.fault = FaultKind::kTruncated;
  EXPECT_EQ(charged(), "0.0035") << "what was told is charged";
  broken.learned.usage = {};
  EXPECT_EQ(charged(), "nothing") << "nothing came of it";
  scene_.x.first_content = now();
  EXPECT_EQ(charged(), "no usage in the answer");
}

TEST_F(ChargeTest, OfSeveralTriesIsTheirSum) {
  begin().fault = FaultKind::kTruncated;
  begin();
  EXPECT_EQ(charged(), "0.007");
  begin("made-up");
  EXPECT_EQ(charged(), "no price of the model");
}

TEST_F(ChargeTest, IsNothingForCountingTokens) {
  begin();
  const auto endpoints = dialect::anthropic::endpoints();
  const auto counting = std::ranges::find(endpoints, dialect::Operation::kCountTokens, &dialect::Endpoint::operation);
  ASSERT_NE(counting, endpoints.end());
  scene_.x.endpoint = &*counting;
  EXPECT_EQ(charged(), "nothing");
}

TEST_F(ChargeTest, OfAPassthroughIsUnknownUnlessItOnlyLooks) {
  scene_.x.endpoint = nullptr;
  begin().learned.usage = {};
  EXPECT_EQ(charged(), "no usage in the answer");
  scene_.request.mutable_head().method = "GET";
  EXPECT_EQ(charged(), "nothing");
}

}  // namespace
}  // namespace sluice
