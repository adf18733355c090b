#include "provider/choose/choose.h"

#include <algorithm>

#include "provider/choose/choose_fixture_test.h"
#include "provider/choose/expected_cost.h"

namespace sluice::provider::choose_test {
namespace {

using dialect::Need;

TEST_F(ChooseTest, PriorityKeepsTheOrderWritten) {
  flat(Strategy::kPriority, {1, 5, 1});
  EXPECT_EQ(order(), "a b c");
}

TEST_F(ChooseTest, WeightsAreShares) {
  flat(Strategy::kWeighted, {6, 3, 1, 0});
  auto shares = this->shares();
  EXPECT_NEAR(shares["a"], 60, 2);
  EXPECT_NEAR(shares["b"], 30, 2);
  EXPECT_NEAR(shares["c"], 10, 2);
  EXPECT_EQ(shares["d"], 0);
  EXPECT_EQ(chosen().order.back().deployment->name, "d") << "no share, but a fallback";
}

TEST_F(ChooseTest, LeastBusyTakesTheOneWithTheFewestForItsWeight) {
  flat(Strategy::kLeastBusy, {1, 1, 4});
  of("a").health->in_flight = 2;
  of("b").health->in_flight = 1;
  of("c").health->in_flight = 3;
  EXPECT_EQ(order(), "c b a");
  of("c").health->in_flight = 11;
  EXPECT_EQ(order().substr(0, 1), "b");
}

TEST_F(ChooseTest, LeastBusyDrawsAmongEquals) {
  flat(Strategy::kLeastBusy, {1, 1});
  EXPECT_NEAR(shares()["a"], 50, 2);
}

TEST_F(ChooseTest, LeastLatencyPrefersTheQuick) {
  flat(Strategy::kLeastLatency, {1, 1, 1});
  of("a").health->observe_first_piece(Ms{900}, at_);
  of("b").health->observe_first_piece(Ms{100}, at_);
  of("c").health->observe_first_piece(Ms{300}, at_);
  auto shares = this->shares();
  EXPECT_EQ(shares["a"], 0) << "it loses against each other one";
  EXPECT_NEAR(shares["b"], 67, 2) << "one of the two drawn in two of three draws";
  EXPECT_NEAR(shares["c"], 33, 2);
  EXPECT_EQ(chosen().order.size(), 3u);
}

TEST_F(ChooseTest, LeastLatencyTriesWhatIsUnknownOnceAtATime) {
  flat(Strategy::kLeastLatency, {1, 1});
  of("a").health->observe_first_piece(Ms{50}, at_);
  EXPECT_EQ(order(), "b a");
  of("b").health->in_flight = 1;
  EXPECT_EQ(order(), "a b");
}

TEST_F(ChooseTest, ARequestInFlightCountsAgainstTheQuick) {
  flat(Strategy::kLeastLatency, {1, 1});
  of("a").health->observe_first_piece(Ms{100}, at_);
  of("b").health->observe_first_piece(Ms{150}, at_);
  EXPECT_EQ(order(), "a b");
  of("a").health->in_flight = 1;
  EXPECT_EQ(order(), "b a");
}

TEST_F(ChooseTest, LeastCostTakesTheCheapestForTheRequest) {
  flat(Strategy::kLeastCost, {1, 1, 1});
  auto price = [&](const std::string& name, std::string_view input, std::string_view output) {
    auto& rates = of(name).own_price.emplace().rates;
    rates.set(Item::kInput, *parse_money(input));
    rates.set(Item::kOutput, *parse_money(output));
  };
  price("b", "2", "8");
  price("c", "0.15", "0.60");
  EXPECT_EQ(order(), "c b a") << "what is not known may be the dearest";
  price("a", "0.10", "1.00");
  EXPECT_EQ(order(), "c a b");
  of("a").own_price->rates.set(Item::kOutput, *parse_money("0.70"));
  EXPECT_EQ(order(), "a c b");
  Rates dear;
  dear.set(Item::kInput, *parse_money("5"));
  dear.set(Item::kOutput, *parse_money("5"));
  of("a").own_price->tiers.push_back({.from = 200'000, .rates = dear});
  asking_.prompt_tokens = 250'000;
  EXPECT_EQ(order(), "c b a") << "long prompts cost more there";
}

TEST_F(ChooseTest, LeastCostAsksForNoPriceOfOutputWhereThereIsNone) {
  flat(Strategy::kLeastCost, {1, 1});
  of("b").own_price.emplace().rates.set(Item::kInput, *parse_money("0.02"));
  asking_.endpoint = &dialect::openai::facts(dialect::openai::Kind::kChat);
  EXPECT_FALSE(expected_cost(of("b"), {&route_, {}}, asking_, wall_now()));
  asking_.endpoint = &dialect::openai::facts(dialect::openai::Kind::kEmbeddings);
  EXPECT_EQ(order(), "b a");
}

TEST_F(ChooseTest, UsageFollowsWhatIsLeftOfTheLimits) {
  flat(Strategy::kUsage, {1, 1, 1});
  auto say = [&](const std::string& name, std::string remaining) {
    http::ResponseHead head;
    head.status = 200;
    head.headers.add("x-ratelimit-limit-requests", "100");
    head.headers.add("x-ratelimit-remaining-requests", std::move(remaining));
    head.headers.add("x-ratelimit-reset-requests", "60s");
    of(name).health->observe_limits(head, at_, wall_now());
  };
  say("a", "60");
  say("b", "20");
  say("c", "0");
  auto shares = this->shares();
  EXPECT_NEAR(shares["a"], 75, 2);
  EXPECT_NEAR(shares["b"], 25, 2);
  EXPECT_EQ(shares["c"], 0);
}

TEST_F(ChooseTest, PercentComesBeforeTheStrategy) {
  flat(Strategy::kPriority, {1, 1, 1});
  route_.tree.choices[2].percent = 5;
  route_.tree.choices[0].percent = 0;
  auto shares = this->shares();
  EXPECT_NEAR(shares["c"], 5, 1);
  EXPECT_NEAR(shares["b"], 95, 1);
  EXPECT_EQ(chosen().order.size(), 3u);
}

TEST_F(ChooseTest, ANamedConversationStaysWithItsShare) {
  flat(Strategy::kPriority, {1, 1});
  route_.tree.choices[1].percent = 20;
  asking_.session_named = true;
  int drawn = 0;
  for (int i = 0; i < 2'000; ++i) {
    asking_.session = dialect::hash_of(std::to_string(i));
    const auto first = order();
    drawn += first == "b a" ? 1 : 0;
    for (int turn = 0; turn < 3; ++turn) ASSERT_EQ(order(), first);
  }
  EXPECT_NEAR(drawn / 20.0, 20, 3);
}

TEST_F(ChooseTest, GroupsNest) {
  auto& near = add_group(route_.tree, Strategy::kWeighted);
  add(near, "near-1", 3);
  add(near, "near-2", 1);
  auto& far = add_group(route_.tree, Strategy::kPriority);
  add(far, "far-1");
  auto& last = add_group(far, Strategy::kLeastBusy);
  add(last, "last-1");
  add(last, "last-2");
  of("last-1").health->in_flight = 1;
  EXPECT_NEAR(shares()["near-1"], 75, 2);
  const auto all = order();
  EXPECT_EQ(all.substr(all.find("far-1")), "far-1 last-2 last-1");
  break_down("near-1");
  break_down("near-2");
  EXPECT_EQ(order().substr(0, 5), "far-1");
}

TEST_F(ChooseTest, WhatIsBrokenIsALastResort) {
  flat(Strategy::kPriority, {1, 1, 1});
  break_down("a");
  of("b").health->rest_until(at_ + Ms{500});
  EXPECT_EQ(order(), "c b a");
  auto excluded = chosen().excluded;
  ASSERT_EQ(excluded.size(), 2u);
  EXPECT_EQ(excluded[0].why, Why::kResting);
  EXPECT_EQ(excluded[1].why, Why::kBreaker);
  break_down("c");
  EXPECT_EQ(order().substr(0, 1), "b") << "when nothing is well, the one that will be soonest";
}

TEST_F(ChooseTest, EachModelBehindAWildcardIsBrokenForItself) {
  auto& wild = make("p/*");
  wild.model = "*";
  wild.models = std::make_shared<ModelHealths>();
  route_.tree.choices.push_back(choice_of(wild));
  add(route_.tree, "b");
  asking_.model = "dead";
  const auto health = chosen().order.at(0).of_model;
  ASSERT_NE(health, nullptr);
  health->breaker.trip(at_);
  EXPECT_EQ(order(), "b p/*");
  asking_.model = "well";
  EXPECT_EQ(order(), "p/* b");
  EXPECT_NE(chosen().order.at(0).of_model, health);
  break_down("p/*");
  EXPECT_EQ(order(), "b p/*") << "what is wrong with the deployment is so for all its models";
  EXPECT_EQ(chosen().order.at(1).of_model, nullptr);
}

TEST_F(ChooseTest, WhatIsDrainedIsLeftOut) {
  flat(Strategy::kPriority, {1, 1});
  of("a").health->breaker.hold(Breaker::Hold::kDrained);
  EXPECT_EQ(order(), "b");
  of("b").health->breaker.hold(Breaker::Hold::kDrained);
  EXPECT_EQ(refusal(), "drained");
  of("b").health->breaker.hold(Breaker::Hold::kOpen);
  EXPECT_EQ(order(), "b") << "held open: there is nothing better";
}

TEST_F(ChooseTest, WhatLacksACapabilityIsLeftOut) {
  flat(Strategy::kPriority, {1, 1});
  of("a").lacks = {Need::kVision, Need::kTools};
  of("b").lacks = {Need::kAudio};
  EXPECT_EQ(order(), "a b");
  asking_.needs = {Need::kVision};
  EXPECT_EQ(order(), "b");
  asking_.needs = {Need::kVision, Need::kAudio};
  EXPECT_EQ(refusal(), "unsupported_capability");
  auto fault = nothing_left({&route_, {}}, asking_, chosen());
  EXPECT_EQ(fault.kind, FaultKind::kInvalidRequest);
  EXPECT_EQ(fault.told, "No deployment behind the model 'fast' can do what this request needs: vision, audio.");
}

TEST_F(ChooseTest, WhatSeemsToLackACapabilityComesLast) {
  flat(Strategy::kPriority, {1, 1});
  of("a").seems_to_lack = {Need::kVision};
  EXPECT_EQ(order(), "a b");
  asking_.needs = {Need::kVision};
  EXPECT_EQ(order(), "b a") << "a catalogue may be wrong: nothing is refused";
  EXPECT_EQ(chosen().excluded.front().why, Why::kDoubtful);
}

TEST_F(ChooseTest, APromptThatSeemsTooLongGoesElsewhereFirst) {
  flat(Strategy::kPriority, {1, 1});
  of("a").context_window = 8'000;
  asking_.prompt_tokens = 8'000;
  EXPECT_EQ(order(), "a b");
  asking_.prompt_tokens = 9'000;
  EXPECT_EQ(order(), "b a") << "an estimate refuses nothing";
}

TEST_F(ChooseTest, NothingLeavesTheResidency) {
  flat(Strategy::kWeighted, {1, 1, 1, 1});
  const std::pair<std::string, std::string> regions[] = {
      {"a", "eu-west-1"}, {"b", "us-east-1"}, {"c", "eu"}, {"d", ""}};
  for (const auto& [name, region] : regions) of(name).region = region;
  route_.residency = {"eu-*", "eu"};
  for (int i = 0; i < 500; ++i) {
    if (i == 100) break_down("a");
    if (i == 200) of("c").health->breaker.hold(Breaker::Hold::kDrained);
    for (const auto& target : chosen().order) ASSERT_TRUE(target.deployment->region.starts_with("eu"));
  }
  const std::vector<std::string> elsewhere{"us-*"};
  asking_.residency = elsewhere;
  EXPECT_EQ(refusal(), "residency") << "of the route that was asked for, where this one is its fallback";
  EXPECT_EQ(nothing_left({&route_, {}}, asking_, chosen()).kind, FaultKind::kForbidden);
}

TEST_F(ChooseTest, WhatHasNoSuchEndpointIsLeftOut) {
  flat(Strategy::kPriority, {1});
  asking_.endpoint = &dialect::openai::facts(dialect::openai::Kind::kChat);
  EXPECT_EQ(order(), "a");
  static constexpr dialect::Endpoint kOther{.dialect = "other", .operation = dialect::Operation::kNative, .name = "x"};
  asking_.endpoint = &kOther;
  EXPECT_EQ(refusal(), "unsupported_endpoint");
}

// ---- conditions

struct Condition {
  std::string_view about;
  When when;
  bool holds;
};

TEST_F(ChooseTest, ConditionsHoldOrNot) {
  const std::pair<std::string, std::string> tags[]{{"env", "staging"}, {"feature", "search"}, {"user", "bob"}};
  http::Headers headers;
  headers.add("X-Tier", "gold-2");
  asking_.tags = tags;
  asking_.headers = &headers;
  asking_.team = "storefront";
  asking_.user = "ann";
  asking_.needs = {Need::kVision, Need::kTools};
  asking_.prompt_tokens = 1'000;
  asking_.stream = true;
  const Condition conditions[] = {
      {"a tag", {.tags = {{"env", "stag*"}}}, true},
      {"two tags, one of them wrong", {.tags = {{"env", "stag*"}, {"feature", "cart"}}}, false},
      {"a tag that is not there", {.tags = {{"workflow", "*"}}}, false},
      {"whose key it is", {.tags = {{"team", "store*"}, {"user", "ann"}}}, true},
      {"whose key it is not", {.tags = {{"user", "bob"}}}, false},
      {"a header", {.headers = {{"x-tier", "gold-*"}}}, true},
      {"another header", {.headers = {{"x-tier", "gold"}}}, false},
      {"a header that is not there", {.headers = {{"x-other", "*"}}}, false},
      {"a team", {.teams = {"search", "store*"}}, true},
      {"other teams", {.teams = {"search"}}, false},
      {"needs", {.needs = {Need::kVision}}, true},
      {"more needs", {.needs = {Need::kVision, Need::kPdf}}, false},
      {"long enough", {.min_tokens = 1'000}, true},
      {"too short", {.min_tokens = 1'001}, false},
      {"short enough", {.max_tokens = 1'000}, true},
      {"too long", {.max_tokens = 999}, false},
      {"streams", {.stream = true}, true},
      {"whole answers", {.stream = false}, false},
      {"all of them", {.tags = {{"env", "staging"}}, .teams = {"storefront"}, .stream = true}, true},
  };
  flat(Strategy::kPriority, {1, 1});
  for (const auto& condition : conditions) {
    route_.tree.choices[1].when = condition.when;
    EXPECT_EQ(order(), condition.holds ? "b a" : "a") << condition.about;
  }
  route_.tree.choices[0].when = When{.teams = {"nobody"}};
  route_.tree.choices[1].when = When{.teams = {"nobody"}};
  EXPECT_EQ(refusal(), "no_matching_deployment");
}

TEST_F(ChooseTest, AConditionOfAGroupIsOneOfAllInIt) {
  add(route_.tree, "plain");
  auto& group = add_group(route_.tree, Strategy::kPriority);
  add(group, "one");
  add(group, "two");
  route_.tree.choices[1].when = When{.needs = {Need::kVision}};
  EXPECT_EQ(order(), "plain");
  EXPECT_EQ(chosen().excluded.size(), 2u);
  asking_.needs = {Need::kVision};
  EXPECT_EQ(order(), "one two plain");
}

// ---- when the prompt has to be read

TEST_F(ChooseTest, PromptsAreReadOnlyWhereTheyMatter) {
  Provider provider;
  auto reads = [&](auto change, std::uint64_t bytes = 1'000) {
    auto other = std::make_unique<Route>();
    auto route = std::make_unique<Route>();
    for (auto* one : {route.get(), route.get(), other.get()}) {
      one->deployments.push_back(std::make_unique<Deployment>());
      one->deployments.back()->provider = &provider;
      one->tree.choices.push_back(choice_of(*one->deployments.back()));
    }
    change(*route, *other);
    const auto& asked = *route;
    Routes routes;
    routes.add(std::move(other));
    routes.add(std::move(route));
    return reads_prompt(asked, bytes);
  };
  EXPECT_FALSE(reads([](Route&, Route&) {}));
  EXPECT_TRUE(reads([](Route& route, Route&) { route.tree.strategy = Strategy::kSticky; }));
  EXPECT_TRUE(reads([](Route& route, Route&) { route.tree.choices[0].percent = 5; }));
  EXPECT_TRUE(reads([](Route& route, Route&) { route.tree.choices[0].when = When{.needs = {Need::kVision}}; }));
  EXPECT_TRUE(reads([](Route& route, Route&) { route.tree.choices[0].when = When{.max_tokens = 10}; }));
  EXPECT_FALSE(reads([](Route& route, Route&) { route.tree.choices[0].when = When{.teams = {"a"}}; }));
  EXPECT_TRUE(reads([](Route& route, Route&) { route.deployments[0]->lacks = {Need::kVision}; }));
  EXPECT_TRUE(reads([](Route& route, Route&) { route.deployments[1]->seems_to_lack = {Need::kVision}; }));
  EXPECT_FALSE(reads([](Route& route, Route&) {
    for (auto& deployment : route.deployments) deployment->seems_to_lack = {Need::kVision};
  })) << "nothing to choose by";
  auto window = [](Route& route, Route&) { route.deployments[0]->context_window = 8'000; };
  EXPECT_FALSE(reads(window));
  EXPECT_TRUE(reads(window, 40'000)) << "what is long may be images";
  EXPECT_TRUE(reads([](Route& route, Route& other) {
    other.deployments[0]->lacks = {Need::kVision};
    route.fallbacks.any = {&other};
  }));
}

}  // namespace
}  // namespace sluice::provider::choose_test
