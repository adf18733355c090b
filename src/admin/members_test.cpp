#include "admin/members.h"

#include <gtest/gtest.h>

namespace sluice::admin::members_test {
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

TEST(Members, RefusesHalfOfACharacter) {
  for (std::string text : {R"({"name":"a\ud83d"})", R"({"name":"\ude00"})", R"({"name":["x","\ud83d x"]})",
                           R"({"name":{"a":"\ud83d"}})", R"({"name":{"\ud83d":"a"}})"}) {
    auto read = Members::read(text, std::vector<std::string_view>{"name"});
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().told, "'name' is no text: it holds half of a surrogate pair.");
    EXPECT_EQ(read.error().param, "name");
  }
  EXPECT_EQ(*Members::read(R"({"name":"\ud83d\ude00\ufffd"})", std::vector<std::string_view>{"name"})->text("name"),
            "\U0001F600\uFFFD");
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

TEST(Members, ReadsListsAndPairs) {
  auto members = read(R"({"kind":["a","b\u0063"],"for":{"b":"2","a":""},"status":[],"share":[1]})");
  EXPECT_EQ(*members.lines("kind", 2, 10), (std::vector<std::string>{"a", "bc"}));
  EXPECT_EQ(*members.pairs("for", 2, 10), (Members::Pairs{{"a", ""}, {"b", "2"}}));
  EXPECT_TRUE(members.lines("status", 0, 0)->empty());
  EXPECT_EQ(members.lines("share", 2, 10).error().told, "'share' must be a list of strings.");
  EXPECT_EQ(members.lines("kind", 1, 10).error().told, "'kind' has more than 1 elements.");
  EXPECT_EQ(members.lines("kind", 2, 1).error().told, "'kind' is longer than 1 characters.");
  EXPECT_EQ(members.pairs("kind", 1, 10).error().param, "kind");
  EXPECT_EQ(members.pairs("for", 1, 10).error().told, "'for' has more than 1 members.");
  for (std::string_view pairs :
       {R"({"":"1"})", R"({"a=b":"1"})", R"({"a":"1","a":"2"})", R"({"a":1})", R"({"a":"\n"})"})
    EXPECT_FALSE(read(R"({"for":)" + std::string(pairs) + "}").pairs("for", 9, 99)) << pairs;
  for (std::string_view lines : {R"([""])", R"(["a\u0000"])", R"(["a\nb"])", R"("a")", "null"})
    EXPECT_FALSE(read(R"({"kind":)" + std::string(lines) + "}").lines("kind", 9, 99)) << lines;
}

TEST(Members, ReadsMoneyFromTextsAlone) {
  auto told = [](std::string_view value) {
    auto money = read(R"({"kind":)" + std::string(value) + "}").money("kind");
    return money ? to_text(*money) : money.error().told;
  };
  EXPECT_EQ(told(R"("12.50")"), "12.5");
  EXPECT_EQ(told(R"("0.000000001")"), "0.000000001");
  for (std::string_view value : {"12.5", "12", "1e3"})
    EXPECT_TRUE(told(value).starts_with("'kind' must be an amount as a string")) << value;
  for (std::string_view value : {R"("-1")", R"("1e3")", R"("")", R"("1000000001")", R"("0.0000000001")", "true"})
    EXPECT_TRUE(told(value).starts_with("'kind' ")) << value;
}

TEST(Members, ReadsObjectsAndNamesTheirMembers) {
  constexpr std::string_view kInner[] = {"usd"};
  auto members = read(R"({"kind":{"usd":5},"for":{"eur":"1"},"status":[]})");
  auto inner = members.object("kind", kInner);
  ASSERT_TRUE(inner);
  EXPECT_EQ(inner->money("usd").error().param, "kind.usd");
  EXPECT_EQ(members.object("for", kInner).error().param, "for.eur");
  EXPECT_EQ(members.object("status", kInner).error().param, "status");
  EXPECT_EQ(members.object("share", kInner).error().param, "share");
}

TEST(Members, ReadsFlagsAndTimes) {
  auto members = read(R"({"kind":true,"for":"2026-01-02T03:04:05Z","status":"true","share":"2026-01-02"})");
  EXPECT_TRUE(*members.flag("kind"));
  EXPECT_FALSE(members.flag("status"));
  EXPECT_EQ(*members.time("for"), 1'767'323'045'000'000);
  EXPECT_FALSE(members.time("share"));
}

}  // namespace
}  // namespace sluice::admin::members_test
