#include <gtest/gtest.h>

#include "dialect/anthropic/anthropic.h"
#include "dialect/responses/endpoint.h"
#include "dialect/responses/responses.h"
#include "exchange/scene_test.h"
#include "stage/route/route.h"

namespace sluice::stage {
namespace {

using dialect::responses::Kind;

// Two providers that keep responses, one that speaks another API, and models over them.
class RouteOwnerTest : public ::testing::Test {
 protected:
  RouteOwnerTest() {
    for (auto name : {"east", "west", "claude"}) {
      auto provider = make_provider(name);
      provider->clients = {name == std::string_view("claude") ? &dialect::anthropic::client()
                                                              : &dialect::responses::client()};
      routes_.add(std::move(provider));
    }
    add("both", {"east", "west"});
    add("east-only", {"east", "claude"});
    add("translated", {"claude"});
  }

  void add(std::string name, std::vector<std::string> providers) {
    auto route = std::make_unique<provider::Route>();
    route->name = std::move(name);
    for (const auto& provider : providers)
      route->deployments.push_back(make_deployment(*routes_.find_provider(provider), "m"));
    routes_.add(std::move(route));
  }

  std::unique_ptr<Scene> scene(Kind kind, std::string header = {}) {
    http::RequestHead head{"POST", "/v1/responses", {{"host", "x"}}};
    if (!header.empty()) head.headers.add("x-sluice-provider", header);
    auto made = std::make_unique<Scene>(std::move(head));
    made->x.server = &dialect::responses::server();
    made->x.endpoint = &dialect::responses::facts(kind);
    made->x.caller = &everybody_;
    return made;
  }

  // The deployments that are tried, or the fault.
  std::string told(Scene& scene) {
    auto status = scene.run(stage_);
    if (!status) return std::string(name(status.error().kind)) + ": " + status.error().told;
    std::string text;
    for (const auto& target : scene.x.candidates) text += (text.empty() ? "" : " ") + target.deployment->name;
    return text;
  }
  std::string building(std::string model, std::string id, std::string header = {}) {
    auto made = scene(Kind::kResponses, std::move(header));
    made->x.asked.model = std::move(model);
    made->x.asked.kept = std::move(id);
    return told(*made);
  }
  std::string retrieving(std::string_view id, std::string header = {}) {
    auto made = scene(Kind::kRetrieve, std::move(header));
    made->x.path.id = id;
    return told(*made);
  }

  provider::Routes routes_;
  Owners owners_;
  provider::Moves moves_;
  Route stage_{routes_, owners_, moves_};
  Caller everybody_{.name = "all"};
};

TEST_F(RouteOwnerTest, ARequestThatBuildsOnAResponseGoesToItsProviderOnly) {
  EXPECT_EQ(building("both", ""), "east/m west/m");
  owners_.remember("resp_1", "west");
  EXPECT_EQ(building("both", "resp_1"), "west/m");
  EXPECT_EQ(building("both", "resp_2", "east"), "east/m");
  EXPECT_EQ(building("both", "resp_1", "east"), "east/m") << "the header says it first";
}

TEST_F(RouteOwnerTest, WhereOnlyOneProviderCanHaveItNobodyNeedsToBeTold) {
  EXPECT_EQ(building("east-only", "resp_1"), "east/m") << "the fallback could not know it";
  EXPECT_EQ(building("translated", "resp_1"), "claude/m") << "the translation refuses it with its own words";
}

TEST_F(RouteOwnerTest, WhatCannotBeToldIsRefused) {
  EXPECT_TRUE(building("both", "resp_1").starts_with("invalid_request: Several providers behind the model 'both'"));
  owners_.remember("resp_2", "west");
  EXPECT_EQ(building("east-only", "resp_2"),
            "invalid_request: 'resp_2' is kept by the provider 'west', which is not behind the model 'east-only'.");
  auto made_here = building("both", "resp_sluice_1");
  EXPECT_TRUE(made_here.starts_with("not_found: 'resp_sluice_1' was translated")) << made_here;
}

TEST_F(RouteOwnerTest, WhatIsKeptIsAskedForWhereItIs) {
  EXPECT_TRUE(retrieving("resp_1").starts_with("invalid_request: Several providers may keep"));
  owners_.remember("resp_1", "west");
  EXPECT_EQ(retrieving("resp_1"), "west/*");
  EXPECT_EQ(retrieving("resp%5F1"), "west/*") << "as the path spells it";
  EXPECT_EQ(retrieving("resp_9", "east"), "east/*");
  EXPECT_TRUE(retrieving("resp_9", "nobody").starts_with("invalid_request: No such provider"));
  EXPECT_TRUE(retrieving("resp_sluice_1").starts_with("not_found"));
}

TEST_F(RouteOwnerTest, AnAnswerThatPassesThroughIsRememberedBeforeItsFirstBytesLeave) {
  for (auto name : {"east", "claude"}) {
    auto made = scene(Kind::kResponses);
    made->x.asked.model = std::string(name) + "/m";
    bool known = false;
    made->rest.set([&](Exchange& x, Sink& out) -> Task<Status> {
      x.current = &x.tries.emplace_back(x.candidates.front(), x.cancel);
      x.current->learned.id = std::string("resp_") + name;
      (void)co_await out.begin({});
      (void)co_await out.push({});
      known = !owners_.find(x.current->learned.id).empty();
      co_return Status{};
    });
    ASSERT_TRUE(made->run(stage_));
    EXPECT_EQ(known, name == std::string_view("east")) << "a translated answer is kept by none";
  }
  EXPECT_EQ(owners_.find("resp_east"), "east");
}

TEST(RouteOwners, TheOldestGo) {
  Owners owners;
  for (std::size_t i = 0; i <= Owners::kMost; ++i) owners.remember(std::to_string(i), "p");
  EXPECT_EQ(owners.find("0"), "");
  EXPECT_EQ(owners.find("1"), "p");
  owners.remember(std::string(Owners::kLongestId + 1, 'x'), "p");
  EXPECT_EQ(owners.find(std::string(Owners::kLongestId + 1, 'x')), "");
}

}  // namespace
}  // namespace sluice::stage
