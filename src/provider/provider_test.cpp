#include "provider/provider.h"

#include <gtest/gtest.h>

namespace sluice::provider {
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

}  // namespace
}  // namespace sluice::provider
