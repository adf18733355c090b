#include "chat/ids.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace sluice::chat::ids_test {
namespace {

constexpr Alphabet kNames{.longest = 64, .beside_alphanumeric = "_-", .starts_with_letter = true};
constexpr Alphabet kShort{.longest = 9, .exactly = 9};

TEST(Fits, KnowsLengthsAndCharacters) {
  EXPECT_TRUE(fits("get_weather-2", kNames));
  EXPECT_TRUE(fits("_a", kNames));
  EXPECT_TRUE(fits(std::string(64, 'a'), kNames));
  EXPECT_TRUE(fits("abc123XYZ", kShort));
  for (std::string_view text : {"", "2a", "-a", "a.b", "a b", "\xc3\xa9"}) EXPECT_FALSE(fits(text, kNames)) << text;
  EXPECT_FALSE(fits(std::string(65, 'a'), kNames));
  EXPECT_FALSE(fits("abc123XY", kShort));
  EXPECT_FALSE(fits("abc_23XYZ", kShort));
}

TEST(Fitted, GivesTheSameForTheSameAndOthersForOthers) {
  Texts texts;
  EXPECT_EQ(fitted({"plain"}, kNames, texts).raw, "plain");
  std::vector<std::string> made;
  for (std::string_view text : {"a.b", "a:b", "a b", "2", "...", R"(a\u002eb2)", "get.weather"}) {
    const auto fitting = fitted({text}, kNames, texts);
    EXPECT_TRUE(fits(fitting.raw, kNames)) << fitting.raw;
    EXPECT_EQ(fitting, fitted({text}, kNames, texts));
    EXPECT_EQ(std::ranges::find(made, fitting.raw), made.end()) << fitting.raw;
    made.emplace_back(fitting.raw);
  }
  const auto longer = fitted({texts.keep(std::string(300, 'x'))}, kNames, texts);
  EXPECT_TRUE(fits(longer.raw, kNames));
  EXPECT_NE(longer, fitted({texts.keep(std::string(301, 'x'))}, kNames, texts));
  EXPECT_TRUE(fits(fitted({"call_1"}, kShort, texts).raw, kShort));
}

TEST(Fitted, IsAboutTheTextNotItsSpelling) {
  Texts texts;
  EXPECT_EQ(fitted({R"(a\u002eb)"}, kNames, texts), fitted({"a.b"}, kNames, texts));
}

TEST(FitNames, RenamesEverywhereAndRemembers) {
  Request request;
  request.tools.push_back({.kind = ToolKind::kFunction, .name = {"get.weather"}});
  request.tools.push_back({.kind = ToolKind::kServer, .name = {"web.search"}});
  request.tool_choice = {.mode = ToolChoice::Mode::kNamed, .names = {{"get.weather"}}};
  Part call;
  call.kind = PartKind::kCall;
  call.name = {"get.weather"};
  call.id = {"toolu_1"};
  Part result = call;
  result.kind = PartKind::kResult;
  Part said;
  said.text = {"get.weather"};
  request.turns.push_back({.role = Role::kAssistant, .parts = {said, call, result}});
  const Renamed renamed = fit_names(request, kNames, kShort);
  ASSERT_EQ(renamed.size(), 1u);
  EXPECT_EQ(renamed[0].second, "get.weather");
  const auto& parts = request.turns[0].parts;
  EXPECT_EQ(request.tools[0].name.raw, renamed[0].first);
  EXPECT_EQ(request.tools[1].name.raw, "web.search");
  EXPECT_EQ(request.tool_choice.names[0].raw, renamed[0].first);
  EXPECT_EQ(parts[0].text.raw, "get.weather");
  EXPECT_EQ(parts[1].name.raw, renamed[0].first);
  EXPECT_EQ(parts[1].id, parts[2].id);
  EXPECT_TRUE(fits(parts[1].id.raw, kShort));
}

TEST(FitNames, GivesCallsIdsOfTheirOwn) {
  Request request;
  const auto part = [](PartKind kind, std::string_view id) {
    Part made;
    made.kind = kind;
    made.id = {id};
    return made;
  };
  using enum PartKind;
  request.turns.push_back({.role = Role::kAssistant, .parts = {part(kCall, "a")}});
  request.turns.push_back({.role = Role::kTool, .parts = {part(kResult, "a"), part(kResult, "x")}});
  request.turns.push_back({.role = Role::kAssistant, .parts = {part(kCall, "a"), part(kCall, "a"), part(kCall, "b")}});
  request.turns.push_back({.role = Role::kTool, .parts = {part(kResult, "a"), part(kResult, "a"), part(kResult, "a")}});
  fit_names(request, kNames, kNames);
  std::string ids;
  for (const Turn& turn : request.turns) {
    for (const Part& one : turn.parts) ids += std::string(one.id.raw) + " ";
  }
  EXPECT_EQ(ids, "a a x a_2 a_3 b a_2 a_3 a_3 ");
}

}  // namespace
}  // namespace sluice::chat::ids_test
