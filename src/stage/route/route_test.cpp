#include "stage/route/route.h"

#include <map>

#include "dialect/openai/endpoint.h"
#include "exchange/scene_test.h"
#include "store/memory/memory_ledger.h"

namespace sluice::stage::route_test {
namespace {

class RouteTest : public ::testing::Test {
 protected:
  RouteTest() {
    routes_.add(make_provider("openai"));
    routes_.add(make_provider("azure"));
    add("fast", {{"openai", "gpt-4o-mini", 1}, {"azure", "mini-eu", 1}});
    add("team/*", {{"openai", "*", 1}});
    add("team/special/*", {{"azure", "eu-*", 1}});
    add("openai/pinned", {{"azure", "pinned", 1}});
  }

  struct Item {
    std::string provider, model;
    std::uint32_t weight;
  };
  void add(std::string name, std::vector<Item> items, provider::Strategy strategy = provider::Strategy::kPriority) {
    auto route = std::make_unique<provider::Route>();
    route->name = std::move(name);
    route->tree.strategy = strategy;
    for (const auto& item : items) {
      route->deployments.push_back(make_deployment(*routes_.find_provider(item.provider), item.model, item.weight));
    }
    routes_.add(std::move(route));
  }

  // "deployment>model" of the candidates in order, or the fault.
  std::string routed(std::string model, const Caller& caller) {
    Scene scene;
    scene.x.endpoint = &dialect::openai::facts(dialect::openai::Kind::kChat);
    scene.x.asked.model = std::move(model);
    scene.x.caller = &caller;
    return told(scene);
  }
  std::string routed(std::string model) { return routed(std::move(model), everybody_); }
  std::string passed_through(std::string provider, const Caller& caller) {
    Scene scene;
    scene.x.passthrough_provider = std::move(provider);
    scene.x.caller = &caller;
    return told(scene);
  }
  std::string told(Scene& scene) {
    Route stage(routes_, owners_, moves_);
    auto status = scene.run(stage);
    EXPECT_EQ(scene.rest.calls, status ? 1 : 0);
    if (!status) return std::string(name(status.error().kind)) + ": " + status.error().told;
    std::string text;
    for (const auto& target : scene.x.candidates)
      text += (text.empty() ? "" : " ") + target.deployment->name + ">" + target.model;
    return text;
  }

  provider::Routes routes_;
  store::MemoryLedger ledger_{100};
  Owners owners_{ledger_};
  provider::Moves moves_;
  Caller everybody_{.name = "all"};
};

TEST_F(RouteTest, TheMarkOfMissingTagsIsTheOnlyOneOfItsName) {
  auto route = std::make_unique<provider::Route>();
  route->name = "marked";
  route->required_tags = {"feature", "team"};
  route->untagged = provider::Untagged::kMark;
  route->deployments.push_back(make_deployment(*routes_.find_provider("openai"), "gpt-4o-mini", 1));
  routes_.add(std::move(route));
  const auto marked = [&](store::Tags tags) {
    Scene scene;
    scene.x.endpoint = &dialect::openai::facts(dialect::openai::Kind::kChat);
    scene.x.asked.model = "marked";
    scene.x.caller = &everybody_;
    scene.x.tags = std::move(tags);
    told(scene);
    return scene.x.tags;
  };
  EXPECT_EQ(marked({{"a", "1"}}), (store::Tags{{"a", "1"}, {"untagged", "feature,team"}}));
  EXPECT_EQ(marked({{"team", "x"}, {"untagged", "a key's own"}}),
            (store::Tags{{"team", "x"}, {"untagged", "feature"}}));
}

TEST_F(RouteTest, AnExactNameGoesToItsDeploymentsInOrder) {
  EXPECT_EQ(routed("fast"), "openai/gpt-4o-mini>gpt-4o-mini azure/mini-eu>mini-eu");
}

TEST_F(RouteTest, TheLongestWildcardTakesTheRest) {
  EXPECT_EQ(routed("team/gpt-5"), "openai/*>gpt-5");
  EXPECT_EQ(routed("team/special/x/y"), "azure/eu-*>eu-x/y");
}

TEST_F(RouteTest, AWildcardNeedsSomethingToStandFor) {
  EXPECT_TRUE(routed("team/").starts_with("not_found"));
}

TEST_F(RouteTest, ProviderSlashModelNeedsNoRoute) {
  EXPECT_EQ(routed("openai/o3"), "openai/*>o3");
  EXPECT_EQ(routed("openai/ft:a/b"), "openai/*>ft:a/b");
}

TEST_F(RouteTest, AnExactNameWinsOverTheProvidersOwn) {
  EXPECT_EQ(routed("openai/pinned"), "azure/pinned>pinned");
}

TEST_F(RouteTest, UnknownNamesAreNotFoundWithAHint) {
  auto answer = routed("fats");
  EXPECT_TRUE(answer.starts_with("not_found: There is no model 'fats' here.")) << answer;
  EXPECT_NE(answer.find("'fast'"), std::string::npos);
  for (auto nothing : {"", "/", "openai", "openai/", "nobody/x", "/o3", "*"})
    EXPECT_TRUE(routed(nothing).starts_with("not_found")) << nothing;
}

TEST_F(RouteTest, TheErrorHoldsNoControlCharacters) {
  EXPECT_EQ(routed("a\n\x1b[2J").find_first_of("\n\x1b"), std::string::npos);
}

TEST_F(RouteTest, TheAllowListComesFirst) {
  Caller caller{.name = "web", .models = {"fast", "team/*"}};
  EXPECT_TRUE(routed("fast", caller).starts_with("openai/"));
  EXPECT_TRUE(routed("team/x", caller).starts_with("openai/"));
  auto refused = routed("openai/o3", caller);
  EXPECT_TRUE(refused.starts_with("forbidden: The key 'web' may not use the model 'openai/o3'")) << refused;
  EXPECT_TRUE(routed("no-such", caller).starts_with("forbidden")) << "what exists is not told";
}

TEST_F(RouteTest, AHintNamesOnlyWhatTheCallerMayUse) {
  Caller caller{.name = "web", .models = {"fats*"}};
  EXPECT_EQ(routed("fats", caller).find("'fast'"), std::string::npos);
}

TEST_F(RouteTest, WeightsDecideHowOftenADeploymentIsFirst) {
  add("shared", {{"openai", "a", 70}, {"azure", "b", 20}, {"azure", "c", 10}, {"azure", "never", 0}},
      provider::Strategy::kWeighted);
  Route stage(routes_, owners_, moves_);
  std::map<std::string, int> first;
  constexpr int kRounds = 3000;
  for (int i = 0; i < kRounds; ++i) {
    auto scene = std::make_unique<Scene>();
    scene->x.endpoint = &dialect::openai::facts(dialect::openai::Kind::kChat);
    scene->x.asked.model = "shared";
    scene->x.caller = &everybody_;
    ASSERT_TRUE(scene->run(stage));
    ASSERT_EQ(scene->x.candidates.size(), 4u);
    EXPECT_EQ(scene->x.candidates.back().model, "never");
    ++first[scene->x.candidates.front().model];
  }
  EXPECT_NEAR(first["a"], kRounds * 0.7, kRounds * 0.05);
  EXPECT_NEAR(first["b"], kRounds * 0.2, kRounds * 0.05);
  EXPECT_NEAR(first["c"], kRounds * 0.1, kRounds * 0.05);
  EXPECT_EQ(first["never"], 0);
}

TEST_F(RouteTest, PassthroughGoesToTheProviderNamed) {
  EXPECT_EQ(passed_through("azure", everybody_), "azure/*>");
  EXPECT_TRUE(passed_through("nobody", everybody_).starts_with("not_found"));
  EXPECT_TRUE(passed_through("", everybody_).starts_with("not_found"));
}

TEST_F(RouteTest, PassthroughIsForThoseWhoMayUseAllOfTheProvider) {
  EXPECT_TRUE(passed_through("azure", Caller{.name = "a", .models = {"azure/*"}}).starts_with("azure/*"));
  EXPECT_TRUE(passed_through("azure", Caller{.name = "b", .models = {"*"}}).starts_with("azure/*"));
  EXPECT_TRUE(passed_through("azure", Caller{.name = "c", .models = {"azure/mini"}}).starts_with("forbidden"));
  EXPECT_TRUE(passed_through("azure", Caller{.name = "d", .models = {"az*"}}).starts_with("azure/*"));
  EXPECT_TRUE(passed_through("azure", Caller{.name = "e", .models = {"azure/m*"}}).starts_with("forbidden"));
}

TEST_F(RouteTest, TheRoutesTimeoutsHold) {
  auto route = std::make_unique<provider::Route>();
  route->name = "slow";
  route->timeouts.total = Ms(1234);
  route->deployments.push_back(make_deployment(*routes_.find_provider("openai"), "m"));
  routes_.add(std::move(route));
  Scene scene;
  scene.x.endpoint = &dialect::openai::facts(dialect::openai::Kind::kChat);
  scene.x.asked.model = "slow";
  scene.x.caller = &everybody_;
  Route stage(routes_, owners_, moves_);
  ASSERT_TRUE(scene.run(stage));
  EXPECT_EQ(scene.x.timeouts.total, Ms(1234));
  EXPECT_EQ(scene.x.match.route->name, "slow");
}

}  // namespace
}  // namespace sluice::stage::route_test
