// Every role at every operation and field: what is allowed is what the table says.
#include "admin/rights.h"

#include "admin/rights_fixture_test.h"

namespace sluice::admin::rights_test {
namespace {

constexpr Role kRoles[] = {Role::kMember, Role::kTeamAdmin, Role::kViewer, Role::kAdmin, Role::kOwner, Role::kMaster};

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
  const std::string within = R"("limits":{"rpm":100},"budget":{"usd":"10","window":"day"})";  // what the team has
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
      auto user =
          ask(granter, "POST", "/users", R"({"name":")" + fresh + R"(","role":")" + role + R"(",)" + within + '}');
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

TEST_F(RightsTest, AGraceOfNoneEndsTheOldTextAtOnce) {
  for (std::string grace : {"0", "0s", "0ms"}) {
    EXPECT_TRUE(ask(Role::kMaster, "POST", "/keys/foreign/rotate", R"({"grace":"1h"})").ok());
    auto rotated = ask(Role::kMaster, "POST", "/keys/foreign/rotate", R"({"grace":")" + grace + R"("})");
    EXPECT_NE(rotated.body.find(R"("old_key_until":null)"), std::string::npos) << grace << rotated.why;
  }
  EXPECT_FALSE(ask(Role::kMaster, "POST", "/keys/foreign/rotate", R"({"grace":""})").ok());
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

// Keys of a user spend what the user may, so who may not see a user makes none of theirs, and is not told of them.
TEST_F(RightsTest, K9_AUserOfNoTeamOrAnotherIsNoneForATeamAdmin) {
  ask(Role::kMaster, "POST", "/users", R"({"name":"adam","teams":["other"]})");
  ask(Role::kMaster, "POST", "/users", R"({"name":"boss","role":"owner"})");
  const std::string none = told(Role::kTeamAdmin, "POST", "/keys", R"({"name":"x","user":"USER"})");
  EXPECT_EQ(none, "invalid_request user There is no user 'USER'.");
  for (std::string user : {"adam", "boss"}) {
    const auto expected = "invalid_request user There is no user '" + user + "'.";
    EXPECT_EQ(told(Role::kTeamAdmin, "POST", "/keys", R"({"name":"x","user":")" + user + R"("})"), expected);
    EXPECT_EQ(told(Role::kTeamAdmin, "PATCH", "/keys/of%20member", R"({"user":")" + user + R"("})"), expected);
  }
  for (auto role : {Role::kAdmin, Role::kOwner, Role::kMaster}) {
    const auto key = R"({"name":"of boss by )" + std::string(name(role)) + R"(","team":"shop","user":"boss"})";
    EXPECT_TRUE(ask(role, "POST", "/keys", key).ok()) << name(role);
  }
  // What somebody else said stays as it is, whatever else of the key is changed.
  EXPECT_TRUE(ask(Role::kTeamAdmin, "PATCH", "/keys/of%20boss%20by%20master", R"({"tags":{"a":"b"}})").ok());
  EXPECT_TRUE(ask(Role::kTeamAdmin, "PATCH", "/keys/of%20boss%20by%20master", R"({"user":"boss"})").ok());
  EXPECT_TRUE(ask(Role::kTeamAdmin, "PATCH", "/keys/of%20boss%20by%20master", R"({"user":"eva"})").ok());
  EXPECT_FALSE(ask(Role::kTeamAdmin, "PATCH", "/keys/of%20boss%20by%20master", R"({"user":"boss"})").ok());
  // The user they are is known to them.
  ask(Role::kMaster, "POST", "/users", R"({"name":"tom","role":"team_admin"})");
  ask(Role::kMaster, "PATCH", "/keys/of%20team_admin", R"({"user":"tom"})");
  EXPECT_TRUE(ask(Role::kTeamAdmin, "POST", "/keys", R"({"name":"of tom","user":"tom"})").ok());
}

TEST_F(RightsTest, K3_ATeamAdminWithoutATeamMayNothing) {
  auto caller = this->caller(Role::kTeamAdmin);
  caller.team.clear();
  for (const auto& operation : operations()) {
    if (operation.area == Area::kDocument) continue;
    EXPECT_EQ(ask(caller, operation.method, operation.path, "{}").fault, "forbidden") << operation.path;
  }
}

}  // namespace
}  // namespace sluice::admin::rights_test
