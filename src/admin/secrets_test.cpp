// Secrets go in, and nothing that they hold comes out; and the organisation.
#include "admin/secrets.h"

#include <gtest/gtest.h>

#include "admin/api.h"
#include "admin/roster.h"
#include "exchange/scene_test.h"
#include "store/memory/memory_directory.h"
#include "store/memory/memory_ledger.h"

namespace sluice::admin::secrets_test {
namespace {

constexpr std::string_view kText = "sk-canary-of-a-provider-0123456789";

class SecretsTest : public ::testing::Test {
 protected:
  SecretsTest() {
    vault_.sealer.emplace(Secret("a key of the test, long enough, too"));
    roster_.on_terms([this](quota::Scope scope, std::string_view name, quota::Terms terms) {
      if (scope == quota::Scope::kOrganisation) terms_ = std::move(terms);
      EXPECT_TRUE(scope != quota::Scope::kOrganisation || name.empty());
    });
    EXPECT_TRUE(roster_.use_file(file_));
  }

  // What it answers, or what failed: "conflict name".
  std::string ask(std::string_view method, std::string_view target, std::string_view body = "") {
    Scene scene({std::string(method), "/admin/v1" + std::string(target), {}});
    scene.request.body_result = std::string(body);
    scene.x.caller = &who_;
    Api api({routes_, recent_, nullptr, ledger_, &roster_, &vault_, &used_});
    auto status = scene.run(api);
    if (status) return scene.out.bytes;
    const auto& fault = status.error();
    EXPECT_EQ((fault.told + fault.detail).find(kText), std::string::npos);
    return (fault.code == "conflict" ? fault.code : std::string(name(fault.kind))) + " " + fault.param;
  }
  std::string put(std::string_view name, std::string_view text = kText) {
    return ask("PUT", "/secrets/" + std::string(name), R"({"value":")" + std::string(text) + R"("})");
  }

  store::MemoryDirectory directory_;
  Roster roster_{directory_, "secret"};
  Roster::File file_{.master_key = Secret("sk-master"), .keys = {}, .teams = {}, .users = {}};
  Vault vault_;
  std::vector<std::string> used_{"openai"};
  provider::Routes routes_;
  store::MemoryLedger ledger_{10};
  stage::Recent recent_{10};
  quota::Terms terms_;
  Caller who_{.name = "master", .role = Role::kMaster};
};

TEST_F(SecretsTest, AreKeptSealedAndNeverGivenBack) {
  EXPECT_TRUE(put("openai").starts_with(R"({"name":"openai","created_at":"20)"));
  EXPECT_TRUE(vault_.changed.exchange(false));
  const auto first = directory_.secrets()->at(0);
  EXPECT_EQ(vault_.sealer->open("openai", first.sealed)->reveal(), kText);
  EXPECT_EQ(first.sealed.find(kText), std::string::npos);
  put("other.one-2", "another");
  EXPECT_TRUE(ask("GET", "/secrets/openai").ends_with(R"(,"used":true})"));
  EXPECT_TRUE(ask("GET", "/secrets/other.one-2").ends_with(R"(,"used":false})"));
  std::string all = ask("GET", "/secrets") + ask("GET", "/audit") + ask("GET", "/secrets/openai");
  EXPECT_EQ(all.find(kText), std::string::npos);
  EXPECT_EQ(all.find(first.sealed), std::string::npos);
  EXPECT_NE(all.find(R"("what":"secrets.set","about":"secret 'openai'","before":null,"after":null)"),
            std::string::npos);
  put("openai", "rotated");
  const auto second = directory_.secrets()->at(0);
  EXPECT_EQ(second.created_us, first.created_us);
  EXPECT_GE(second.changed_us, first.changed_us);
  EXPECT_EQ(vault_.sealer->open("openai", second.sealed)->reveal(), "rotated");
}

TEST_F(SecretsTest, OneInUseIsNotEnded) {
  put("openai");
  put("other");
  vault_.changed = false;
  EXPECT_EQ(ask("DELETE", "/secrets/openai"), "conflict name");
  EXPECT_EQ(directory_.secrets()->size(), 2U);
  EXPECT_TRUE(ask("DELETE", "/secrets/other").starts_with(R"({"name":"other")"));
  EXPECT_EQ(ask("DELETE", "/secrets/other"), "not_found name");
  EXPECT_EQ(ask("GET", "/secrets/other"), "not_found name");
  EXPECT_FALSE(vault_.changed) << "the configuration does not know it";
}

TEST_F(SecretsTest, AnAdminDoesNotBecomeMoreByGivingOthersKeys) {
  file_.keys.push_back({{.name = "boss", .role = "owner"}, Secret("sk-boss-of-a-secret")});
  file_.keys.push_back({{.name = "web", .role = "member"}, Secret("sk-web-of-a-secret")});
  file_.secret_holders = {{"master", "master"}, {"part", "web"}, {"part", "boss"}, {"web", "web"}};
  ASSERT_TRUE(roster_.use_file(file_));
  for (std::string name : {"master", "part", "web"}) put(name);
  who_.role = Role::kAdmin;
  EXPECT_EQ(put("master"), "forbidden name");
  EXPECT_EQ(put("part"), "forbidden name");
  EXPECT_TRUE(put("web").starts_with(R"({"name":"web")"));
  who_.role = Role::kOwner;
  EXPECT_EQ(put("master"), "forbidden name");
  EXPECT_TRUE(put("part").starts_with(R"({"name":"part")"));
}

TEST_F(SecretsTest, WhatCannotBeKeptIsRefused) {
  EXPECT_EQ(put("no%20name"), "invalid_request name");
  EXPECT_EQ(put(".hidden"), "invalid_request name");
  EXPECT_EQ(put(std::string(101, 'x')), "invalid_request name");
  EXPECT_EQ(put("x", ""), "invalid_request value");
  EXPECT_EQ(put("x", std::string(kMostSecretBytes + 1, 'x')), "invalid_request value");
  EXPECT_EQ(ask("PUT", "/secrets/x", "{}"), "invalid_request value");
  EXPECT_EQ(ask("PUT", "/secrets/x", R"({"value":["sk-canary-of-a-provider-0123456789"]})"), "invalid_request value");
  EXPECT_EQ(ask("PUT", "/secrets/x", R"({"sk-canary-of-a-provider-0123456789)").substr(0, 15), "invalid_request");
  vault_.sealer.reset();
  EXPECT_EQ(put("x"), "conflict ");
  EXPECT_TRUE(directory_.secrets()->empty()) << "never as it is";
  EXPECT_EQ(directory_.audit({})->size(), 0U);
}

TEST_F(SecretsTest, TheOrganisationHasANameLimitsAndABudget) {
  EXPECT_EQ(ask("GET", "/organisation"),
            R"({"name":null,"origin":"api","limits":null,"budget":null,"metadata":{},"changed_at":null})");
  EXPECT_TRUE(
      ask("PATCH", "/organisation", R"({"name":"Acme","limits":{"rpm":5},"budget":{"usd":"9.5"},"metadata":{"a":"b"}})")
          .starts_with(R"({"name":"Acme","origin":"api","limits":{"rpm":5},"budget":)"));
  EXPECT_EQ(terms_.limits.rpm, 5U);
  ASSERT_EQ(terms_.budgets.size(), 1U);
  EXPECT_EQ(to_text(terms_.budgets[0].limit), "9.5");
  EXPECT_EQ(ask("PATCH", "/organisation", R"({"limits":{"rpm":-1}})"), "invalid_request limits.rpm");
  EXPECT_EQ(ask("PATCH", "/organisation", R"({"team":"x"})"), "invalid_request team");
  terms_ = {};
  EXPECT_TRUE(roster_.use_file(file_));
  EXPECT_EQ(terms_.limits.rpm, 5U) << "a configuration without them leaves them";
  EXPECT_TRUE(ask("PATCH", "/organisation", R"({"limits":null,"name":null})").starts_with(R"({"name":null)"));
  EXPECT_FALSE(terms_.limits.any());
  EXPECT_EQ(terms_.budgets.size(), 1U);
  EXPECT_NE(
      ask("GET", "/audit").find(R"("what":"organisation.change","about":"the organisation","before":{"name":"Acme")"),
      std::string::npos);
}

TEST_F(SecretsTest, WhatTheConfigurationSaysOfTheOrganisationIsItsOwn) {
  file_.organisation.limits = R"({"rpm":7})";
  ASSERT_TRUE(roster_.use_file(file_));
  EXPECT_EQ(ask("PATCH", "/organisation", R"({"limits":{"rpm":5}})"), "conflict limits");
  EXPECT_EQ(ask("PATCH", "/organisation", R"({"budget":null})"), "conflict budget");
  EXPECT_TRUE(ask("PATCH", "/organisation", R"({"name":"Acme"})")
                  .starts_with(R"({"name":"Acme","origin":"file","limits":{"rpm":7})"));
  EXPECT_EQ((*directory_.organisation())->limits, "") << "the configuration's";
  file_.organisation.limits.clear();
  ASSERT_TRUE(roster_.use_file(file_));
  EXPECT_TRUE(ask("PATCH", "/organisation", R"({"limits":{"rpm":5}})").starts_with(R"({"name":"Acme","origin":"api")"));
  file_.organisation.limits = R"({"rpm":7})";
  auto refused = roster_.use_file(file_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FaultKind::kInvalidConfig);
}

}  // namespace
}  // namespace sluice::admin::secrets_test
