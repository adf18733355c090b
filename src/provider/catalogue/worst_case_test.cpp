#include "provider/catalogue/worst_case.h"

#include <gtest/gtest.h>

#include "dialect/anthropic/endpoint.h"
#include "dialect/openai/openai.h"
#include "provider/catalogue/cost.h"

namespace sluice::provider::worst_case_test {
namespace {

constexpr Money usd(std::int64_t dollars) {
  return Money{dollars * kNanosPerDollar};
}

const dialect::Endpoint& endpoint(std::string_view name) {
  for (const auto& one : dialect::openai::server().endpoints()) {
    if (one.name == name) return one;
  }
  throw std::runtime_error("no such endpoint");
}

class WorstCaseTest : public ::testing::Test {
 protected:
  WorstCaseTest() {
    price_.rates.set(Item::kInput, usd(2));
    price_.rates.set(Item::kOutput, usd(10));
    price_.rates.set(Item::kCacheWrite1h, usd(4));
    price_.rates.set(Item::kCacheRead, usd(1));
    price_.tiers.push_back({.from = 1'000});
    price_.tiers[0].rates.set(Item::kCacheRead, usd(1));
    price_.tiers[0].rates.set(Item::kInput, usd(3));
    price_.tiers[0].rates.set(Item::kOutput, usd(20));
    price_.factors.push_back({"priority", 2'000});
    price_.factors.push_back({"flex", 500});
  }
  std::optional<Bounds> bounds(std::string_view body, ModelLimits limits = {}, std::string_view of = "chat") {
    return bounds_of(endpoint(of), dialect::read_demand(body), "gpt", limits);
  }
  Money worst(const Bounds& bounds, std::string_view body = "{}", std::string_view at = {}) {
    const auto terms = terms_at(at, dialect::read_demand(body).terms);
    return worst_case(price_, bounds, terms, WallTime()).value_or(Money{-1});
  }
  Price price_;
};

TEST_F(WorstCaseTest, IsInputByBytesAndOutputAsAsked) {
  EXPECT_EQ(worst({.input = 100, .output = 50}), (Money{100 * 2'000 + 50 * 10'000}));
  EXPECT_EQ(worst({.input = 1'000, .output = 50}), (Money{1'000 * 3'000 + 50 * 20'000})) << "the tier of so much input";
  EXPECT_EQ(worst({.input = 100, .output = 50, .writes_cache_1h = true}), (Money{100 * 4'000 + 50 * 10'000}));
  EXPECT_EQ(worst({.input = 100}, R"({"service_tier":"priority"})"), (Money{100 * 4'000}));
  EXPECT_EQ(worst({.input = 100}, R"({"service_tier":"flex"})"), (Money{100 * 2'000})) << "nothing is taken off";
  price_.rates.set(Item::kRequest, usd(1));
  EXPECT_EQ(worst({.input = 100, .requests = 2}), (Money{100 * 2'000 + 2 * 1'000'000}));
}

TEST_F(WorstCaseTest, ATermThatIsNamedHasAPriceOrIsTold) {
  auto lacks = [&](std::string_view body) {
    return unpriced_term(price_, dialect::read_demand(body).terms).value_or("nothing");
  };
  for (auto body : {"{}", R"({"service_tier":"auto"})", R"({"service_tier":null})", R"({"service_tier":"Priority"})",
                    R"({"service_tier":"fast"})", R"({"serviceTier":{"type":"flex"},"inference_geo":"global"})"})
    EXPECT_EQ(lacks(body), "nothing") << body;
  EXPECT_EQ(lacks(R"({"service_tier":"scale"})"), "scale");
  EXPECT_EQ(lacks(R"({"performanceConfig":{"latency":"optimized"}})"), "optimized");
  EXPECT_EQ(lacks(R"({"speed":"fast"})"), "nothing") << "the tier priority";
  EXPECT_EQ(lacks(R"({"inference_geo":"us"})"), "us");
}

TEST_F(WorstCaseTest, ImagesAreAsLongAsTheLongestOfTheModelsThatMayBeMeant) {
  dialect::Demand demand{.readable = true, .images = 2, .max_output = 1};
  demand.limits.push_back({"max_tokens", {}, 1});
  auto input = [&](std::string_view model, ModelLimits limits) {
    return bounds_of(endpoint("chat"), demand, model, limits)->input;
  };
  EXPECT_EQ(input("gpt-4o", {}), 10'000u);
  EXPECT_EQ(input("ft:gpt-4o-mini-2024-07-18:acme::x", {}), 100'000u);
  EXPECT_EQ(input("openai/GPT-4o-Mini", {}), 100'000u);
  EXPECT_EQ(input("eyes", {.any_model = true}), 100'000u);
}

// Whatever a model makes of a request within its bounds costs no more.
TEST_F(WorstCaseTest, NoUsageWithinTheBoundsCostsMore) {
  const Bounds within{.input = 1'200, .output = 300};
  const auto most = worst(within);
  for (std::uint64_t input = 0; input <= within.input; input += 37) {
    for (std::uint64_t output = 0; output <= within.output; output += 23) {
      chat::Usage usage{.source = chat::UsageSource::kProvider,
                        .input = input,
                        .cache_read = input / 2,
                        .output = output,
                        .reasoning = output / 3};
      const auto cost = cost_of(&price_, usage, {});
      ASSERT_TRUE(cost);
      ASSERT_LE(cost->total, most) << input << " " << output;
    }
  }
}

// A request is shorter than its bound: what costs less from a size on costs more below it.
TEST_F(WorstCaseTest, ATierThatIsCheaperIsNoBoundOfWhatIsBelowIt) {
  price_.tiers[0].rates.set(Item::kInput, usd(1));
  price_.tiers[0].rates.set(Item::kOutput, usd(5));
  const Money below{999 * 2'000 + 50 * 10'000};
  EXPECT_EQ(worst({.input = 999, .output = 50}), below);
  EXPECT_EQ(worst({.input = 1'200, .output = 50}), below);
  EXPECT_EQ(worst({.input = 100'000, .output = 50}), (Money{100'000 * 1'000 + 50 * 5'000})) << "so much is dearer";
  EXPECT_EQ(output_for(price_, {.input = 1'200}, {}, {}, below), 50u);
  price_.tiers[0].rates.set(Item::kOutput, usd(20));
  EXPECT_EQ(worst({.input = 1'200, .output = 200}), (Money{1'200 * 1'000 + 200 * 20'000})) << "one dear, one cheap";
  EXPECT_EQ(output_for(price_, {.input = 1'200}, {}, {}, Money{1'200 * 1'000 + 200 * 20'000}), 200u);
  price_.tiers[0].rates = Rates();
  EXPECT_FALSE(worst_case(price_, {.input = 1'200, .output = 1}, {}, {})) << "what has no price in one of them";
}

// Where the choice is the provider's or the account's, it may be the dearest.
TEST_F(WorstCaseTest, TermsThatAreLeftOpenAreTheDearest) {
  const Bounds some{.input = 100};
  const Money usual{100 * 2'000}, priority{100 * 4'000};
  for (auto tier : {"auto", "fast", "scale", "priority"})
    EXPECT_EQ(worst(some, R"({"service_tier":")" + std::string(tier) + "\"}"), priority) << tier;
  for (auto tier : {"default", "flex", "standard", "standard_only"}) {
    EXPECT_EQ(worst(some, R"({"service_tier":")" + std::string(tier) + "\"}"), usual) << tier;
    EXPECT_EQ(worst(some, R"({"service_tier":")" + std::string(tier) + "\"}", "openai"), usual) << tier;
  }
  EXPECT_EQ(worst(some, "{}", "openai"), priority);
  EXPECT_EQ(worst(some, R"({"service_tier":null})", "openai"), priority);
  EXPECT_EQ(worst(some, "{}", "gemini"), usual);
  EXPECT_EQ(worst(some, R"({"speed":"fast"})"), priority) << "what another API calls priority";
  price_.factors = {{"us", 1'100}, {"fast", 2'000}};
  EXPECT_EQ(worst(some), (Money{100 * 2'200})) << "the account's place";
  EXPECT_EQ(worst(some, R"({"inference_geo":"global"})"), usual);
  EXPECT_EQ(worst(some, R"({"inference_geo":"us","speed":"fast"})"), (Money{100 * 4'400}));
  EXPECT_EQ(worst(some, R"({"inference_geo":"global","service_tier":"auto"})"), usual) << "no tier is a speed";
}

TEST_F(WorstCaseTest, WhatHasNoPriceOrNoBoundHasNone) {
  EXPECT_FALSE(worst_case(Price(), {.input = 1, .output = 1}, {}, {}));
  Price no_output;
  no_output.rates.set(Item::kInput, usd(1));
  EXPECT_FALSE(worst_case(no_output, {.input = 1, .output = 1}, {}, {}));
  EXPECT_TRUE(worst_case(no_output, {.input = 1}, {}, {}));
  constexpr std::string_view kOpen = R"({"messages":[{"role":"user","content":"hi"}]})";
  EXPECT_FALSE(bounds(kOpen)) << "how long an answer can be is not known";
  EXPECT_EQ(bounds(kOpen, {.max_output = 700})->output, 700u);
  EXPECT_FALSE(bounds(R"({"messages":[],"max_tokens":5,"web_search_options":{}})"));
  const auto searching = bounds(R"({"messages":[],"max_tokens":5,"web_search_options":{}})", {.window = 9'000});
  EXPECT_EQ(searching->input, 9'000u);
  EXPECT_EQ(searching->searches, 10u);
  EXPECT_FALSE(bounds(R"({"prompt":"a cat","model":"m"})", {.window = 9, .max_output = 9}, "image_generations"));
  EXPECT_FALSE(bounds_of(endpoint("chat"), dialect::Demand(), "gpt", {.window = 9, .max_output = 9})) << "no JSON";
}

TEST_F(WorstCaseTest, CallsOfToolsThatHaveNoPriceHaveNoBound) {
  struct Row {
    Bounds bounds;
    Item item;
    Money ten;
  };
  constexpr std::uint64_t kTen = 10;
  const Row rows[] = {{{.input = 100, .searches = kTen}, Item::kWebSearch, usd(10)},
                      {{.input = 100, .file_searches = kTen}, Item::kFileSearch, usd(10)},
                      {{.input = 100, .tool_calls = kTen}, Item::kToolCall, usd(10)}};
  for (const auto& row : rows) {
    EXPECT_EQ(worst(row.bounds), Money{-1});
    EXPECT_EQ(unpriced_call(price_.rates, row.bounds), row.item);
    price_.rates.set(row.item, usd(1'000));
    EXPECT_EQ(worst(row.bounds), (Money{100 * 2'000 + row.ten.nanos}));
    EXPECT_EQ(unpriced_call(price_.rates, row.bounds), std::nullopt);
  }
  Price grounded;
  grounded.rates.set(Item::kInput, usd(2));
  grounded.rates.set(Item::kGroundedRequest, usd(35));
  EXPECT_EQ(worst_case(grounded, rows[0].bounds, {}, {}), (Money{100 * 2'000 + 35'000'000}));
  const auto both = bounds(
      R"({"input":[],"max_tokens":5,"tools":[{"type":"file_search"},{"type":"image_generation"}]})", {.window = 9'000});
  EXPECT_EQ(both->file_searches, 10u);
  EXPECT_EQ(both->tool_calls, 10u);
}

TEST_F(WorstCaseTest, ARequestPaysTheDearestFee) {
  price_.rates.set(Item::kRequest, usd(5));
  EXPECT_EQ(worst({.input = 100}), (Money{100 * 2'000 + 5'000'000}));
  price_.rates.set(Item::kRequestMedium, usd(8));
  price_.rates.set(Item::kRequestHigh, usd(12));
  EXPECT_EQ(worst({.input = 100}), (Money{100 * 2'000 + 12'000'000}));
  price_.rates.set(Item::kRequestMost, usd(22));
  EXPECT_EQ(worst({.input = 100}), (Money{100 * 2'000 + 22'000'000}));
}

TEST_F(WorstCaseTest, AModelThatDecidesByItselfHasNoBound) {
  constexpr std::string_view kBody = R"({"messages":[],"max_tokens":5})";
  EXPECT_TRUE(bounds(kBody, {.window = 9, .max_output = 9}));
  EXPECT_FALSE(bounds(kBody, {.window = 9, .max_output = 9, .open_ended = true}));
}

// The Messages API answers nothing to a limit of 0, and reads the prompt. To others it may be no limit.
TEST_F(WorstCaseTest, ALimitOfZeroIsOneToTheMessagesApiAlone) {
  const auto& messages = dialect::anthropic::endpoints().front();
  ASSERT_EQ(messages.name, "messages");
  const auto of = [&](std::string_view body, ModelLimits limits = {}) {
    return bounds_of(messages, dialect::read_demand(body), "claude", limits);
  };
  constexpr std::string_view kWarming = R"({"messages":[],"max_tokens":0})";
  const auto warming = of(kWarming, {.max_output = 64'000});
  ASSERT_TRUE(warming);
  EXPECT_EQ(warming->output, 0u);
  EXPECT_EQ(worst(*warming), (Money{static_cast<std::int64_t>(kWarming.size()) * 2'000}));
  EXPECT_EQ(of(R"({"messages":[],"max_tokens":0,"max_tokens":7})")->output, 7u) << "the most that it may say";
  EXPECT_FALSE(of(R"({"messages":[],"max_tokens":0,"max_tokens":null})"));
  EXPECT_FALSE(of(R"({"messages":[]})"));
  EXPECT_FALSE(bounds(kWarming, {.max_output = 64'000}));
}

TEST_F(WorstCaseTest, ImagesCountBySortAndAnswersByNumber) {
  const std::string image = R"({"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo)" +
                            std::string(90'000, 'A') + "\"}}";
  const auto one = bounds(R"({"max_tokens":10,"n":3,"messages":[{"role":"user","content":[)" + image + "]}]}");
  EXPECT_EQ(one->output, 30u);
  EXPECT_GE(one->input, 5'000u);
  EXPECT_LT(one->input, 5'300u);
  const auto many = bounds(R"({"prompt":["a","b","c"],"best_of":4,"n":2,"max_tokens":10})", {}, "completions");
  EXPECT_EQ(many->output, 120u);
  EXPECT_EQ(bounds(R"({"input":"good morning"})", {}, "embeddings")->output, 0u);
}

TEST_F(WorstCaseTest, SoMuchOutputIsPaid) {
  const Bounds asked{.input = 100, .output = 1'000};
  EXPECT_EQ(output_for(price_, asked, {}, {}, Money{100 * 2'000 + 50 * 10'000 + 9'999}), 50u);
  EXPECT_EQ(output_for(price_, asked, {}, {}, Money{100}), 0u);
  EXPECT_EQ(output_for(price_, asked, {.tiers = {"priority"}}, {}, Money{100 * 4'000 + 50 * 20'000}), 50u);
}

TEST_F(WorstCaseTest, TheDearestOfTheCatalogueIsAtLeastEachOfIt) {
  const auto catalogue = Catalogue::built_in();
  const auto most = dearest(*catalogue);
  for (const auto& model : catalogue->models()) {
    for (const auto item : {Item::kInput, Item::kOutput}) {
      if (model.price.rates[item]) {
        EXPECT_GE(*most.rates[item], *model.price.rates[item]) << model.id;
      }
    }
  }
  EXPECT_GT(largest(*catalogue).max_output, 0u);
}

}  // namespace
}  // namespace sluice::provider::worst_case_test
