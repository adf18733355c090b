#include "admin/rows.h"

#include <gtest/gtest.h>

namespace sluice::admin::rows_test {
namespace {

// The field that is refused; empty: none is.
template <class Row>
std::string refused(std::span<const std::string_view> fields, std::string_view body) {
  auto members = Members::read(body, fields);
  EXPECT_TRUE(members) << body;
  Row row;
  const auto taken = members ? read(*members, row) : Status();
  return taken ? std::string() : taken.error().param;
}

std::string of_key(std::string_view body) {
  return refused<store::KeyRow>(key_fields(), body);
}
std::string of_team(std::string_view body) {
  return refused<store::TeamRow>(team_fields(), body);
}
std::string of_user(std::string_view body) {
  return refused<store::UserRow>(user_fields(), body);
}

std::string tags_of(int count) {
  std::string tags;
  for (int i = 0; i < count; ++i) tags += (i > 0 ? ",\"t" : "\"t") + std::to_string(i) + "\":\"x\"";
  return R"({"tags":{)" + tags + "}}";
}

// A key's tags are tags of requests: what no caller may send no key brings.
TEST(Rows, TagsAreThoseThatCallersMaySend) {
  EXPECT_EQ(of_key(R"({"tags":{"a.b/c:d_e-1":"any text, with = and spaces"}})"), "");
  EXPECT_EQ(of_key(R"({"tags":{"bad name":"x"}})"), "tags");
  EXPECT_EQ(of_key(R"({"tags":{")" + std::string(65, 'n') + R"(":"x"}})"), "tags");
  EXPECT_EQ(of_key(R"({"tags":{"long":")" + std::string(256, 'y') + R"("}})"), "");
  EXPECT_EQ(of_key(R"({"tags":{"long":")" + std::string(257, 'y') + R"("}})"), "tags");
  EXPECT_EQ(of_key(tags_of(12)), "");
  EXPECT_EQ(of_key(tags_of(13)), "tags");
  EXPECT_EQ(of_team(tags_of(13)), "tags");
  EXPECT_EQ(of_team(R"({"tags":null})"), "");
}

TEST(Rows, NoKeyIsCalledAsTheMasterKeyOrAnId) {
  EXPECT_EQ(of_key(R"({"name":"master"})"), "name");
  EXPECT_EQ(of_key(R"({"name":"key_1"})"), "name");
  EXPECT_EQ(of_key(R"({"name":"masters"})"), "");
  EXPECT_EQ(of_team(R"({"name":"master"})"), "");
}

TEST(Rows, AnAddressIsOne) {
  for (std::string_view good : {"ann@example.com", "ann.o+x@mail.example.co.uk", "root@localhost"})
    EXPECT_EQ(of_user(R"({"email":")" + std::string(good) + R"("})"), "") << good;
  for (std::string_view bad : {"not an email", "ann", "@example.com", "ann@", "ann@a@b", "ann@.com", "ann@com.",
                               "ann@a..b", "a,b@example.com", "ann@exa mple.com", "<ann@example.com>"})
    EXPECT_EQ(of_user(R"({"email":")" + std::string(bad) + R"("})"), "email") << bad;
  EXPECT_EQ(of_user(R"({"email":null})"), "");
}

TEST(Rows, AnAliasLeadsSomewhereElse) {
  EXPECT_EQ(of_team(R"({"aliases":{"a":"b"}})"), "");
  EXPECT_EQ(of_team(R"({"aliases":{"a":"a"}})"), "aliases");
  EXPECT_EQ(of_team(R"({"aliases":{"a":""}})"), "aliases");
  EXPECT_EQ(of_team(R"({"aliases":{"":"b"}})"), "aliases");
}

TEST(Rows, ABudgetsZoneIsOneOfTheSystem) {
  EXPECT_EQ(of_key(R"({"budget":{"usd":"1","window":"day","zone":"UTC"}})"), "");
  EXPECT_EQ(of_key(R"({"budget":{"usd":"1","window":"day","zone":"Mars/Phobos"}})"), "budget.zone");
  EXPECT_EQ(of_user(R"({"budget":[{"usd":"1"},{"usd":"1","window":"day","zone":"../etc/passwd"}]})"), "budget.zone");
  EXPECT_EQ(of_team(R"({"budget":{"usd":"1","hard":false,"strict":true}})"), "budget.strict");
}

TEST(Rows, LengthsAreCountedInCharacters) {
  std::string name;
  for (int i = 0; i < 100; ++i) name += "é";
  EXPECT_EQ(of_key(R"({"name":")" + name + R"("})"), "");
  EXPECT_EQ(of_key(R"({"name":")" + name + R"(x"})"), "name");
  EXPECT_EQ(of_key(R"({"limits":{"rpm":10.0}})"), "") << "a whole number, however it is written";
  EXPECT_EQ(of_key(R"({"limits":{"rpm":10.5}})"), "limits.rpm");
}

}  // namespace
}  // namespace sluice::admin::rows_test
