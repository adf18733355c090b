#include "dialect/anthropic/write_fixture_test.h"

namespace sluice::dialect::anthropic::testing::write_test {
namespace {

TEST(AnthropicWrite, WritesTheLeast) {
  Sent sent(asked({user("Hi")}));
  EXPECT_EQ(sent.result->body, R"({"model":"claude-sonnet-5","max_tokens":128000,"messages":[{"role":"user","content":)"
                               R"([{"type":"text","text":"Hi"}]}]})");
  EXPECT_EQ(sent.result->headers.get("anthropic-version"), "2023-06-01");
  EXPECT_TRUE(sent.lost().empty());
}

TEST(AnthropicWrite, SystemStandsBeforeAndInBetween) {
  const auto conversation = [] {
    return asked({turn(Role::kSystem, {text("a", CacheMark::kLong)}), turn(Role::kDeveloper, {text("b")}), user("Hi"),
                  turn(Role::kSystem, {text("c")}), user("go")});
  };
  Sent today(conversation());
  EXPECT_EQ(
      today.at("/system"),
      R"([{"cache_control":{"ttl":"1h","type":"ephemeral"},"text":"a","type":"text"},{"text":"b","type":"text"}])");
  EXPECT_EQ(today.at("/messages/1/role"), R"("system")");
  Sent older(conversation(), kMiddle);
  EXPECT_EQ(older.at("/messages/0/content/1/text"), R"("<system>\nc\n</system>")");
  EXPECT_EQ(older.at("/messages/0/content/2/text"), R"("go")");
  EXPECT_EQ(older.lost(), Names{"message.role"});
}

TEST(AnthropicWrite, ResultsStandFirstInOneMessageInTheOrderOfTheCalls) {
  chat::Request request = asked(
      {user("Hi"), turn(Role::kAssistant, {text(""), call("a"), call("b"), call("c")}),
       turn(Role::kTool, {result("c", {text("3")})}), turn(Role::kTool, {result("a", {text("1")})}),
       turn(Role::kTool,
            {result("b",
                    {{.kind = PartKind::kImage, .media = {.type = {"image/jpeg"}, .data = {"iVBORw0KGgoAAA"}}},
                     {.kind = PartKind::kImage, .media = {.form = chat::Media::Form::kUrl, .data = {"https://x"}}}})}),
       user("next")});
  request.tools = {tool("f")};
  Sent sent(std::move(request));
  ASSERT_TRUE(sent.result) << sent.result.error().told;
  EXPECT_EQ(sent.at("/messages/1/content/0/input"), R"({"n":12345678901234567890})");
  EXPECT_EQ(sent.at("/messages/2/content/0/tool_use_id"), R"("a")");
  EXPECT_EQ(sent.at("/messages/2/content/1/tool_use_id"), R"("b")");
  EXPECT_EQ(sent.at("/messages/2/content/1/content/0/source/media_type"), R"("image/png")");
  EXPECT_EQ(sent.at("/messages/2/content/1/content/1/source"), R"({"type":"url","url":"https://x"})");
  EXPECT_EQ(sent.at("/messages/2/content/2/tool_use_id"), R"("c")");
  EXPECT_EQ(sent.at("/messages/2/content/3/text"), R"("next")");
  EXPECT_FALSE(sent.has("/messages/3"));
}

TEST(AnthropicWrite, CallsAndResultsBelongTogether) {
  auto refused = [](std::vector<Turn> turns) {
    chat::Request request = asked(std::move(turns));
    request.tools = {tool("f")};
    return Sent(std::move(request)).refused();
  };
  EXPECT_EQ(refused({user("Hi"), turn(Role::kAssistant, {call("a")}), user("x")}), "messages");
  EXPECT_EQ(refused({user("Hi"), turn(Role::kTool, {result("a", {})})}), "messages");
  EXPECT_EQ(refused({user("Hi"), turn(Role::kAssistant, {call("a")}), turn(Role::kTool, {result("b", {})})}),
            "messages");
  EXPECT_EQ(refused({user("Hi"), turn(Role::kAssistant, {call("a")}), turn(Role::kSystem, {text("s")}),
                     turn(Role::kTool, {result("a", {})})}),
            "");
}

TEST(AnthropicWrite, DropsEmptyTextsAndTrimsTheLast) {
  Sent sent(asked({user("Hi"), turn(Role::kAssistant, {text(""), text(R"( \n)")}), user("more"),
                   turn(Role::kAssistant, {text(R"(So\\n \n\t )")})}),
            kMiddle);
  EXPECT_EQ(sent.at("/messages/0/content/1/text"), R"("more")");
  EXPECT_EQ(sent.at("/messages/1/content/0/text"), R"("So\\n")");
  EXPECT_EQ(Sent(asked({user("Hi"), turn(Role::kAssistant, {text("So")})})).refused(), "messages");
  EXPECT_EQ(Sent(asked({turn(Role::kSystem, {text("s")})})).refused(), "messages");
  EXPECT_EQ(Sent(asked({turn(Role::kAssistant, {text("s")}), user("x")})).refused(), "messages");
}

TEST(AnthropicWrite, GivesItsOwnThinkingBackAndLeavesOutOthers) {
  auto reasoning = [](chat::State::Kind kind, std::string_view data, std::string_view said) {
    return Part{.kind = PartKind::kReasoning, .text = {said}, .state = {.kind = kind, .data = {data}, .origin = {}}};
  };
  using Kind = chat::State::Kind;
  chat::Request request =
      asked({user("Hi"),
             turn(Role::kAssistant,
                  {reasoning(Kind::kSignature, "c2ln", R"(a\u00e9)"), reasoning(Kind::kRedacted, "ZGF0", ""),
                   reasoning(Kind::kEncrypted, "x", "y"), reasoning(Kind::kPlain, "", "z"), call("a")}),
             turn(Role::kTool, {result("a", {text("1")})})});
  request.tools = {tool("f")};
  Sent sent(std::move(request));
  EXPECT_TRUE(sent.result->body.contains(
      R"([{"type":"thinking","thinking":"a\u00e9","signature":"c2ln"},{"type":"redacted_thinking","data":"ZGF0"},{"type":"tool_use")"));
  EXPECT_TRUE(sent.lost().empty());
}

TEST(AnthropicWrite, Documents) {
  auto document = [](chat::Media media) {
    return asked({turn(Role::kUser, {{.kind = PartKind::kDocument, .media = media}})});
  };
  using Form = chat::Media::Form;
  Sent pdf(document({.type = {"application/pdf"}, .data = {"JVBERi0x"}, .name = {"a.pdf"}}));
  EXPECT_EQ(
      pdf.at("/messages/0/content/0"),
      R"({"source":{"data":"JVBERi0x","media_type":"application/pdf","type":"base64"},"title":"a.pdf","type":"document"})");
  Sent plain(document({.form = Form::kInline, .type = {"text/csv"}, .data = {"YSwiYiI="}}));
  EXPECT_EQ(plain.at("/messages/0/content/0/source"), R"({"data":"a,\"b\"","media_type":"text/plain","type":"text"})");
  EXPECT_EQ(Sent(document({.form = Form::kFile, .data = {"file-1"}})).refused(), "messages");
  EXPECT_EQ(Sent(document({.type = {"application/zip"}, .data = {"UEs="}})).refused(), "messages");
  EXPECT_EQ(Sent(asked({turn(Role::kUser, {{.kind = PartKind::kAudio}})})).refused(), "messages");
}

TEST(AnthropicWrite, Tools) {
  chat::Request request = asked({user("Hi")});
  request.tools = {tool("a"),
                   tool("b", R"({"properties":{}})"),
                   tool("c", R"({"type":"object"})"),
                   {.kind = chat::ToolKind::kCustom, .name = {"d"}, .description = {}}};
  request.tools[2].strict = true;
  request.parallel_calls = false;
  Sent sent(std::move(request));
  EXPECT_EQ(sent.at("/tools/0"), R"({"input_schema":{"properties":{},"type":"object"},"name":"a"})");
  EXPECT_EQ(sent.at("/tools/1/input_schema"), R"({"properties":{},"type":"object"})");
  EXPECT_EQ(sent.at("/tools/2/strict"), "true");
  EXPECT_EQ(sent.at("/tools/3/input_schema/required"), R"(["input"])");
  EXPECT_EQ(sent.at("/tool_choice"), R"({"disable_parallel_tool_use":true,"type":"auto"})");
  EXPECT_EQ(sent.lost(), Names{"tool.format"});
}

TEST(AnthropicWrite, ToolChoice) {
  using Mode = chat::ToolChoice::Mode;
  auto choose = [](Mode mode, std::vector<json::Escaped> names = {}, bool required = false) {
    chat::Request request = asked({user("Hi")});
    request.tools = {tool("a"), tool("b")};
    request.give(Field::kToolChoice, "tool_choice");
    request.tool_choice = {.mode = mode, .names = std::move(names), .subset_required = required};
    return request;
  };
  EXPECT_EQ(Sent(choose(Mode::kAuto)).at("/tool_choice"), R"({"type":"auto"})");
  EXPECT_EQ(Sent(choose(Mode::kAny)).at("/tool_choice"), R"({"type":"any"})");
  EXPECT_EQ(Sent(choose(Mode::kNone)).at("/tool_choice"), R"({"type":"none"})");
  EXPECT_EQ(Sent(choose(Mode::kNamed, {{"b"}})).at("/tool_choice"), R"({"name":"b","type":"tool"})");
  Sent subset(choose(Mode::kSubset, {{"b"}}, true));
  EXPECT_EQ(subset.at("/tools/0/name"), R"("b")");
  EXPECT_FALSE(subset.has("/tools/1"));
  EXPECT_EQ(subset.at("/tool_choice"), R"({"type":"any"})");
  EXPECT_EQ(Sent(choose(Mode::kAny), "claude-opus-5-5").refused(), "tool_choice");
  chat::Request thinking = choose(Mode::kAny);
  thinking.reasoning.effort = chat::Effort::kLow;
  EXPECT_EQ(Sent(std::move(thinking), kMiddle).refused(), "tool_choice");
}

TEST(AnthropicWrite, DeclaresToolsThatWereCalledWhereNoneAreGiven) {
  Sent sent(
      asked({user("Hi"), turn(Role::kAssistant, {call("a", "g")}), turn(Role::kTool, {result("a", {text("1")})})}));
  EXPECT_EQ(sent.at("/tools"), R"([{"input_schema":{"type":"object"},"name":"g"}])");
  EXPECT_EQ(sent.at("/tool_choice"), R"({"type":"none"})");
}

TEST(AnthropicWrite, FitsNamesAndIds) {
  const std::string name(70, 'x');
  chat::Request request =
      asked({user("Hi"), turn(Role::kAssistant, {call("call:1", name)}), turn(Role::kTool, {result("call:1", {})})});
  request.tools = {tool(name)};
  const auto make = [&](std::string_view model) {
    chat::Request again = asked(request.turns);
    again.tools = request.tools;
    return Sent(std::move(again), model);
  };
  Sent today = make(kToday);
  EXPECT_EQ(today.at("/tools/0/name"), "\"" + name + "\"");
  EXPECT_EQ(today.at("/messages/1/content/0/id"), today.at("/messages/2/content/0/tool_use_id"));
  EXPECT_FALSE(today.at("/messages/1/content/0/id").contains(":"));
  Sent older = make(kMiddle);
  EXPECT_NE(older.at("/tools/0/name"), "\"" + name + "\"");
  EXPECT_EQ(older.result->renamed.size(), 1u);
}

TEST(AnthropicWrite, Limits) {
  auto limited = [](std::string_view limit, std::string_view model, std::uint64_t known = 0) {
    chat::Request request = asked({user("Hi")});
    if (!limit.empty()) request.give(Field::kMaxTokens, "max_completion_tokens", limit);
    return Sent(std::move(request), model, {.max_output = known});
  };
  EXPECT_EQ(limited("7", kToday).at("/max_tokens"), "7");
  EXPECT_EQ(limited("", "claude-opus-4-1").at("/max_tokens"), "32000");
  EXPECT_EQ(limited("", "us.anthropic.claude-sonnet-4-5-20250929-v1:0").at("/max_tokens"), "64000");
  EXPECT_EQ(limited("", "some-other").at("/max_tokens"), "32000");
  EXPECT_EQ(limited("", "some-other", 5000).at("/max_tokens"), "5000");
  EXPECT_EQ(limited("900000", "some-other").at("/max_tokens"), "900000");
  Sent clamped = limited("900000", kToday);
  EXPECT_EQ(clamped.at("/max_tokens"), "128000");
  EXPECT_EQ(clamped.lost(), Names{"max_completion_tokens"});
}

}  // namespace
}  // namespace sluice::dialect::anthropic::testing::write_test
