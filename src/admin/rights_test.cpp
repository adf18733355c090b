// Every role at every operation and field: what is allowed is what the table says, and nobody gives more than they
// have.
#include "admin/rights.h"

#include <map>
#include <set>

#include "admin/api.h"
#include "admin/openapi.h"
#include "admin/roster.h"
#include "exchange/scene_test.h"
#include "json/escaped.h"
#include "store/memory/memory_directory.h"
#include "store/memory/memory_ledger.h"

namespace sluice::admin {
namespace {

constexpr Role kRoles[] = {Role::kMember, Role::kTeamAdmin, Role::kViewer, Role::kAdmin, Role::kOwner, Role::kMaster};

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
    std::string fault, field;
    bool ok() const { return fault.empty(); }
  };
  Answer ask(const Caller& who, std::string_view method, std::string_view target, std::string_view body = "") {
    Scene scene({std::string(method), "/admin/v1" + std::string(target), {}});
    scene.request.body_result = std::string(body);
    scene.x.caller = &who;
    Api api({routes_, recent_, nullptr, ledger_, &roster_});
    auto status = scene.run(api);
    if (status) return {scene.out.bytes, "", ""};
    return {"", std::string(name(status.error().kind)), status.error().param};
  }
  Answer ask(Role role, std::string_view method, std::string_view target, std::string_view body = "") {
    return ask(caller(role), method, target, body);
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

// Role × operation, from the list of operations. 403 where the table says so, and nothing else says 403: the operations
// are asked about things that are not there.
TEST_F(RightsTest, K3_EveryRoleAtEveryOperation) {
  std::size_t refused = 0;
  for (auto role : kRoles) {
    for (const auto& operation : operations()) {
      std::string target(operation.path);
      if (auto open = target.find('{'); open != std::string::npos)
        target.replace(open, target.find('}') - open + 1, "none");
      const bool allowed = reach(role, operation.area, operation.right()) != Reach::kNone;
      auto answer = ask(role, operation.method, target, "{}");
      const bool drills = operation.area == Area::kFaults;  // they are not enabled here, which is a 403 too
      if (!drills || !allowed) {
        EXPECT_EQ(answer.fault != "forbidden", allowed) << name(role) << " " << operation.method << " " << target;
      }
      refused += allowed ? 0 : 1;
    }
  }
  EXPECT_GT(refused, operations().size());
}

TEST(Rights, ARoleGivesNoHigherOne) {
  for (auto granter : kRoles) {
    for (auto granted : kRoles) {
      if (!may_grant(granter, granted)) continue;
      // Whatever the granted one may do, the granter may.
      for (auto area : {Area::kDocument, Area::kGateway, Area::kBooks, Area::kFaults, Area::kKeys, Area::kTeams,
                        Area::kUsers, Area::kOrganisation, Area::kSecrets, Area::kAudit, Area::kMetrics}) {
        for (auto act : {Act::kSee, Act::kChange})
          EXPECT_GE(reach(granter, area, act), reach(granted, area, act)) << name(granter) << name(granted);
      }
    }
  }
  EXPECT_FALSE(may_grant(Role::kOwner, Role::kMaster));
  EXPECT_FALSE(may_grant(Role::kAdmin, Role::kOwner));
  EXPECT_FALSE(may_grant(Role::kTeamAdmin, Role::kViewer)) << "a viewer sees other teams";
  EXPECT_FALSE(may_grant(Role::kViewer, Role::kMember));
}

// Role × role given, by making, changing and rotating keys and by users.
TEST_F(RightsTest, K3_NobodyMakesAnybodyMoreThanThemselves) {
  int made = 0;
  for (auto granter : kRoles) {
    for (auto granted : kRoles) {
      if (granted == Role::kMaster) continue;
      const bool may = may_grant(granter, granted) && granter != Role::kMember && granter != Role::kViewer;
      const std::string role(name(granted));
      auto fresh = "new " + std::to_string(++made);
      auto answer =
          ask(granter, "POST", "/keys", R"({"name":")" + fresh + R"(","team":"shop","role":")" + role + R"("})");
      EXPECT_EQ(answer.ok(), may) << name(granter) << " makes " << role;
      if (granter == Role::kMember || granter == Role::kViewer) continue;
      // A key of that role is not theirs to change, rotate, block or end either.
      for (const auto& [method, path] :
           {std::pair("PATCH", ""), {"POST", "/rotate"}, {"POST", "/block"}, {"POST", "/unblock"}}) {
        const bool rotates = path == std::string_view("/rotate");
        auto touched = ask(granter, method, "/keys/of%20" + role + path, rotates ? R"({"grace":"0"})" : "{}");
        EXPECT_EQ(touched.ok(), may) << name(granter) << " " << method << path << " " << role << touched.field;
      }
      auto changed = ask(granter, "PATCH", "/keys/of%20member", R"({"role":")" + role + R"("})");
      EXPECT_EQ(changed.ok(), may) << name(granter) << " makes a member " << role;
      ask(Role::kMaster, "PATCH", "/keys/of%20member", R"({"role":"member"})");
      const bool may_users = may && granter != Role::kTeamAdmin;
      auto user = ask(granter, "POST", "/users", R"({"name":")" + fresh + R"(","role":")" + role + R"("})");
      EXPECT_EQ(user.ok(), may_users) << name(granter) << " makes a user " << role;
    }
  }
  EXPECT_EQ(ask(Role::kOwner, "POST", "/keys", R"({"name":"x","role":"master"})").fault, "invalid_request");
}

// Field by field: a team admin stays within the team.
TEST_F(RightsTest, K3_ATeamAdminStaysWithinTheTeam) {
  struct Case {
    const char* field;
    const char* given;
    const char* refused;  // the field; empty: it is done
  };
  const Case cases[] = {
      {"team", R"("shop")", ""},
      {"team", R"("other")", "team"},
      {"team", "null", "team"},
      {"role", R"("team_admin")", ""},
      {"role", R"("admin")", "role"},
      {"priority", R"("low")", ""},
      {"priority", R"("high")", "priority"},
      {"models", R"(["fast"])", ""},
      {"models", R"(["openai/gpt-4o","openai/gpt*"])", ""},
      {"models", R"(["slow"])", "models"},
      {"models", R"(["*"])", "models"},
      {"models", R"(["open*"])", "models"},
      {"models", "[]", ""},  // the team's own
      {"limits", R"({"rpm":100})", ""},
      {"limits", R"({"rpm":101})", "limits.rpm"},
      {"limits", "null", ""},
      {"budget", R"({"usd":"10","window":"day"})", ""},
      {"budget", R"({"usd":"10.000000001","window":"day"})", "budget"},
      {"budget", R"({"usd":"5","window":"day","hard":false})", "budget"},
      {"budget", R"({"usd":"500","window":"month"})", ""},  // the team's own budget of a day holds too
      {"user", R"("eva")", ""},
      {"endpoints", R"(["chat"])", ""},
      {"ip_ranges", R"(["10.0.0.0/8"])", ""},
      {"tags", R"({"feature":"x"})", ""},
      {"metadata", R"({"ticket":"1"})", ""},
      {"expires_at", R"("2199-01-01T00:00:00Z")", ""},
      {"blocked", "true", ""},
  };
  std::set<std::string> tried{"name"};
  int number = 0;
  for (const auto& one : cases) {
    tried.insert(one.field);
    const auto member = '"' + std::string(one.field) + "\":" + one.given;
    auto made =
        ask(Role::kTeamAdmin, "POST", "/keys", R"({"name":"m)" + std::to_string(++number) + "\"," + member + '}');
    EXPECT_EQ(made.field, one.refused) << member;
    EXPECT_EQ(made.fault, *one.refused ? "forbidden" : "") << member;
    auto changed = ask(Role::kTeamAdmin, "PATCH", "/keys/of%20member", '{' + member + '}');
    EXPECT_EQ(changed.field, one.refused) << member;
    ask(Role::kMaster, "PATCH", "/keys/of%20member",
        R"({"role":"member","models":null,"limits":null,"budget":null,"blocked":false,"user":null,"priority":null})");
  }
  for (auto field : key_fields()) EXPECT_TRUE(tried.contains(std::string(field))) << field << " is not in the matrix";
}

TEST_F(RightsTest, K3_ATeamAdminDoesNotChangeTheTeam) {
  EXPECT_EQ(ask(Role::kTeamAdmin, "PATCH", "/teams/shop", R"({"budget":{"usd":"1000"}})").fault, "forbidden");
  EXPECT_EQ(ask(Role::kTeamAdmin, "DELETE", "/teams/shop").fault, "forbidden");
  EXPECT_EQ(ask(Role::kTeamAdmin, "POST", "/teams", R"({"name":"mine"})").fault, "forbidden");
  EXPECT_TRUE(ask(Role::kTeamAdmin, "GET", "/teams/shop").ok());
}

// What is of other teams is not there.
TEST_F(RightsTest, K9_ATeamAdminSeesNothingOfOtherTeams) {
  for (const auto& [method, path] : {std::pair("GET", "/keys/foreign"),
                                     {"PATCH", "/keys/foreign"},
                                     {"DELETE", "/keys/foreign"},
                                     {"POST", "/keys/foreign/rotate"},
                                     {"POST", "/keys/foreign/block"},
                                     {"POST", "/keys/foreign/unblock"},
                                     {"GET", "/teams/other"}})
    EXPECT_EQ(ask(Role::kTeamAdmin, method, path, "{}").fault, "not_found") << method << path;
  auto id = (*directory_.find_key("foreign"))->id;
  EXPECT_EQ(ask(Role::kTeamAdmin, "GET", "/keys/" + id).fault, "not_found");
  for (std::string target : {"/keys?team=other", "/keys?limit=1000&team="}) {
    EXPECT_EQ(ask(Role::kTeamAdmin, "GET", target).fault, "forbidden") << target;
  }
  for (std::string target : {"/keys", "/teams"}) {
    auto list = ask(Role::kTeamAdmin, "GET", target);
    EXPECT_TRUE(list.ok());
    EXPECT_EQ(list.body.find("foreign"), std::string::npos) << target;
    EXPECT_EQ(list.body.find("other"), std::string::npos) << target;
  }
  ask(Role::kMaster, "POST", "/users", R"({"name":"adam","teams":["other"]})");
  EXPECT_EQ(ask(Role::kTeamAdmin, "GET", "/users/adam").fault, "not_found");
  EXPECT_EQ(ask(Role::kTeamAdmin, "GET", "/users").body.find("adam"), std::string::npos);
  EXPECT_TRUE(ask(Role::kTeamAdmin, "GET", "/users/eva").ok());
}

TEST_F(RightsTest, K3_ATeamAdminWithoutATeamMayNothing) {
  auto caller = this->caller(Role::kTeamAdmin);
  caller.team.clear();
  for (const auto& operation : operations()) {
    if (operation.area == Area::kDocument) continue;
    EXPECT_EQ(ask(caller, operation.method, operation.path, "{}").fault, "forbidden") << operation.path;
  }
}

// A key that is held short makes none that is held longer, whatever its role.
TEST_F(RightsTest, K3_AKeyGivesNoMoreThanItHasItself) {
  const std::string own =
      R"({"models":["fast","openai/gpt*"],"endpoints":["chat","embeddings"],"ip_ranges":["10.0.0.0/8"],)"
      R"("expires_at":"2199-01-01T00:00:00Z","limits":{"rpm":10},"budget":{"usd":"1","window":"day"}})";
  ASSERT_TRUE(ask(Role::kMaster, "PATCH", "/keys/of%20owner", own).ok());
  const auto fits = std::map<std::string, std::string>{
      {"models", R"(["fast"])"},           {"endpoints", R"(["chat"])"},
      {"ip_ranges", R"(["10.1.0.0/16"])"}, {"expires_at", R"("2198-01-01T00:00:00Z")"},
      {"limits", R"({"rpm":5})"},          {"budget", R"({"usd":"0.5","window":"day"})"}};
  auto body = [&](const std::string& name, const std::string& field, const std::string& value) {
    std::string text = R"({"name":")" + name + '"';
    for (const auto& [member, usual] : fits) text += ",\"" + member + "\":" + (member == field ? value : usual);
    return text + '}';
  };
  EXPECT_TRUE(ask(Role::kOwner, "POST", "/keys", body("fine", "", "")).ok());
  const std::pair<std::string, std::string> wider[] = {
      {"models", "[]"},
      {"models", R"(["openai/*"])"},
      {"models", "null"},
      {"endpoints", "[]"},
      {"endpoints", R"(["messages"])"},
      {"ip_ranges", "[]"},
      {"ip_ranges", R"(["10.0.0.0/7"])"},
      {"ip_ranges", R"(["11.0.0.0/8"])"},
      {"ip_ranges", R"(["::/0"])"},
      {"expires_at", "null"},
      {"expires_at", R"("2199-01-01T00:00:01Z")"},
      {"limits", "null"},
      {"limits", R"({"rpm":11})"},
      {"limits", R"({"tpm":5})"},
      {"budget", "null"},
      {"budget", R"({"usd":"1.01","window":"day"})"},
      {"budget", R"({"usd":"1","window":"month"})"},
  };
  for (const auto& [field, value] : wider) {
    auto answer = ask(Role::kOwner, "POST", "/keys", body("wide", field, value));
    EXPECT_EQ(answer.fault, "forbidden") << field << " " << value;
    EXPECT_TRUE(answer.field.starts_with(field)) << field << " " << value << " told " << answer.field;
  }
  // Nor does it get at the text of one.
  EXPECT_EQ(ask(Role::kOwner, "POST", "/keys/of%20admin/rotate").fault, "forbidden");
  EXPECT_EQ(ask(Role::kOwner, "POST", "/keys/of%20admin/unblock").fault, "forbidden");
  EXPECT_EQ(ask(Role::kOwner, "PATCH", "/keys/of%20owner", R"({"limits":null})").fault, "forbidden") << "nor its own";
}

// A key that is held short takes no bound off others, nor off itself, by way of users, teams and the organisation.
TEST_F(RightsTest, K3_NobodyGivesMoreByWayOfGroups) {
  ask(Role::kMaster, "POST", "/users", R"({"name":"ann","limits":{"rpm":20},"budget":{"usd":"2"}})");
  ask(Role::kMaster, "POST", "/teams",
      R"({"name":"wide","models":["fast"],"limits":{"rpm":20},"budget":{"usd":"2"},"aliases":{"a":"slow"}})");
  ask(Role::kMaster, "PATCH", "/organisation", R"({"limits":{"rpm":20},"budget":{"usd":"2"}})");
  ask(Role::kMaster, "POST", "/keys",
      R"({"name":"of admin 2","role":"admin","models":["fast"],"limits":{"rpm":10},"budget":{"usd":"1"}})");
  auto row = directory_.find_key("of admin 2");
  const Caller who{.id = (*row)->id, .name = (*row)->name, .role = Role::kAdmin};
  struct Case {
    const char* body;
    const char* refused;  // the field; empty: it is done
  };
  const Case cases[] = {
      {R"({"limits":{"rpm":21}})", "limits.rpm"},
      {R"({"limits":null})", "limits.rpm"},
      {R"({"budget":{"usd":"2.01"}})", "budget"},
      {R"({"budget":{"usd":"2","window":"day"}})", "budget"},
      {R"({"budget":{"usd":"2","hard":false}})", "budget"},
      {R"({"budget":null})", "budget"},
      {R"({"metadata":{"a":"b"}})", ""},
      {R"({"limits":{"rpm":15},"budget":{"usd":"1.5"}})", ""},  // less than it was
      {R"({"limits":{"rpm":16}})", "limits.rpm"},
      {R"({"limits":{"rpm":5},"budget":[{"usd":"1"},{"usd":"9","window":"day"}]})", ""},
      {R"({"limits":{"rpm":10}})", ""},
      {R"({"limits":{"rpm":11}})", "limits.rpm"},
  };
  for (std::string target : {"/users/ann", "/teams/wide", "/organisation"}) {
    for (const auto& one : cases) {
      auto answer = ask(who, "PATCH", target, one.body);
      EXPECT_EQ(answer.field, one.refused) << target << one.body;
      EXPECT_EQ(answer.fault, *one.refused ? "forbidden" : "") << target << one.body;
    }
  }
  const std::pair<const char*, const char*> of_teams[] = {{R"({"models":["fast","slow"]})", "models"},
                                                          {R"({"models":null})", "models"},
                                                          {R"({"aliases":{"a":"slow","b":"x"}})", "aliases"},
                                                          {R"({"aliases":{"a":"slow","b":"fast"}})", ""},
                                                          {R"({"weight":5})", ""}};
  for (const auto& [body, refused] : of_teams) EXPECT_EQ(ask(who, "PATCH", "/teams/wide", body).field, refused) << body;
  EXPECT_EQ(ask(who, "POST", "/users", R"({"name":"new","budget":{"usd":"100"}})").field, "budget");
  EXPECT_EQ(ask(who, "POST", "/teams", R"({"name":"new","models":["fast"],"limits":{"rpm":100}})").field, "limits.rpm");
  EXPECT_TRUE(ask(who, "POST", "/users", R"({"name":"new"})").ok()) << "without keys it has nothing";
  EXPECT_TRUE(ask(who, "PATCH", "/users/new", R"({"blocked":true})").ok());
  EXPECT_EQ(ask(who, "PATCH", "/users/new", R"({"blocked":false})").fault, "forbidden") << "it has no limits";
}

// An admin is held by the user and the team of the key; an owner, and who has no such bound, is not.
TEST_F(RightsTest, K3_NobodyRaisesTheirOwnUserOrTeam) {
  ask(Role::kMaster, "POST", "/users", R"({"name":"ann","role":"owner","budget":{"usd":"1"}})");
  for (std::string role : {"admin", "owner"}) {
    ask(Role::kMaster, "POST", "/keys", R"({"name":"ann )" + role + R"(","user":"ann","role":")" + role + R"("})");
    auto row = directory_.find_key("ann " + role);
    const Caller who{.id = (*row)->id, .name = (*row)->name, .role = *find_role(role)};
    const bool owner = role == "owner";
    EXPECT_EQ(ask(who, "PATCH", "/keys/ann%20" + role, R"({"user":null})").ok(), owner);
    ask(Role::kMaster, "PATCH", "/keys/ann%20" + role, R"({"user":"ann"})");
    EXPECT_EQ(ask(who, "POST", "/keys", R"({"name":"free )" + role + R"("})").ok(), owner);
    EXPECT_TRUE(ask(who, "POST", "/keys", R"({"name":"held )" + role + R"(","user":"ann"})").ok());
    EXPECT_EQ(ask(who, "PATCH", "/users/ann", R"({"role":"owner"})").ok(), owner);
    EXPECT_EQ(ask(who, "POST", "/keys", R"({"name":"first )" + role + R"(","user":"ann","priority":"high"})").ok(),
              owner);
  }
  ask(Role::kMaster, "PATCH", "/users/ann", R"({"role":"admin"})");
  auto row = directory_.find_key("ann admin");
  const Caller ann{.id = (*row)->id, .name = (*row)->name, .role = Role::kAdmin};
  EXPECT_EQ(ask(ann, "PATCH", "/users/ann", R"({"budget":{"usd":"1000000"}})").field, "budget");
  EXPECT_EQ(ask(ann, "PATCH", "/users/ann", R"({"budget":null})").field, "budget");
  // The admin of the fixture is of the team shop.
  EXPECT_EQ(ask(Role::kAdmin, "PATCH", "/teams/shop", R"({"limits":{"rpm":101}})").field, "limits.rpm");
  EXPECT_EQ(ask(Role::kAdmin, "PATCH", "/teams/shop", R"({"models":["fast","slow"]})").field, "models");
  EXPECT_EQ(ask(Role::kAdmin, "PATCH", "/teams/shop", R"({"weight":2})").field, "weight");
  EXPECT_TRUE(ask(Role::kOwner, "PATCH", "/teams/shop", R"({"limits":{"rpm":101},"weight":2})").ok());
  const Caller free{.name = "master", .role = Role::kMaster};
  EXPECT_TRUE(ask(free, "PATCH", "/users/ann", R"({"budget":null})").ok());
}

// What a key may do is what both it and its user may, and what is shown of it says so.
TEST_F(RightsTest, K3_AKeyMayNoMoreThanItsUser) {
  struct Case {
    const char *user, *key, *effective;
  };
  const Case cases[] = {{"viewer", "admin", "viewer"},         {"viewer", "viewer", "viewer"},
                        {"team_admin", "admin", "team_admin"}, {"admin", "viewer", "viewer"},
                        {"owner", "admin", "admin"},           {"admin", "owner", "admin"},
                        {"member", "owner", "member"},         {"viewer", "member", "member"},
                        {"viewer", "team_admin", "member"},    {"team_admin", "viewer", "member"}};
  int number = 0;
  for (const auto& one : cases) {
    const auto name = std::to_string(++number);
    ask(Role::kMaster, "POST", "/users", R"({"name":"u)" + name + R"(","role":")" + one.user + R"("})");
    auto made = ask(Role::kMaster, "POST", "/keys",
                    R"({"name":"k)" + name + R"(","user":"u)" + name + R"(","role":")" + one.key + R"("})");
    const auto shown = std::string(R"("role":")") + one.key + R"(","effective_role":")" + one.effective + '"';
    EXPECT_NE(made.body.find(shown), std::string::npos) << shown << made.body;
    EXPECT_NE(ask(Role::kMaster, "GET", "/keys/k" + name).body.find(shown), std::string::npos);
    EXPECT_NE(ask(Role::kMaster, "GET", "/keys?user=u" + name).body.find(shown), std::string::npos);
    const auto row = directory_.find_key("k" + name);
    EXPECT_EQ(sluice::name(roster_.role_of(**row)), one.effective);
  }
}

// The document's schemas by name: the fields of each, with those of the schemas it is made of.
std::map<std::string, std::set<std::string>> fields_of_schemas() {
  std::map<std::string, std::set<std::string>> fields, parts;
  json::Reader reader;
  auto cursor = reader.scan_copy(openapi());
  auto schema = [&](std::string_view name) {
    const std::string key(name);
    json::each_member(*cursor, [&](std::string_view detail) {
      if (detail == "properties")
        json::each_member(*cursor, [&](std::string_view field) { fields[key].insert(std::string(field)); });
      if (detail != "allOf") return;
      json::each_element(*cursor, [&](std::size_t) {
        json::each_member(*cursor, [&](std::string_view) {
          auto reference = json::plain(json::take_string(*cursor).value());
          parts[key].insert(reference.substr(reference.rfind('/') + 1));
        });
      });
    });
  };
  json::each_member(*cursor, [&](std::string_view member) {
    if (member != "components") return;
    json::each_member(*cursor, [&](std::string_view part) {
      if (part == "schemas") json::each_member(*cursor, schema);
    });
  });
  EXPECT_TRUE(cursor->finish());
  for (const auto& [name, of] : parts) {
    for (const auto& part : of) fields[name].insert(fields[part].begin(), fields[part].end());
  }
  return fields;
}

// What the document says of bodies is what is read: field for field.
TEST(OpenApi, NamesTheFieldsOfBodies) {
  auto schemas = fields_of_schemas();
  auto set = [](std::span<const std::string_view> names) { return std::set<std::string>(names.begin(), names.end()); };
  EXPECT_EQ(schemas["NewKey"], set(key_fields()));
  EXPECT_EQ(schemas["NewTeam"], set(team_fields()));
  EXPECT_EQ(schemas["NewUser"], set(user_fields()));
  for (const auto& [change, fields] :
       {std::pair("KeyChange", key_fields()), {"TeamChange", team_fields()}, {"UserChange", user_fields()}})
    EXPECT_EQ(schemas[change], set(fields.subspan(1))) << change;
  EXPECT_TRUE(std::ranges::includes(schemas["Key"], schemas["NewKey"]));
}

}  // namespace
}  // namespace sluice::admin
