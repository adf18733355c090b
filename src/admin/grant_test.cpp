// Nobody gives more than they have: keys, users, teams and the organisation.
#include "admin/grant.h"

#include <map>

#include "admin/rights_fixture_test.h"

namespace sluice::admin::grant_test {
namespace {

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
  EXPECT_TRUE(ask(Role::kOwner, "POST", "/keys", body("mapped", "ip_ranges", R"(["::ffff:10.1.0.0/112"])")).ok());
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
      {"ip_ranges", R"(["::ffff:11.0.0.0/104"])"},
      {"expires_at", "null"},
      {"expires_at", R"("2199-01-01T00:00:01Z")"},
      {"limits", "null"},
      {"limits", R"({"rpm":11})"},
      {"limits", R"({"tpm":5})"},
      {"budget", "null"},
      {"budget", R"({"usd":"1.01","window":"day"})"},
      {"budget", R"({"usd":"1","window":"month"})"},
      {"budget", R"({"usd":"1","window":"day","hard":false})"},
      {"budget", R"({"usd":"1","window":"day","unpriced":"estimate_high"})"},
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
  EXPECT_EQ(ask(who, "POST", "/users", R"({"name":"new","limits":{"rpm":5},"budget":{"usd":"100"}})").field, "budget");
  EXPECT_EQ(ask(who, "POST", "/teams", R"({"name":"new","models":["fast"],"limits":{"rpm":100}})").field, "limits.rpm");
  ask(Role::kMaster, "POST", "/users", R"({"name":"new"})");
  EXPECT_TRUE(ask(who, "PATCH", "/users/new", R"({"blocked":true})").ok());
  EXPECT_EQ(ask(who, "PATCH", "/users/new", R"({"blocked":false})").fault, "forbidden") << "it has no limits";
}

// A word for what has no price is as much a part of a budget as its amount; where none is said the configuration's
// counts.
TEST_F(RightsTest, K3_NobodyGivesALooserWordForWhatHasNoPrice) {
  struct Case {
    const char *usual, *own, *given;
    bool fine;
  };
  const Case cases[] = {{"block", "block", "allow_and_alert", false},
                        {"block", "block", "estimate_high", false},
                        {"block", "estimate_high", "allow_and_alert", false},
                        {"block", "allow_and_alert", "block", true},
                        {"block", "estimate_high", "estimate_high", true},
                        {"block", "block", "", true},
                        {"block", "", "block", true},
                        {"block", "", "allow_and_alert", false},
                        {"allow_and_alert", "", "allow_and_alert", true},
                        {"allow_and_alert", "block", "", false}};
  auto budget = [](std::string_view word) {
    const auto said = word.empty() ? std::string() : R"(,"unpriced":")" + std::string(word) + '"';
    return R"("budget":{"usd":"10")" + said + '}';
  };
  int number = 0;
  for (const auto& one : cases) {
    Roster::File file{.master_key = Secret("sk-master"), .keys = {}, .teams = {}, .users = {}};
    file.usual_unpriced = *quota::find_unpriced(one.usual);
    ASSERT_TRUE(roster_.use_file(std::move(file)));
    const auto name = std::to_string(++number);
    ask(Role::kMaster, "POST", "/keys", R"({"name":"a)" + name + R"(","role":"admin",)" + budget(one.own) + '}');
    const auto row = directory_.find_key("a" + name);
    const Caller who{.id = (*row)->id, .name = (*row)->name, .role = Role::kAdmin};
    const auto told = name + ": " + one.own + " gives " + one.given;
    EXPECT_EQ(ask(who, "POST", "/keys", R"({"name":"k)" + name + "\"," + budget(one.given) + '}').ok(), one.fine)
        << told;
    EXPECT_EQ(ask(who, "POST", "/users", R"({"name":"u)" + name + "\"," + budget(one.given) + '}').ok(), one.fine)
        << told;
    for (std::string target : {"/teams/shop", "/organisation"}) {
      ask(Role::kMaster, "PATCH", target, R"({"limits":null,)" + budget(one.own) + '}');
      EXPECT_EQ(ask(who, "PATCH", target, '{' + budget(one.given) + '}').ok(), one.fine) << target << told;
    }
  }
}

// What is made anew is given whole, and what is added to what stays is less.
TEST_F(RightsTest, K3_NothingIsLoosenedByMakingItAnew) {
  ask(Role::kMaster, "POST", "/keys",
      R"({"name":"held","role":"admin","limits":{"rpm":100},"budget":{"usd":"10","window":"month"}})");
  auto row = directory_.find_key("held");
  const Caller who{.id = (*row)->id, .name = (*row)->name, .role = Role::kAdmin};
  for (std::string of : {"/teams", "/users"}) {
    const std::string one = of + "/x";
    auto body = [](const std::string& rest) { return R"({"name":"x")" + rest + '}'; };
    const std::string within = R"(,"limits":{"rpm":50},"budget":{"usd":"5","window":"month"})";
    ASSERT_TRUE(ask(who, "POST", of, body(within)).ok());
    EXPECT_EQ(ask(who, "PATCH", one, R"({"budget":null})").field, "budget");
    ASSERT_TRUE(ask(who, "DELETE", one).ok());
    EXPECT_EQ(ask(who, "POST", of, body(R"(,"limits":{"rpm":50})")).field, "budget");
    EXPECT_EQ(ask(who, "POST", of, body(R"(,"budget":{"usd":"5","window":"month"})")).field, "limits.rpm");
    const auto day = ask(who, "POST", of, body(R"(,"limits":{"rpm":50},"budget":{"usd":"1","window":"day"})"));
    EXPECT_EQ(day.field, "budget");
    EXPECT_NE(day.why.find("(month) with at most 10 USD, 'hard': true, and 'unpriced' block"), std::string::npos)
        << day.why;
    // One without bounds that another made: whatever bounds it is less than before.
    ASSERT_TRUE(ask(Role::kMaster, "POST", of, body("")).ok());
    EXPECT_TRUE(ask(who, "PATCH", one, R"({"metadata":{"a":"b"}})").ok());
    EXPECT_TRUE(ask(who, "PATCH", one, R"({"budget":{"usd":"1","window":"day"},"limits":{"rpm":500}})").ok());
    EXPECT_EQ(ask(who, "PATCH", one, R"({"budget":{"usd":"1.1","window":"day"}})").field, "budget");
    EXPECT_EQ(ask(who, "PATCH", one, R"({"limits":{"rpm":501}})").field, "limits.rpm");
    EXPECT_TRUE(ask(who, "PATCH", one,
                    R"({"budget":[{"usd":"1","window":"day"},{"usd":"99","window":"month"}],"limits":{"rpm":100}})")
                    .ok());
    EXPECT_EQ(ask(who, "PATCH", one, R"({"budget":{"usd":"99","window":"month"}})").field, "budget");
    EXPECT_TRUE(ask(who, "PATCH", one, R"({"budget":{"usd":"10","window":"month"}})").ok()) << "as much as they have";
  }
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

}  // namespace
}  // namespace sluice::admin::grant_test
