#include "admin/recompute.h"

#include <gtest/gtest.h>

#include "provider/catalogue/cost.h"
#include "store/memory/memory_ledger.h"
#include "store/rows_test.h"

namespace sluice::admin::recompute_test {
namespace {

constexpr std::string_view kCatalogue = R"({"schema": 1, "date": "2026-11-29", "models": [
  {"provider": "openai", "id": "gpt", "mode": "chat", "date": "2026-11-29", "source": "made up",
   "prices": {"input": "1", "cache_read": "0.5", "output": "10", "audio_input": "7", "audio_output": "20", "audio_cache_read": "3",
              "web_search_per_1k": "10", "file_search_per_1k": "2.5", "tool_call_per_1k": "30"},
   "factors": {"flex": "0.5"}},
  {"provider": "cohere", "id": "rank", "mode": "rerank", "date": "2026-11-28", "source": "made up",
   "prices": {"request_per_1k": "2"}},
  {"provider": "perplexity", "id": "sonar", "mode": "chat", "date": "2026-11-28", "source": "made up", "open_ended": true,
   "prices": {"input": "1", "output": "1", "request_per_1k": "5", "request_medium_per_1k": "8", "request_high_per_1k": "12"}}]})";

class RecomputeTest : public ::testing::Test {
 protected:
  RecomputeTest() : catalogue_(std::move(*provider::Catalogue::load(kCatalogue))) {}

  static store::ExchangeRow row(std::int64_t number) {
    auto row = store::small_row(number, 1'790'000'000'000'000 + number);
    row.attempts[0].catalogue = "openai";
    row.attempts[0].cost_nanos = {};
    return row;
  }
  Recomputed run(Write write = Write::kYes) {
    auto page = ledger_.page({.most = 1000, .detail = store::PageQuery::Detail::kAttempts});
    auto recomputed = recompute(ledger_, *page, price_by(routes_, catalogue_.get()), write);
    EXPECT_TRUE(recomputed);
    return *recomputed;
  }
  store::AttemptRow attempt(std::int64_t number) { return (**ledger_.find(row(number).id)).attempts[0]; }
  void add(store::ExchangeRow row) { ASSERT_TRUE(ledger_.insert(store::views_of({&row, 1}), {})); }

  std::unique_ptr<const provider::Catalogue> catalogue_;
  provider::Routes routes_;
  store::MemoryLedger ledger_{1000};
};

TEST_F(RecomputeTest, GivesWhatWasNotPricedItsPriceAndSaysWhatChanged) {
  add(row(1));
  auto priced = row(2);
  priced.attempts[0].cost_nanos = 7;
  priced.attempts[0].price_version = "2020-01-01";
  add(priced);
  const auto told = run(Write::kDryRun);
  EXPECT_FALSE(attempt(1).cost_nanos);
  const auto done = run();
  for (const auto* one : {&told, &done}) {
    EXPECT_EQ(one->looked_at, 2);
    const auto& model = one->models.at("gpt");
    EXPECT_EQ(model.attempts, 2);
    EXPECT_EQ(model.before_nanos, 7);
    EXPECT_EQ(model.after_nanos, 2 * (100 * 1000 + 10 * 10'000));
    EXPECT_EQ(model.unknown_before, 1);
    EXPECT_EQ(model.unknown_after, 0);
  }
  EXPECT_EQ(attempt(1).cost_nanos, 200'000);
  EXPECT_EQ(attempt(1).price_version, "2026-11-29");
  EXPECT_TRUE(run().models.empty());  // nothing is left to do
}

// What a row keeps is enough: all kinds of tokens and terms, to the nano-dollar.
TEST_F(RecomputeTest, IsExactInEveryKindOfUsage) {
  auto all = row(1);
  auto& tried = all.attempts[0];
  tried.service_tier = "flex";
  tried.usage = {.source = "provider",
                 .input = 1001,
                 .cache_read = 300,
                 .output = 77,
                 .reasoning = 20,
                 .audio_input = 200,
                 .audio_output = 7,
                 .tool_requests = 2,
                 .audio_cache_read = 50,
                 .file_searches = 3,
                 .tool_calls = 1};
  add(all);
  auto ranked = row(2);
  ranked.attempts[0].catalogue = "cohere";
  ranked.attempts[0].model_routed = "rank";
  ranked.attempts[0].usage = {.source = "provider", .billed_searches = 3};
  add(ranked);
  for (std::int64_t number : {4, 5}) {
    auto searched = row(number);
    searched.attempts[0].catalogue = "perplexity";
    searched.attempts[0].model_routed = "sonar";
    searched.attempts[0].usage = {.source = "provider", .input = 5, .search_size = 2};
    if (number == 5) searched.attempts[0].usage.billed_request_nanos = 14'000'000;
    add(searched);
  }
  auto billed = row(3);
  billed.attempts[0].usage.billed_input = 5;
  billed.attempts[0].usage.billed_output = 1;
  add(billed);
  run();
  // By hand, in nano-dollars a token; half of it, but for the calls.
  const std::int64_t input = 551 * 1000 + 250 * 500 + 50 * 3000 + 150 * 7000;
  const std::int64_t output = 70 * 10'000 + 7 * 20'000;
  EXPECT_EQ(attempt(1).cost_nanos, (input + output) / 2 + 2 * 10'000'000 + 3 * 2'500'000 + 30'000'000);
  EXPECT_EQ(attempt(2).cost_nanos, 3 * 2'000'000);
  EXPECT_EQ(attempt(2).price_version, "2026-11-28");
  EXPECT_EQ(attempt(3).cost_nanos, 5 * 1000 + 1 * 10'000);
  EXPECT_EQ(attempt(4).cost_nanos, 5 * 1000 + 8'000'000);
  EXPECT_EQ(attempt(5).cost_nanos, 5 * 1000 + 14'000'000);
}

TEST_F(RecomputeTest, LeavesWhatWasNotChargedAndWhatCannotBeKnown) {
  auto free = row(1);
  free.attempts[0].cost_nanos = 0;  // refused: the provider charges nothing
  add(free);
  auto configured = row(2);
  configured.attempts[0].cost_nanos = 5;
  configured.attempts[0].price_version = "configuration";
  add(configured);
  auto unknown = row(3);
  unknown.attempts[0].model_routed = "nobody's";
  add(unknown);
  auto untold = row(4);
  untold.attempts[0].usage = {};
  add(untold);
  const auto done = run();
  EXPECT_EQ(done.looked_at, 3);
  EXPECT_EQ(done.kept, 1);
  EXPECT_TRUE(done.models.empty());
  EXPECT_EQ(attempt(1).cost_nanos, 0);
  EXPECT_EQ(attempt(2).cost_nanos, 5);
  EXPECT_FALSE(attempt(3).cost_nanos);
  EXPECT_FALSE(attempt(4).cost_nanos);
}

// A configured price goes before the catalogue, for the deployment that has it.
TEST_F(RecomputeTest, AConfiguredPriceIsThatOfNow) {
  auto owner = std::make_unique<provider::Provider>();
  owner->name = "openai";
  owner->catalogue = catalogue_.get();
  owner->catalogue_name = "openai";
  auto route = std::make_unique<provider::Route>();
  route->name = "fast";
  auto deployment = std::make_unique<provider::Deployment>();
  deployment->name = "openai/gpt";
  deployment->provider = owner.get();
  deployment->model = "gpt";
  deployment->own_price.emplace();
  deployment->own_price->version = "configuration";
  deployment->own_price->rates.set(provider::Item::kInput, Money{2'000'000'000});
  deployment->own_price->rates.set(provider::Item::kOutput, Money{});
  route->deployments.push_back(std::move(deployment));
  routes_.add(std::move(owner));
  routes_.add(std::move(route));
  auto configured = row(1);
  configured.attempts[0].cost_nanos = 5;
  configured.attempts[0].price_version = "configuration";
  add(configured);
  run();
  EXPECT_EQ(attempt(1).cost_nanos, 100 * 2000);
  EXPECT_EQ(attempt(1).price_version, "configuration");
}

}  // namespace
}  // namespace sluice::admin::recompute_test
