#include <gtest/gtest.h>

#include "base/time_text.h"
#include "dialect/anthropic/anthropic.h"
#include "dialect/responses/endpoint.h"
#include "dialect/responses/responses.h"
#include "exchange/scene_test.h"
#include "stage/route/route.h"
#include "store/memory/memory_ledger.h"
#include "store/rows_test.h"

namespace sluice::stage::owner_test {
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
  // What another one is told, of each way to name it.
  std::string asked_by(const Caller& caller, std::string_view id) {
    std::string all;
    for (auto kind : {Kind::kResponses, Kind::kInputTokens, Kind::kCompact, Kind::kRetrieveStream, Kind::kRetrieve,
                      Kind::kDelete, Kind::kCancel, Kind::kInputItems}) {
      for (auto header : {"", "east"}) {
        auto made = scene(kind, header);
        made->x.caller = &caller;
        if (made->x.endpoint->asks_no_model) {
          made->x.path.id = id;
        } else {
          made->x.asked.model = "both";
          made->x.asked.kept = id;
        }
        const auto one = told(*made).substr(0, 9);
        EXPECT_EQ(made->rest.calls, one == "not_found" ? 0 : 1) << id;
        if (all.find(one) == std::string::npos) all += (all.empty() ? "" : " ") + one;
      }
    }
    return all;
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
  store::MemoryLedger ledger_{100};
  Owners owners_{ledger_};
  provider::Moves moves_;
  Route stage_{routes_, owners_, moves_};
  Caller everybody_{.name = "all"};
};

TEST_F(RouteOwnerTest, ARequestThatBuildsOnAResponseGoesToItsProviderOnly) {
  EXPECT_EQ(building("both", ""), "east/m west/m");
  owners_.remember("resp_1", {"all", "", "west"});
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
  owners_.remember("resp_2", {"all", "", "west"});
  EXPECT_EQ(building("east-only", "resp_2"),
            "invalid_request: 'resp_2' is kept by the provider 'west', which is not behind the model 'east-only'.");
  auto made_here = building("both", "resp_sluice_1");
  EXPECT_TRUE(made_here.starts_with("not_found: 'resp_sluice_1' was translated")) << made_here;
}

TEST_F(RouteOwnerTest, WhatIsKeptIsAskedForWhereItIs) {
  EXPECT_TRUE(retrieving("resp_1").starts_with("invalid_request: Several providers may keep"));
  owners_.remember("resp_1", {"all", "", "west"});
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
    made->x.arrived_at = from_us(7);
    made->rest.set([&](Exchange& x, Sink& out) -> Task<Status> {
      x.current = &x.tries.emplace_back(x.candidates.front(), x.cancel);
      x.current->learned.id = std::string("resp_") + name;
      (void)co_await out.begin({});
      (void)co_await out.push({});
      known = owners_.find(x.current->learned.id).has_value();
      co_return Status{};
    });
    ASSERT_TRUE(made->run(stage_));
    EXPECT_EQ(known, name == std::string_view("east")) << "a translated answer is kept by none";
  }
  EXPECT_EQ(owners_.find("resp_east"), (Maker{"all", "", "east", 7}));
}

TEST_F(RouteOwnerTest, WhatALookTellsOfTheUseWaitsToBeBooked) {
  auto look = [&](std::string id, bool tells) {
    auto looking = scene(Kind::kRetrieve);
    looking->x.path.id = id;
    looking->rest.set([&](Exchange& x, Sink&) -> Task<Status> {
      x.current = &x.tries.emplace_back(x.candidates.front(), x.cancel);
      x.current->learned.id = id;
      x.current->learned.service_tier = "flex";
      if (tells) x.current->looked_at = {.source = chat::UsageSource::kProvider, .input = 3, .output = 5};
      co_return Status{};
    });
    return static_cast<bool>(looking->run(stage_));
  };
  owners_.remember("resp_1", {"all", "", "west"});
  EXPECT_TRUE(look("resp_1", false));
  EXPECT_TRUE(owners_.take_uses().empty());
  EXPECT_TRUE(look("resp_1", true));
  const auto uses = owners_.take_uses();
  ASSERT_TRUE(uses.contains("resp_1"));
  EXPECT_EQ(uses.at("resp_1").usage.output, 5);
  EXPECT_EQ(uses.at("resp_1").service_tier, "flex");
  EXPECT_TRUE(owners_.take_uses().empty());
  for (std::size_t i = 0; i <= Owners::kMostUses; ++i) owners_.tell_use(std::to_string(i), {});
  EXPECT_EQ(owners_.take_uses().size(), Owners::kMostUses);
}

// K9: what one tenant had made is not there for another, however it is asked for.
TEST_F(RouteOwnerTest, K9_WhatSomebodyElseHadMadeIsNotThere) {
  const Caller web{.name = "web", .team = "shop"}, app{.name = "app", .team = "shop"}, other{.name = "other"},
      lone{.name = "lone"}, shop{.name = "shop"}, away{.name = "web", .team = "away"},
      late{.name = "lone", .team = "x"}, master{.name = "master", .role = Role::kMaster};
  owners_.remember("resp_team", {"web", "shop", "east"});
  owners_.remember("resp_lone", {"lone", "", "east"});
  for (const auto* caller : {&web, &app, &master}) EXPECT_EQ(asked_by(*caller, "resp_team"), "east/m east/*");
  for (const auto* caller : {&other, &lone, &shop, &away, &late})
    EXPECT_EQ(asked_by(*caller, "resp_team"), "not_found");
  for (const auto* caller : {&lone, &late, &master}) EXPECT_EQ(asked_by(*caller, "resp_lone"), "east/m east/*");
  for (const auto* caller : {&web, &app, &other, &shop}) EXPECT_EQ(asked_by(*caller, "resp_lone"), "not_found");
}

TEST_F(RouteOwnerTest, K9_AKeyThatWasCreatedLaterUnderTheSameNameIsSomebodyElse) {
  const Caller before{.name = "lone", .created_us = 4}, after{.name = "lone", .created_us = 6};
  owners_.remember("resp_lone", {"lone", "", "east", 5});
  EXPECT_EQ(asked_by(before, "resp_lone"), "east/m east/*");
  EXPECT_EQ(asked_by(after, "resp_lone"), "not_found");
}

TEST_F(RouteOwnerTest, K9_ATeamThatWasCreatedLaterUnderTheSameNameIsAnotherOne) {
  auto made = [](std::int64_t created_us) {
    return std::make_shared<const Team>(Team{.name = "shop", .created_us = created_us});
  };
  const Caller before{.name = "web", .team = "shop", .its_team = made(4)},
      after{.name = "web", .team = "shop", .its_team = made(6)}, of_the_file{.name = "app", .team = "shop"};
  owners_.remember("resp_team", {"web", "shop", "east", 5});
  for (const auto* caller : {&before, &of_the_file}) EXPECT_EQ(asked_by(*caller, "resp_team"), "east/m east/*");
  EXPECT_EQ(asked_by(after, "resp_team"), "not_found");
}

TEST_F(RouteOwnerTest, K9_ItIsToldAsOfAnIdThatIsNotThere) {
  owners_.remember("resp_1", {"web", "", "west"});
  EXPECT_EQ(retrieving("resp%5F1", "west"), "not_found: Response with id 'resp_1' not found.");
  EXPECT_EQ(building("both", "resp_1"), "not_found: Previous response with id 'resp_1' not found.");
}

TEST_F(RouteOwnerTest, K9_WhoseItIsTheLedgerKnowsWhenMemoryHasForgotten) {
  store::ExchangeRow row;
  row.id = "req_1";
  row.key = "web";
  row.provider = "west";
  row.kept_id = "resp_1";
  ASSERT_TRUE(ledger_.insert(store::views_of({&row, 1}), {}));
  EXPECT_TRUE(retrieving("resp_1").starts_with("not_found"));
  EXPECT_TRUE(building("both", "resp_1", "west").starts_with("not_found"));
  everybody_.name = "web";
  EXPECT_EQ(retrieving("resp_1"), "west/*");
  EXPECT_EQ(building("both", "resp_1"), "west/m");
}

TEST_F(RouteOwnerTest, WhatIsOnesOwnNeedsNoRightToAllOfAProvider) {
  const Caller narrow{.name = "narrow", .models = {"both"}};
  owners_.remember("resp_own", {"narrow", "", "west"});
  owners_.remember("resp_other", {"web", "", "west"});
  auto asking = [&](Kind kind, std::string_view id, std::string header = {}) {
    auto made = scene(kind, std::move(header));
    made->x.caller = &narrow;
    made->x.path.id = id;
    return told(*made).substr(0, 9);
  };
  for (auto kind : {Kind::kRetrieveStream, Kind::kRetrieve, Kind::kDelete, Kind::kCancel, Kind::kInputItems}) {
    EXPECT_EQ(asking(kind, "resp_own"), "west/*");
    EXPECT_EQ(asking(kind, "resp_own", "west"), "west/*");
    EXPECT_EQ(asking(kind, "resp_own", "east"), "forbidden") << "there it is not kept";
    EXPECT_EQ(asking(kind, "resp_other"), "not_found");
    EXPECT_EQ(asking(kind, "resp_nobodys", "west"), "forbidden");
  }
}

// The raw API of a provider is another way to the same things.
TEST_F(RouteOwnerTest, K9_APassthroughLeadsToNothingOfSomebodyElse) {
  const Caller web{.name = "web"};
  owners_.remember("resp_1", {"web", "", "west"});
  auto passed = [&](const Caller& caller, std::string target) {
    Scene made;
    made.x.passthrough_provider = "west";
    made.x.passthrough_target = std::move(target);
    made.x.caller = &caller;
    return told(made);
  };
  for (auto target : {"/v1/responses/resp_1", "/v1/responses/resp_1/", "/v1/responses/resp_1/input_items?limit=1",
                      "/v1/responses/resp_1/cancel", "/v1//responses//resp_1", "/openai/v1/responses/resp_1?x=/a",
                      "/v1/response%73/resp%5f1", "/v1/Responses/resp_1", "/responses/responses/resp_1"}) {
    EXPECT_EQ(passed(everybody_, target), "not_found: Response with id 'resp_1' not found.") << target;
    EXPECT_EQ(passed(web, target), "west/*") << target;
  }
  for (auto target : {"/v1/responses", "/v1/responses/", "/v1/responses/resp_2", "/v1/files/resp_1", "/",
                      "/v1/files?x=/responses/resp_1"})
    EXPECT_EQ(passed(everybody_, target), "west/*") << target;
}

TEST_F(RouteOwnerTest, K9_APassthroughBuildsOnNothingOfSomebodyElse) {
  const Caller web{.name = "web"};
  owners_.remember("resp_1", {"web", "", "west"});
  auto passed = [&](const Caller& caller, std::string target, std::string body) {
    Scene made;
    made.x.passthrough_provider = "west";
    made.x.passthrough_target = std::move(target);
    json::pad(body);
    made.x.body = std::move(body);
    made.x.caller = &caller;
    return told(made);
  };
  for (auto target : {"/v1/responses", "/v1/responses/compact", "/v1/r%65sponses/"}) {
    for (auto body :
         {R"({"previous_response_id":"resp_1"})", R"({"input":"x","previous_\u0072esponse_id":"r\u0065sp_1"})"}) {
      EXPECT_EQ(passed(everybody_, target, body), "not_found: Response with id 'resp_1' not found.") << target << body;
      EXPECT_EQ(passed(web, target, body), "west/*") << target << body;
    }
    for (auto body : {"", "{", "[]", R"({"previous_response_id":"resp_2"})", R"({"previous_response_id":null})"})
      EXPECT_EQ(passed(everybody_, target, body), "west/*") << target << body;
  }
  EXPECT_TRUE(passed(everybody_, "/v1/responses/resp_1/cancel", "{}").starts_with("not_found"));
  EXPECT_EQ(passed(everybody_, "/v1/files", R"({"previous_response_id":"resp_1"})"), "west/*");
}

// The row of an exchange has the id of what is kept, and of nothing else.
TEST_F(RouteOwnerTest, OnlyWhatIsKeptIsNotedForTheLedger) {
  struct Case {
    const char* provider;
    std::string id;
    bool is_kept;
    std::string noted;
  };
  const std::string longest(Owners::kLongestId, 'x');
  for (const auto& one :
       {Case{"east", "resp_1", true, "resp_1"}, Case{"east", "resp_2", false, ""}, Case{"claude", "resp_3", true, ""},
        Case{"east", longest, true, longest}, Case{"east", longest + 'x', true, ""}}) {
    auto made = scene(Kind::kResponses);
    made->x.asked.model = std::string(one.provider) + "/m";
    made->x.asked.is_kept = one.is_kept;
    made->rest.set([&](Exchange& x, Sink& out) -> Task<Status> {
      x.current = &x.tries.emplace_back(x.candidates.front(), x.cancel);
      x.current->learned.id = one.id;
      (void)co_await out.push({});
      co_return Status{};
    });
    ASSERT_TRUE(made->run(stage_));
    EXPECT_EQ(made->x.kept_id, one.noted) << one.id;
  }
}

TEST(RouteOwners, TheOldestGo) {
  store::MemoryLedger ledger(1);
  Owners owners(ledger);
  const Maker maker{"web", "shop", "p"};
  for (std::size_t i = 0; i <= Owners::kMost; ++i) owners.remember(std::to_string(i), maker);
  EXPECT_FALSE(owners.find("0"));
  EXPECT_EQ(owners.find("1"), maker);
  owners.remember(std::string(Owners::kLongestId + 1, 'x'), maker);
  EXPECT_FALSE(owners.find(std::string(Owners::kLongestId + 1, 'x')));
}

}  // namespace
}  // namespace sluice::stage::owner_test
