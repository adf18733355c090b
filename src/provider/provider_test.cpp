#include "provider/provider.h"

#include <gtest/gtest.h>

namespace sluice::provider::provider_test {
namespace {

class RoutesTest : public ::testing::Test {
 protected:
  RoutesTest() {
    for (auto name : {"openai", "azure"}) {
      auto provider = std::make_unique<Provider>();
      provider->name = name;
      routes_.add(std::move(provider));
    }
    for (auto name : {"fast", "team/*", "team/special/*", "openai/pinned", "t*"}) {
      auto route = std::make_unique<Route>();
      route->name = name;
      routes_.add(std::move(route));
    }
  }
  // "route|what the wildcard stood for"
  std::string found(std::string_view model) {
    auto match = routes_.find(model);
    return match ? match->route->name + "|" + std::string(match->wildcard) : "none";
  }

  Routes routes_;
};

TEST_F(RoutesTest, PreferExactNamesThenTheLongestWildcardThenProviders) {
  EXPECT_EQ(found("fast"), "fast|");
  EXPECT_EQ(found("team/x"), "team/*|x");
  EXPECT_EQ(found("team/special/x"), "team/special/*|x");
  EXPECT_EQ(found("test"), "t*|est");
  EXPECT_EQ(found("openai/pinned"), "openai/pinned|");
  EXPECT_EQ(found("openai/other"), "openai/*|other");
  EXPECT_EQ(found("azure/a/b"), "azure/*|a/b");
}

TEST_F(RoutesTest, FindNothingForOtherNames) {
  for (auto model : {"", "/", "fas", "Fast", "openai", "openai/", "nobody/x", "/x"})
    EXPECT_EQ(found(model), "none") << model;
}

TEST_F(RoutesTest, KnowTheirProviders) {
  ASSERT_NE(routes_.find_provider("azure"), nullptr);
  EXPECT_EQ(routes_.find_provider("azure")->name, "azure");
  EXPECT_EQ(routes_.find_provider("Azure"), nullptr);
  EXPECT_EQ(routes_.implicit_route("azure")->name, "azure/*");
  EXPECT_EQ(routes_.implicit_route("nobody"), nullptr);
  EXPECT_EQ(routes_.all().size(), 5u);
}

TEST_F(RoutesTest, AModelOfAWildcardIsTheDeploymentOfItsName) {
  auto named = [&](std::string route_name, std::optional<Price> price) {
    auto deployment = std::make_unique<Deployment>();
    deployment->name = "openai/gpt";
    deployment->provider = routes_.find_provider("openai");
    deployment->model = "gpt";
    deployment->own_price = price;
    const auto* made = deployment.get();
    auto route = std::make_unique<Route>();
    route->name = std::move(route_name);
    route->deployments.push_back(std::move(deployment));
    routes_.add(std::move(route));
    return made;
  };
  const auto* first = named("first", std::nullopt);
  auto meant = [&](std::string_view model) {
    const auto match = routes_.find(model);
    return &meant_by(*match->route->deployments.front(), *match, model);
  };
  EXPECT_EQ(meant("openai/gpt"), first);
  EXPECT_EQ(meant("openai/other"), routes_.implicit_route("openai")->deployments.front().get());
  EXPECT_EQ(meant("azure/gpt"), routes_.implicit_route("azure")->deployments.front().get());
  const auto* priced = named("second", Price{});
  EXPECT_EQ(meant("openai/gpt"), priced) << "what is said of it goes before nothing";
  EXPECT_EQ(meant("first"), first);
}

TEST_F(RoutesTest, ADeploymentOfAllModelsStandsBehindTheProvidersOwnRoute) {
  const auto& implicit = *routes_.implicit_route("openai");
  auto named = [&](std::string model, std::optional<Price> price) {
    auto deployment = std::make_unique<Deployment>();
    deployment->name = "openai/" + model;
    deployment->provider = routes_.find_provider("openai");
    deployment->model = model;
    deployment->own_price = price;
    const auto* made = deployment.get();
    auto route = std::make_unique<Route>();
    route->name = "to/" + model;
    route->deployments.push_back(std::move(deployment));
    routes_.add(std::move(route));
    return made;
  };
  named("gpt-*", Price{});
  EXPECT_EQ(&deployment_behind(implicit), implicit.deployments.front().get());
  const auto* first = named("*", std::nullopt);
  EXPECT_EQ(&deployment_behind(implicit), first);
  const auto* priced = named("*", Price{});
  EXPECT_EQ(&deployment_behind(implicit), priced);
  named("*", Price{});
  EXPECT_EQ(&deployment_behind(implicit), priced);
}

TEST_F(RoutesTest, NameTheNearest) {
  EXPECT_EQ(routes_.nearest_name("fats"), "fast");
  EXPECT_EQ(routes_.nearest_name("something else"), "");
}

TEST(TargetOf, AWildcardTakesWhatTheRoutesStoodFor) {
  Deployment deployment;
  Route route;
  auto model = [&](std::string upstream, std::string_view wildcard, std::string_view asked) {
    deployment.model = std::move(upstream);
    return target_of(deployment, {&route, wildcard}, asked).model;
  };
  EXPECT_EQ(model("gpt-4o", "", "fast"), "gpt-4o");
  EXPECT_EQ(model("*", "o3", "openai/o3"), "o3");
  EXPECT_EQ(model("eu-*", "o3", "team/o3"), "eu-o3");
  EXPECT_EQ(model("*", "", "fast"), "fast") << "a route without wildcard passes its own name";
}

TEST(UpstreamTarget, FollowsThePathStyle) {
  Provider provider;
  provider.base_path = "/openai/v1";
  EXPECT_EQ(upstream_target(provider, "/chat/completions", "m"), "/openai/v1/chat/completions");
  provider.base_path = "";
  provider.path_style = PathStyle::kAzure;
  provider.api_version = "2024-10-21&x=1";
  EXPECT_EQ(upstream_target(provider, "/embeddings", "a/../b?c"),
            "/openai/deployments/a%2F..%2Fb%3Fc/embeddings?api-version=2024-10-21%26x%3D1");
}

// ---- prices

class TargetPriceTest : public ::testing::Test {
 protected:
  TargetPriceTest() {
    provider_.catalogue = catalogue_.get();
    provider_.catalogue_name = "openai";
  }
  void deploy(std::string model) {
    deployment_.provider = &provider_;
    deployment_.model = std::move(model);
    look_up(deployment_);
  }
  // A million tokens of input.
  std::string price(std::string_view served = {}, std::string model = {}) {
    const Price* found = price_of({&deployment_, model.empty() ? deployment_.model : std::move(model)}, served);
    return found ? to_text(*found->rates[Item::kInput]) : "unknown";
  }

  std::unique_ptr<const Catalogue> catalogue_ = Catalogue::built_in();
  Provider provider_;
  Deployment deployment_;
};

TEST_F(TargetPriceTest, TheCatalogueTellsLimitsAndWhatAModelCannotDo) {
  const Model& model = *catalogue_->find("openai", "gpt-3.5-turbo");
  ASSERT_EQ(model.able(Ability::kVision), false);
  deploy("gpt-3.5-turbo");
  EXPECT_TRUE(deployment_.seems_to_lack.has(dialect::Need::kVision));
  EXPECT_FALSE(deployment_.seems_to_lack.has(dialect::Need::kTools));
  EXPECT_EQ(deployment_.context_window, *model.context_window);
  deployment_.stated = {dialect::Need::kVision};
  deployment_.context_window = 5;
  look_up(deployment_);
  EXPECT_FALSE(deployment_.seems_to_lack.has(dialect::Need::kVision)) << "what is configured is known better";
  EXPECT_EQ(deployment_.context_window, 5u);
}

TEST_F(TargetPriceTest, IsThatOfTheModelAskedFor) {
  deploy("gpt-4o");
  EXPECT_EQ(deployment_.known->id, "gpt-4o");
  EXPECT_EQ(deployment_.price, &deployment_.known->price);
  EXPECT_EQ(price(), "2.5");
  EXPECT_EQ(price("gpt-4o-2024-08-06"), "2.5");
}

TEST_F(TargetPriceTest, IsThatOfTheModelThatAnswered) {
  deploy("gpt-4o");
  EXPECT_EQ(price("gpt-4o-2024-05-13"), "5");
  EXPECT_EQ(price("gpt-4o-2099-01-01"), "2.5") << "an answer whose name says nothing was made by what was asked for";
  deploy("our-gpt");
  EXPECT_EQ(deployment_.known, nullptr);
  EXPECT_EQ(deployment_.price, nullptr);
  EXPECT_EQ(price(), "unknown");
  EXPECT_EQ(price("gpt-4o-2024-05-13"), "5");
  EXPECT_EQ(price("gpt-9"), "unknown");
}

TEST_F(TargetPriceTest, OfAWildcardIsThatOfWhatItStoodFor) {
  deploy("*");
  EXPECT_EQ(deployment_.price, nullptr);
  EXPECT_EQ(price({}, "gpt-4o"), "2.5");
  EXPECT_EQ(price({}, "gpt-4o-2024-05-13"), "5");
  EXPECT_EQ(price({}, "made-up"), "unknown");
}

TEST_F(TargetPriceTest, AConfiguredOneGoesBeforeAll) {
  deployment_.own_price.emplace().rates.set(Item::kInput, Money{kNanosPerDollar});
  deploy("gpt-4o");
  EXPECT_EQ(price(), "1");
  EXPECT_EQ(price("gpt-4o-2024-05-13"), "1");
  EXPECT_EQ(deployment_.known->id, "gpt-4o");
}

TEST_F(TargetPriceTest, OfAProfileIsThatOfItsRegion) {
  provider_.catalogue_name = "bedrock";
  deploy("us.anthropic.claude-opus-5-5");
  EXPECT_EQ(price("anthropic.claude-opus-5-5"), "4.4");
}

TEST_F(TargetPriceTest, OfAProviderThatIsNotListedIsUnknown) {
  provider_.catalogue_name = "";
  deploy("gpt-4o");
  EXPECT_EQ(price("gpt-4o"), "unknown");
}

}  // namespace
}  // namespace sluice::provider::provider_test
