#include "stage/budget/budget.h"

#include "exchange/scene_test.h"

namespace sluice::stage::budget_test {
namespace {

using quota::Scope;

// A try at a deployment whose output costs a dollar a thousand tokens and whose input costs nothing.
class BudgetTest : public ::testing::Test {
 protected:
  BudgetTest() {
    provider::Price price;
    price.rates.set(provider::Item::kInput, Money{});
    price.rates.set(provider::Item::kOutput, Money{1'000 * kNanosPerDollar});
    deployment_->own_price = price;
    deployment_->price = &*deployment_->own_price;
    scene_.x.caller = &caller_;
    scene_.x.endpoint = &dialect::openai::server().endpoints().front();
    ask(100);
    scene_.rest.set([this](Exchange&, Sink&) -> Task<Status> {
      held_ = key_.budgets(wall_now()).at(0).used.reserved;
      tried_.provider_status = provider_status_;
      if (output_)
        tried_.learned.usage = {.source = chat::UsageSource::kProvider, .output = *output_, .tool_requests = searches_};
      co_return result_;
    });
  }
  static quota::Account& with_budget(quota::Book& book) {
    book.set_terms(Scope::kKey, "web", {.budgets = {{.limit = Money{kNanosPerDollar}}}});
    return book.account(Scope::kKey, "web");
  }
  void ask(int max_tokens, std::size_t padding = 0) {
    auto& body = scene_.x.body;
    body = R"({"model":"m","messages":[{"role":"user","content":")" + std::string(padding, 'x') +
           R"("}],"max_tokens":)" + std::to_string(max_tokens) + "}";
    json::pad(body);
    scene_.x.asked.model = "m";
    scene_.x.demand.reset();
  }
  Status run() {
    scene_.x.accounts = {&key_};
    Stage* below[] = {&scene_.rest};
    return scene_.run(stage_.run(scene_.x, scene_.out, Next(below, &tried_)));
  }
  quota::Spending::Used used() { return key_.budgets(wall_now()).at(0).used; }

  Metrics metrics_;
  quota::Book book_{metrics_};
  quota::Account& key_ = with_budget(book_);
  std::unique_ptr<const provider::Catalogue> catalogue_ = provider::Catalogue::built_in();
  std::unique_ptr<provider::Provider> provider_ = make_provider("p");
  std::unique_ptr<provider::Deployment> deployment_ = make_deployment(*provider_, "gpt");
  Caller caller_;
  Scene scene_{{"POST", "/v1/chat/completions", {{"host", "x"}, {"content-type", "application/json"}}}};
  Try& tried_ = scene_.x.tries.emplace_back(provider::Target{deployment_.get(), "gpt"}, scene_.x.cancel);
  Budget stage_{book_, *catalogue_};
  Status result_;
  int provider_status_ = 200;
  std::optional<std::uint64_t> output_;
  std::uint64_t searches_ = 0;  // which have no price
  Money held_;
};

constexpr Money usd_thousandths(std::int64_t count) {
  return Money{count * kNanosPerDollar / 1'000};
}

TEST_F(BudgetTest, SetsAsideTheWorstAndChargesTheTruth) {
  output_ = 30;
  ASSERT_TRUE(run());
  EXPECT_EQ(held_, usd_thousandths(100));
  EXPECT_EQ(used(), (quota::Spending::Used{usd_thousandths(30), {}}));
  EXPECT_EQ(scene_.x.budget_left, usd_thousandths(970));
}

TEST_F(BudgetTest, WhatNobodyChargesForIsGivenBack) {
  provider_status_ = 500;
  result_ = fail(FaultKind::kProviderStatus, "no");
  EXPECT_FALSE(run());
  EXPECT_EQ(held_, usd_thousandths(100));
  EXPECT_EQ(used(), quota::Spending::Used());
}

TEST_F(BudgetTest, AClientThatLeavesIsChargedForWhatWasSent) {
  deployment_->own_price->rates.set(provider::Item::kInput, Money{1'000 * kNanosPerDollar});
  scene_.x.asking.prompt_tokens = 20;
  ask(100);
  provider_status_ = 0;
  tried_.sent = true;
  result_ = fail(FaultKind::kClientGone, "gone");
  EXPECT_FALSE(run());
  EXPECT_EQ(used(), (quota::Spending::Used{usd_thousandths(20), {}}));
}

TEST_F(BudgetTest, AClientThatLeavesBeforeAnythingWasSentIsNotCharged) {
  provider_status_ = 0;
  result_ = fail(FaultKind::kClientGone, "gone");
  EXPECT_FALSE(run());
  EXPECT_EQ(held_, usd_thousandths(100));
  EXPECT_EQ(used(), quota::Spending::Used());
}

TEST_F(BudgetTest, WhatIsNotKnownIsChargedAtItsWorst) {
  output_ = 10;
  searches_ = 1;
  ASSERT_TRUE(run());
  EXPECT_EQ(used().spent, usd_thousandths(100));
  EXPECT_TRUE(tried_.counted_as_worst);
}

TEST_F(BudgetTest, WhatGoesOnInTheBackgroundIsChargedAtItsWorst) {
  output_ = 0;
  tried_.learned.goes_on = true;
  ASSERT_TRUE(run());
  EXPECT_EQ(used().spent, usd_thousandths(100));
  EXPECT_TRUE(tried_.counted_as_worst);
}

TEST_F(BudgetTest, WithoutRoomNothingIsSent) {
  ask(1'001);
  const auto status = run();
  EXPECT_EQ(status.error().code, "budget_exceeded");
  EXPECT_EQ(scene_.rest.calls, 0);
  EXPECT_EQ(used(), quota::Spending::Used());
}

TEST_F(BudgetTest, AStrictOneMakesNoHedgeShorter) {
  book_.set_terms(Scope::kKey, "web", {.budgets = {{.limit = Money{kNanosPerDollar}, .strict = true}}});
  ask(5'000);
  tried_.why = Begun::kHedge;
  EXPECT_EQ(run().error().code, "budget_exceeded");
  EXPECT_EQ(scene_.rest.calls, 0);
}

class StrictBudgetTest : public BudgetTest, public ::testing::WithParamInterface<std::size_t> {};

TEST_P(StrictBudgetTest, LowersSmallRequestsAndLargeOnes) {
  book_.set_terms(Scope::kKey, "web", {.budgets = {{.limit = Money{kNanosPerDollar}, .strict = true}}});
  ask(5'000, GetParam());
  output_ = 0;
  ASSERT_TRUE(run());
  EXPECT_EQ(tried_.lowered_to, 1'000u);
  ASSERT_TRUE(tried_.own);
  EXPECT_NE(tried_.own->body.find("\"max_tokens\":1000}"), std::string::npos);
  EXPECT_EQ(held_, usd_thousandths(1'000));
}
INSTANTIATE_TEST_SUITE_P(Sizes, StrictBudgetTest, ::testing::Values(10, 400'000));

TEST_F(BudgetTest, ADeploymentsOwnBudgetSendsElsewhere) {
  book_.set_terms(Scope::kDeployment, "p/gpt", {.budgets = {{.limit = usd_thousandths(50)}}});
  deployment_->account = &book_.account(Scope::kDeployment, "p/gpt");
  const auto status = run();
  EXPECT_EQ(status.error().code, "spend_cap");
  EXPECT_EQ(status.error().retry, Retry::kOther);
  EXPECT_EQ(used(), quota::Spending::Used()) << "the caller's is not touched";
  EXPECT_EQ(status.error().told.find("USD"), std::string::npos) << status.error().told;
  EXPECT_NE(status.error().detail.find("0.05 USD"), std::string::npos) << "for the log";
}

TEST_F(BudgetTest, WhatADeploymentHasLeftIsNotForCallers) {
  book_.set_terms(Scope::kDeployment, "p/gpt", {.budgets = {{.limit = usd_thousandths(200)}}});
  deployment_->account = &book_.account(Scope::kDeployment, "p/gpt");
  output_ = 30;
  ASSERT_TRUE(run());
  EXPECT_EQ(scene_.x.budget_left, usd_thousandths(970)) << "the caller's";
}

class UnpricedTest : public BudgetTest {
 protected:
  UnpricedTest() {
    deployment_->own_price.reset();
    deployment_->price = nullptr;
    book_.on_unpriced([this](const quota::UnpricedUse& use) { told_.push_back(use.model); });
  }
  void set(std::vector<std::optional<quota::Unpriced>> words) {
    quota::Terms terms;
    for (const auto& word : words) {
      terms.budgets.push_back({.limit = Money{1'000 * kNanosPerDollar},
                               .window = {.kind = quota::Window::Kind::kRolling, .rolling = Ms(3'600'000)},
                               .hard = false,
                               .unpriced = word});
      terms.budgets.back().window.rolling += Ms(3'600'000) * terms.budgets.size();
    }
    book_.set_terms(Scope::kKey, "web", std::move(terms));
  }

  std::vector<std::string> told_;
};

TEST_F(UnpricedTest, ABudgetThatOnlyCountsIsNoWayAroundIt) {
  set({std::nullopt});
  const auto refused = run();
  EXPECT_EQ(refused.error().code, "unpriced_model");
  EXPECT_NE(refused.error().told.find("(prices.unpriced): the model has no price."), std::string::npos);
}

TEST_F(UnpricedTest, TheStrictestWordCounts) {
  using enum quota::Unpriced;
  stage_.set(kAllowAndAlert);
  set({std::nullopt, kBlock, kEstimateHigh});
  EXPECT_EQ(run().error().code, "unpriced_model");
  EXPECT_TRUE(told_.empty());
}

TEST_F(UnpricedTest, WhatIsLetThroughIsTold) {
  set({quota::Unpriced::kAllowAndAlert});
  ASSERT_TRUE(run());
  EXPECT_EQ(told_, std::vector<std::string>{"gpt"});
}

}  // namespace
}  // namespace sluice::stage::budget_test
