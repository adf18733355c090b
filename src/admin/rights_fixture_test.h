// For tests of who may do what: a directory with the team 'shop', keys in it and in another one, and callers of every
// role.
#pragma once

#include "admin/api.h"
#include "admin/roster.h"
#include "exchange/scene_test.h"
#include "store/memory/memory_directory.h"
#include "store/memory/memory_ledger.h"

namespace sluice::admin {

// A directory with a team 'shop' of limits, keys in it and in another team, and callers of every role in 'shop'.
class RightsTest : public ::testing::Test {
 protected:
  RightsTest() {
    Roster::File file{.master_key = Secret("sk-master"), .keys = {}, .teams = {}, .users = {}};
    EXPECT_TRUE(roster_.use_file(file));
    ask(Role::kMaster, "POST", "/teams",
        R"({"name":"shop","models":["fast","openai/*"],"limits":{"rpm":100},"budget":{"usd":"10","window":"day"}})");
    ask(Role::kMaster, "POST", "/teams", R"({"name":"other"})");
    ask(Role::kMaster, "POST", "/users", R"({"name":"eva","teams":["shop"]})");
    for (auto role : {"member", "team_admin", "viewer", "admin", "owner"}) {
      ask(Role::kMaster, "POST", "/keys",
          R"({"name":"of )" + std::string(role) + R"(","team":"shop","role":")" + role + R"("})");
    }
    ask(Role::kMaster, "POST", "/keys", R"({"name":"foreign","team":"other"})");
  }

  struct Answer {
    std::string body;  // or what failed: "forbidden", and its field
    std::string fault, field, why;
    bool ok() const { return fault.empty(); }
  };
  Answer ask(const Caller& who, std::string_view method, std::string_view target, std::string_view body = "") {
    Scene scene({std::string(method), "/admin/v1" + std::string(target), {}});
    scene.request.body_result = std::string(body);
    scene.x.caller = &who;
    Api api({routes_, recent_, nullptr, ledger_, &roster_});
    auto status = scene.run(api);
    if (status) return {scene.out.bytes, "", "", ""};
    return {"", std::string(name(status.error().kind)), status.error().param, status.error().told};
  }
  Answer ask(Role role, std::string_view method, std::string_view target, std::string_view body = "") {
    return ask(caller(role), method, target, body);
  }
  // What failed, its field and its words.
  std::string told(Role role, std::string_view method, std::string_view target, std::string_view body) {
    auto answer = ask(role, method, target, body);
    return answer.fault + " " + answer.field + " " + answer.why;
  }
  // As the roster makes it of the key "of ROLE".
  Caller caller(Role role) {
    if (role == Role::kMaster) return {.name = "master", .role = role};
    auto row = directory_.find_key("of " + std::string(name(role)));
    return {.id = (*row)->id, .name = (*row)->name, .team = "shop", .role = role};
  }

  store::MemoryDirectory directory_;
  Roster roster_{directory_, "secret"};
  provider::Routes routes_;
  store::MemoryLedger ledger_{10};
  stage::Recent recent_{10};
};

}  // namespace sluice::admin
