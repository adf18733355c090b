#include "exchange/charge.h"

#include "dialect/anthropic/endpoint.h"
#include "dialect/openai/endpoint.h"
#include "dialect/responses/endpoint.h"
#include "exchange/scene_test.h"

namespace sluice::charge_test {
namespace {

// gpt-4o: $2.50 and $10 for a million. 40 bytes of a request, 400 of an answer: 10 and 100 tokens.
constexpr std::string_view kBody = R"({"model":"m","prompt":"0123456789ABCDE"})";
static_assert(kBody.size() == 40);

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
  // The same without usage, and with so many bytes of an answer.
  Try& begin_uncounted(std::uint64_t shown) {
    Try& one = begin();
    one.learned.usage = {};
    one.learned.shown = shown;
    return one;
  }
  void end(Try& one, Status status = {}) {
    auto all = [&]() -> Task<Status> {
      co_await settle(scene_.x, one, status);
      co_return Status{};
    };
    ASSERT_TRUE(scene_.run(all()));
  }
  // Of what needs no worker.
  void settle_now(Try& one, const Status& status) {
    scene_.x.asking.prompt_tokens = 10;
    TaskGroup group;
    spawn(settle(scene_.x, one, status), group);
    ASSERT_TRUE(one.settled);
  }
  static Status broken() { return fail(FaultKind::kTruncated, "It broke off."); }
  std::string charged() {
    const auto found = charge(scene_.x);
    if (!found) return "nothing";
    return *found ? to_text(**found) : std::string(to_text(found->error()));
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

// What it used will be told elsewhere, and is more than none.
TEST_F(ChargeTest, IsUnknownWhereTheAnswerGoesOnInTheBackground) {
  Try& one = begin();
  one.learned.goes_on = true;
  end(one);
  EXPECT_EQ(charged(), "the answer goes on in the background");
  EXPECT_EQ(one.learned.usage.source, chat::UsageSource::kNone) << "nor is it estimated";
}

TEST_F(ChargeTest, IsUnknownWhereNobodyReadsABackgroundAnswerToItsEnd) {
  Try& one = begin_uncounted(0);
  one.learned.goes_on = true;
  end(one, broken());
  EXPECT_EQ(charged(), "the answer goes on in the background");
}

TEST_F(ChargeTest, IsNothingForALookAtWhatIsKept) {
  scene_.x.endpoint = &dialect::responses::facts(dialect::responses::Kind::kRetrieve);
  Try& one = begin();
  end(one);
  EXPECT_EQ(charged(), "nothing");
  EXPECT_EQ(one.learned.usage.output, 0u) << "it was booked with the request that used it";
  ASSERT_TRUE(one.looked_at);
  EXPECT_GT(one.looked_at->output, 0u);
}

TEST_F(ChargeTest, AnAnswerThatIsNotReadyTellsNoUseToALook) {
  scene_.x.endpoint = &dialect::responses::facts(dialect::responses::Kind::kRetrieve);
  Try& one = begin();
  one.learned.goes_on = true;
  end(one);
  EXPECT_FALSE(one.looked_at);
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
  EXPECT_EQ(charged(), "no usage in the answer") << "it began to answer";
  broken.fault = FaultKind::kProviderError;
  EXPECT_EQ(charged(), "nothing") << "an error stood in place of the answer";
  scene_.x.first_content = now();
  EXPECT_EQ(charged(), "no usage in the answer");
}

TEST_F(ChargeTest, OfATryThatWasNotWaitedForIsAnEstimateOnceItWasSent) {
  scene_.x.body = kBody;
  for (const auto kind : {FaultKind::kClientGone, FaultKind::kSuperseded, FaultKind::kProviderTimeout,
                          FaultKind::kConnectionLost, FaultKind::kTruncated}) {
    for (const bool sent : {true, false}) {
      Try& one = begin_uncounted(0);
      one.provider_status = 0;
      one.sent = sent;
      one.fault = kind;
      one.charge = {};
      settle_now(one, fail(kind, "It was given up."));
      const auto source = sent ? chat::UsageSource::kEstimated : chat::UsageSource::kNone;
      EXPECT_EQ(one.learned.usage.source, source) << name(kind);
      EXPECT_EQ(charged(), sent ? "0.000025" : "nothing") << name(kind);
      scene_.x.tries.clear();
    }
  }
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

// ---- where the provider did not count

TEST_F(ChargeTest, C1OfAnAnswerWithoutUsageIsEstimatedAndNeverNothing) {
  scene_.x.body = kBody;
  Try& one = begin_uncounted(400);
  end(one);
  EXPECT_EQ(one.learned.usage, (chat::Usage{.source = chat::UsageSource::kEstimated, .input = 10, .output = 100}));
  EXPECT_EQ(charged(), "0.001025");
}

TEST_F(ChargeTest, C4OfAnAbortedStreamIsWhatWasDelivered) {
  scene_.x.body = kBody;
  Try& one = begin_uncounted(100);
  one.fault = FaultKind::kClientGone;
  end(one, fail(FaultKind::kClientGone, "The client left."));
  EXPECT_EQ(one.learned.usage.output, 25U);
  EXPECT_EQ(charged(), "0.000275");
}

TEST_F(ChargeTest, C4OfATryThatFailedBeforeAnyTokenIsWhatWasRead) {
  scene_.x.body = kBody;
  Try& one = begin_uncounted(0);
  end(one, broken());
  EXPECT_EQ(one.learned.usage, (chat::Usage{.source = chat::UsageSource::kEstimated, .input = 10, .output = 0}));
  EXPECT_EQ(charged(), "0.000025");
}

TEST_F(ChargeTest, OfTheLoserOfAHedgeIsWhatItHadShown) {
  scene_.x.body = kBody;
  Try& loser = begin_uncounted(40);
  Try& winner = begin_uncounted(400);
  EXPECT_NE(scene_.x.current, &loser);
  loser.fault = FaultKind::kSuperseded;
  auto all = [&]() -> Task<Status> {
    co_await settle(scene_.x, loser, fail(FaultKind::kSuperseded, "Another one answered first."));
    co_await settle(scene_.x, winner, {});
    co_return Status{};
  };
  ASSERT_TRUE(scene_.run(all()));
  EXPECT_EQ(to_text((*charge(scene_.x, loser))->total), "0.000125");
  EXPECT_EQ(charged(), "0.00115");
}

TEST_F(ChargeTest, TakesTheInputThatRouteHasEstimated) {
  scene_.x.asking.prompt_tokens = 1000;
  Try& one = begin_uncounted(4);
  one.continues = R"(said \"so\")";  // what it went on with was read, too
  end(one);
  EXPECT_EQ(one.learned.usage.input, 1003U);
}

TEST_F(ChargeTest, OfAPromptLeavesMediaOut) {
  scene_.x.body =
      R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,)" +
      std::string(400'000, 'A') + R"("}}]}]})";
  Try& one = begin_uncounted(4);
  end(one);
  EXPECT_LT(one.learned.usage.input, 40U);
  EXPECT_GT(one.learned.usage.input, 10U);
}

TEST_F(ChargeTest, OfAnEmptyAnswerIsWhatWasRead) {
  scene_.x.body = kBody;
  end(begin_uncounted(0));
  EXPECT_EQ(charged(), "0.000025");
}

// No prompt of text is of no tokens.
TEST_F(ChargeTest, EstimatesTheInputWhereOnlyTheAnswerWasCounted) {
  const auto* completions = &dialect::openai::facts(dialect::openai::Kind::kCompletions);
  for (const auto* endpoint : {scene_.x.endpoint, completions}) {
    scene_.x.endpoint = endpoint;
    scene_.x.tries.clear();
    Try& one = begin_uncounted(400);
    one.learned.usage = {.source = chat::UsageSource::kProvider, .output = 90};
    one.learned.counted = 400;
    settle_now(one, {});
    EXPECT_EQ(one.learned.usage, (chat::Usage{.source = chat::UsageSource::kEstimated, .input = 10, .output = 90}));
    EXPECT_EQ(charged(), "0.000925");
  }
}

TEST_F(ChargeTest, EstimatesNoInputWhereNothingOfTextMayHaveBeenSent) {
  using enum dialect::openai::Kind;
  for (const auto kind : {kImageGenerations, kSpeech, kTranscriptions, kModerations}) {
    scene_.x.endpoint = &dialect::openai::facts(kind);
    Try& one = begin_uncounted(400);
    const chat::Usage told{.source = chat::UsageSource::kProvider, .output = 90};
    one.learned.usage = told;
    one.learned.counted = 400;
    settle_now(one, {});
    EXPECT_EQ(one.learned.usage, told);
  }
}

TEST_F(ChargeTest, IsFinalOnceSettled) {
  Try& one = begin();
  end(one);
  one.learned.usage.input = 1'000'000;
  EXPECT_EQ(charged(), "0.0035");
}

TEST_F(ChargeTest, OfImagesWithoutUsageStaysUnknown) {
  scene_.x.endpoint = &dialect::openai::facts(dialect::openai::Kind::kImageGenerations);
  end(begin_uncounted(0));
  EXPECT_EQ(charged(), "no usage in the answer");
}

}  // namespace
}  // namespace sluice::charge_test
