#include "app/allowance.h"
#include "app/config_fixture_test.h"

namespace sluice::app::config_quota_test {
namespace {

using quota::Scope;
using Kind = quota::Window::Kind;

const quota::Terms* find(const Allowances& all, Scope scope, std::string_view name) {
  for (const auto& one : all.accounts) {
    if (one.scope == scope && one.name == name) return &one.terms;
  }
  return nullptr;
}

std::string with_budget(std::string_view budget) {
  return with_openai("keys:\n  - { name: web, key: sk-12345678,\n      budget: " + std::string(budget) + " }\n");
}
void expect_wrong(std::string_view budget, std::string_view field, std::string_view message) {
  expect_problem(with_budget(budget), 4, "keys[0].budget." + std::string(field), message);
}

TEST(ConfigQuota, OfAllScopes) {
  const auto config = valid(with_openai(R"(
organisation: { limits: { rpm: 100, tpm: 4000000000, concurrency: 7 } }
teams: { shop: { budget: { usd: "5", window: month, zone: Europe/Berlin, strict: true, alerts: [100, 50] } } }
users: { ann: { budget: { usd: "1", window: 36h, hard: false, unpriced: allow_and_alert } } }
tags: { feature: { each: { budget: { usd: "2" } }, values: { search: { limits: { rpm: 3 } } } } }
sessions: { budget: { usd: "0.5" } }
models: { m: { deployments: [ { model: openai/gpt, limits: { rpm: 9 }, budget: { usd: "7", window: day } } ], limits: { tpm: 11 } } }
keys:
  - { name: web, key: sk-12345678, team: shop, user: ann, limits: { rpm: 1 }, budget: [ { usd: "3" }, { usd: "4", window: week } ] }
)"));
  const auto all = allowances_of(config);
  EXPECT_EQ(find(all, Scope::kOrganisation, "")->limits, (quota::Limits{100, 4'000'000'000, 7}));
  const auto& team = find(all, Scope::kTeam, "shop")->budgets.at(0);
  EXPECT_EQ(team.limit, Money{5'000'000'000});
  EXPECT_EQ(team.window, (quota::Window{.kind = Kind::kMonth, .zone = "Europe/Berlin"}));
  EXPECT_TRUE(team.hard && team.strict);
  EXPECT_EQ(team.alerts_percent, (std::vector<std::uint32_t>{50, 100}));
  const auto& user = find(all, Scope::kUser, "ann")->budgets.at(0);
  EXPECT_EQ(user.window.rolling, Ms(36 * 3'600'000));
  EXPECT_FALSE(user.hard);
  EXPECT_EQ(user.unpriced, quota::Unpriced::kAllowAndAlert);
  EXPECT_EQ(team.unpriced, std::nullopt);
  EXPECT_EQ(find(all, Scope::kTag, "feature=search")->limits.rpm, 3u);
  EXPECT_EQ(find(all, Scope::kRoute, "m")->limits.tpm, 11u);
  EXPECT_EQ(find(all, Scope::kDeployment, "openai/gpt")->limits.rpm, 9u);
  EXPECT_EQ(find(all, Scope::kDeployment, "openai/gpt")->budgets.at(0).window.kind, Kind::kDay);
  EXPECT_EQ(find(all, Scope::kKey, "web")->budgets.size(), 2u);
  EXPECT_EQ(find(all, Scope::kKey, "web")->budgets.at(0).window.kind, Kind::kTotal);
  ASSERT_EQ(all.each.size(), 2u);
  EXPECT_EQ(all.each[0].name, "feature");
  EXPECT_EQ(all.each[1].scope, Scope::kSession);
}

TEST(ConfigQuota, TheFileMaySayAsMuchAsTheApi) {
  const auto config =
      valid(with_openai("organisation: { limits: { rpm: 1000000000000, tpm: 1000000000000, concurrency: 1000000 },\n"
                        "  budget: { usd: \"1000000000\" } }\n"));
  const auto all = allowances_of(config);
  EXPECT_EQ(find(all, Scope::kOrganisation, "")->limits,
            (quota::Limits{1'000'000'000'000, 1'000'000'000'000, 1'000'000}));
  EXPECT_EQ(find(all, Scope::kOrganisation, "")->budgets.at(0).limit, Money{1'000'000'000'000'000'000});
  expect_problem("organisation: { limits: { tpm: 1000000000001 } }", 1, "organisation.limits.tpm",
                 "must be from 0 to 1000000000000");
}

TEST(ConfigQuota, MistakesAreToldWithTheirPlace) {
  expect_wrong(R"({ usd: "1000000000.01" })", "usd", "must be from 0 to 1000000000, found '1000000000.01'");
  expect_wrong(R"({ usd: 5 })", "usd", R"(expected an amount in quotes such as "0.15", found the number '5')");
  expect_wrong(R"({ window: day })", "usd", "is missing");
  expect_wrong(R"({ usd: "-1" })", "usd", "must be from 0");
  expect_wrong(R"({ usd: "1", window: monthly })", "window", "expected total, day, week, month or a duration");
  expect_wrong(R"({ usd: "1", window: 10s })", "window", "from 1m to 8784h");
  expect_wrong(R"({ usd: "1", zone: Europe/Nowhere })", "zone", "expected a time zone such as UTC or Europe/Berlin");
  expect_wrong(R"({ usd: "1", zone: ../../etc/passwd })", "zone", "expected a time zone");
  expect_wrong(R"({ usd: "1", alerts: [50, many] })", "alerts[1]",
               "expected a percentage from 1 to 1000, found 'many'");
  expect_wrong(R"({ usd: "1", hard: false, strict: true })", "strict", "is for hard budgets");
  expect_wrong(R"({ usd: "1", hrad: false })", "hrad", "did you mean 'hard'?");
  expect_problem(with_budget("none"), 4, "keys[0].budget", "expected a map or a list of maps");
  expect_problem(with_budget(R"([ { usd: "1" }, { usd: "2" } ])"), 4, "keys[0].budget[1].window",
                 "is the window of another budget here");
}

// What a request is charged to has room for them, whatever tags it has.
TEST(ConfigQuota, NoMoreTagsAreLimitedThanARequestIsChargedTo) {
  std::string tags = "tags:\n";
  for (std::size_t i = 0; i < quota::Together::kMostTags; ++i)
    tags += "  t" + std::to_string(i) + ": " +
            (i % 2 == 0 ? "{ each: { limits: { rpm: 1 } } }\n" : "{ values: { v: { budget: { usd: \"1\" } } } }\n");
  valid(tags + "  free: {}\n");
  expect_problem(tags + "  free: {}\n  more: { each: { budget: { usd: \"1\" } } }\n", 19, "tags.more",
                 "is one tag too many with budgets or limits: a request is charged to 16 at most");
}

TEST(ConfigQuota, WhatEachSessionMayUseIsNotSaidOfATag) {
  expect_problem("tags:\n  session: { each: { budget: { usd: \"1\" } } }\n", 2, "tags.session",
                 "is said by 'sessions: { budget: …, limits: … }'");
}

TEST(ConfigQuota, ADeploymentIsTheSameWhereverItIsNamed) {
  constexpr std::string_view kTwo = R"(models:
  a: { deployments: [ { model: openai/gpt, budget: { usd: "1" } } ] }
  b: { deployments: [ { model: openai/gpt, budget: { usd: "2" } } ] }
)";
  expect_problem(with_openai(kTwo), 4, "models.b.deployments[0]", "gives 'openai/gpt' another budget");
  valid(
      with_openai("models:\n  a: { deployments: [ { model: openai/gpt, budget: { usd: \"1\" } } ] }\n"
                  "  b: { deployments: [ openai/gpt ] }\n"));
}

TEST(ConfigAlerts, GoToAWebhook) {
  const auto config = valid(
      "alerts: { webhook: 'https://hooks.example/services/T0?x=1', secret: whsec_AQID, timeout: 2s, give_up: 1m, "
      "queue: 5 "
      "}");
  EXPECT_EQ(config.alerts_webhook.reveal(), "https://hooks.example/services/T0?x=1");
  EXPECT_EQ(config.alerts_timeout, Ms(2'000));
  EXPECT_EQ(config.alerts_queue, 5U);
  EXPECT_EQ(valid("{}").alerts_give_up, Ms(600'000));
  expect_problem("alerts:\n  webhook: ftp://hooks.example/T0canary", 2, "alerts.webhook", "is no http or https URL");
  expect_problem("alerts:\n  secret: something", 2, "alerts.secret", "give alerts.webhook too");
  expect_problem("alerts:\n  webhook: http://h\n  secret: whsec_%%%", 3, "alerts.secret", "no Base64 follows");
}

}  // namespace
}  // namespace sluice::app::config_quota_test
