#include "admin/members.h"

#include <gtest/gtest.h>

namespace sluice::admin {
namespace {

constexpr std::string_view kKnown[] = {"kind", "for", "status", "share"};

std::string problem(std::string_view body) {
  auto members = Members::read(body, kKnown);
  return members ? "" : members.error().param + ": " + members.error().told;
}

Members read(std::string_view body) {
  auto members = Members::read(body, kKnown);
  EXPECT_TRUE(members) << body;
  return members ? std::move(*members) : Members();
}

TEST(Members, RefusesWhatIsNoFlatObjectOfKnownMembers) {
  for (std::string_view body : {"", "[]", "1", "{", R"({"kind":1}x)", R"({"kind":tru})"})
    EXPECT_TRUE(problem(body).starts_with(": The body is not a JSON object")) << body << problem(body);
  EXPECT_EQ(problem(R"({"kind":"a","kinds":1})"),
            "kinds: There is no field 'kinds' here; known are kind, for, status, share. Did you mean 'kind'?");
  EXPECT_EQ(problem(R"({"kind":"a","kind":"b"})"), "kind: 'kind' is given twice.");
  EXPECT_EQ(problem(R"({"kind":{"deep":[1,2]}})"), "");
}

TEST(Members, ReadsTextsAndWords) {
  constexpr std::string_view kWords[] = {"open", "closed"};
  auto members = read(R"({"kind":"op\u0065n","status":5})");
  EXPECT_EQ(*members.text("kind"), "open");
  EXPECT_EQ(*members.word("kind", kWords), "open");
  EXPECT_EQ(members.text("status").error().told, "'status' must be a string.");
  EXPECT_EQ(members.text("for").error().told, "'for' is missing.");
  EXPECT_EQ(read(R"({"kind":"opne"})").word("kind", kWords).error().told,
            "'kind' must be one of open, closed; found 'opne'. Did you mean 'open'?");
}

TEST(Members, ReadsNumbersAndDurationsWithinTheirLimits) {
  auto members = read(R"({"for":"90s","status":500,"share":0.25})");
  EXPECT_EQ(*members.duration("for", Ms(1), Ms(3'600'000)), Ms(90'000));
  EXPECT_EQ(*members.number("status", 1, 400, 599), 500);
  EXPECT_EQ(*members.permille("share", 1000), 250U);
  EXPECT_EQ(*read("{}").number("status", 7, 400, 599), 7);
  EXPECT_EQ(*read("{}").permille("share", 1000), 1000U);
  for (std::string_view wrong : {R"({"for":"2h"})", R"({"for":"0s"})", R"({"for":5})", R"({"for":"soon"})"})
    EXPECT_FALSE(read(wrong).duration("for", Ms(1), Ms(3'600'000))) << wrong;
  for (std::string_view wrong : {R"({"status":399})", R"({"status":5e2})", R"({"status":"500"})"})
    EXPECT_FALSE(read(wrong).number("status", 1, 400, 599)) << wrong;
  for (std::string_view wrong : {R"({"share":0})", R"({"share":1.5})", R"({"share":"1"})", R"({"share":-1})"})
    EXPECT_FALSE(read(wrong).permille("share", 1)) << wrong;
}

}  // namespace
}  // namespace sluice::admin
