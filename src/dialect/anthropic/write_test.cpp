#include <gtest/gtest.h>

#include "dialect/anthropic/fixture_test.h"
#include "dialect/anthropic/model.h"

namespace sluice::dialect::anthropic::testing {
namespace {

using chat::CacheMark;
using chat::Field;
using chat::Part;
using chat::PartKind;
using chat::Role;
using chat::Turn;

// A request as a reader of another dialect makes it.
chat::Request asked(std::vector<Turn> turns) {
  chat::Request request;
  request.turns = std::move(turns);
  request.give(Field::kMessages, "messages");
  return request;
}
Part text(std::string_view raw, CacheMark cache = CacheMark::kNone) {
  return {.kind = PartKind::kText, .text = {raw}, .cache = cache};
}
Turn turn(Role role, std::vector<Part> parts) {
  return {.role = role, .parts = std::move(parts), .name = {}};
}
Turn user(std::string_view raw) {
  return turn(Role::kUser, {text(raw)});
}
Part call(std::string_view id, std::string_view name = "f") {
  return {.kind = PartKind::kCall, .id = {id}, .name = {name}, .arguments = R"({"n":12345678901234567890})"};
}
Part result(std::string_view id, std::vector<Part> content) {
  return {.kind = PartKind::kResult, .id = {id}, .content = std::move(content)};
}
chat::Tool tool(std::string_view name, std::string_view schema = {}) {
  return {.name = {name}, .description = {}, .schema = schema};
}

constexpr std::string_view kToday = "claude-sonnet-5";
constexpr std::string_view kMiddle = "claude-haiku-4-5-20251001";

// What went out, parsed.
struct Sent {
  explicit Sent(chat::Request request, std::string_view model = kToday, Target target = {},
                Host host = Host::kAnthropic) {
    target.provider = "anthropic";
    target.model = model;
    result = client_of(host).write_chat(request, target);
    if (!result) return;
    EXPECT_EQ(parser.parse(result->body).get(body), simdjson::SUCCESS) << result->body;
  }
  std::string at(const char* pointer) {
    dom::element found;
    return !result || body.at_pointer(pointer).get(found) ? "" : sorted(found);
  }
  bool has(const char* pointer) { return !at(pointer).empty(); }
  std::vector<std::string> lost() const {
    std::vector<std::string> paths;
    for (const auto& left : result->lost) paths.push_back(left.path);
    return paths;
  }
  std::string refused() const { return result ? "" : result.error().param; }

  Result<Outgoing> result;
  dom::parser parser;
  dom::element body;
};

using Names = std::vector<std::string>;

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

struct Asked {
  chat::Effort effort = chat::Effort::kUnset;
  std::optional<std::uint64_t> budget = std::nullopt;
  bool dynamic = false;
  chat::Reasoning::Show show = chat::Reasoning::Show::kUnset;
};
Sent thought(std::string_view model, const Asked& how, std::string_view max_tokens = {}) {
  chat::Request request = asked({user("Hi")});
  request.give(Field::kReasoning, "reasoning_effort");
  request.reasoning = {.effort = how.effort, .budget = how.budget, .dynamic = how.dynamic, .show = how.show};
  if (!max_tokens.empty()) request.give(Field::kMaxTokens, "max_tokens", max_tokens);
  return Sent(std::move(request), model);
}

TEST(AnthropicWrite, ThinkingOfTodaysModels) {
  using enum chat::Effort;
  Sent high = thought(kToday, {.effort = kHigh, .show = chat::Reasoning::Show::kSummary});
  EXPECT_EQ(high.at("/thinking"), R"({"display":"summarized","type":"adaptive"})");
  EXPECT_EQ(high.at("/output_config"), R"({"effort":"high"})");
  EXPECT_EQ(thought(kToday, {.effort = kMinimal}).at("/output_config/effort"), R"("low")");
  EXPECT_EQ(thought(kToday, {.budget = 8192}).at("/output_config/effort"), R"("medium")");
  EXPECT_FALSE(thought(kToday, {.dynamic = true}).has("/output_config"));
  EXPECT_EQ(thought(kToday, {.dynamic = true}).at("/thinking/type"), R"("adaptive")");
  EXPECT_EQ(thought(kToday, {.effort = kOff}).at("/thinking"), R"({"type":"disabled"})");
  Sent never = thought("claude-opus-5-5", {.effort = kOff});
  EXPECT_FALSE(never.has("/thinking"));
  EXPECT_EQ(never.at("/output_config/effort"), R"("low")");
  EXPECT_EQ(never.lost(), Names{"reasoning_effort"});
  Sent first = thought("claude-opus-4-6", {.effort = kXHigh});
  EXPECT_EQ(first.at("/output_config/effort"), R"("high")");
  EXPECT_EQ(first.lost(), Names{"reasoning_effort"});
}

TEST(AnthropicWrite, ThinkingOfOlderModels) {
  using enum chat::Effort;
  EXPECT_EQ(thought(kMiddle, {.effort = kMinimal}).at("/thinking"), R"({"budget_tokens":1024,"type":"enabled"})");
  EXPECT_EQ(thought(kMiddle, {.effort = kHigh}).at("/thinking/budget_tokens"), "24576");
  EXPECT_EQ(thought(kMiddle, {.effort = kMax}).at("/thinking/budget_tokens"), "63999");
  Sent lowered = thought(kMiddle, {.budget = 9000}, "2000");
  EXPECT_EQ(lowered.at("/thinking/budget_tokens"), "1999");
  EXPECT_EQ(lowered.lost(), Names{"reasoning_effort"});
  Sent dropped = thought(kMiddle, {.effort = kHigh}, "1000");
  EXPECT_FALSE(dropped.has("/thinking"));
  EXPECT_EQ(dropped.lost(), Names{"reasoning_effort"});
  EXPECT_EQ(thought("claude-3-5-haiku", {.effort = kHigh}).lost(), Names{"reasoning_effort"});
}

TEST(AnthropicWrite, ALoopOfAnotherProvidersCallsDoesNotThinkOnOlderModels) {
  chat::Request request =
      asked({user("Hi"), turn(Role::kAssistant, {call("a")}), turn(Role::kTool, {result("a", {text("1")})})});
  request.tools = {tool("f")};
  request.give(Field::kReasoning, "reasoning_effort");
  request.reasoning.effort = chat::Effort::kHigh;
  Sent sent(std::move(request), kMiddle);
  EXPECT_FALSE(sent.has("/thinking"));
  EXPECT_EQ(sent.lost(), Names{"reasoning_effort"});
}

TEST(AnthropicWrite, Sampling) {
  auto sampled = [](std::string_view temperature, std::string_view top_p, std::string_view model) {
    chat::Request request = asked({user("Hi")});
    if (!temperature.empty()) request.give(Field::kTemperature, "temperature", temperature);
    if (!top_p.empty()) request.give(Field::kTopP, "top_p", top_p);
    return Sent(std::move(request), model);
  };
  EXPECT_EQ(sampled("0.70", "", kMiddle).result->body.contains(R"("temperature":0.70)"), true);
  Sent high = sampled("1.5", "", kMiddle);
  EXPECT_EQ(high.at("/temperature"), "1");
  EXPECT_EQ(high.lost(), Names{"temperature"});
  Sent both = sampled("0.5", "0.9", kMiddle);
  EXPECT_FALSE(both.has("/top_p"));
  EXPECT_EQ(both.lost(), Names{"top_p"});
  EXPECT_TRUE(sampled("0.5", "0.9", "claude-3-7-sonnet").has("/top_p"));
  EXPECT_TRUE(sampled("1", "0.9", kMiddle).has("/top_p"));
  Sent today = sampled("0.5", "1", kToday);
  EXPECT_FALSE(today.has("/temperature"));
  EXPECT_EQ(today.lost(), Names{"temperature"});
}

TEST(AnthropicWrite, OtherSettings) {
  chat::Request request = asked({user("Hi")});
  request.give(Field::kEndUser, "user", R"("u1")");
  request.give(Field::kServiceTier, "service_tier", R"("default")");
  request.give(Field::kSeed, "seed", "7");
  request.give(Field::kMetadata, "metadata", "{}");
  request.stop = {{"END"}, {""}};
  request.give(Field::kStop, "stop");
  request.format = {.kind = chat::OutputFormat::Kind::kSchema, .schema = R"({"type":"object"})"};
  request.give(Field::kOutputFormat, "response_format");
  Sent sent(std::move(request), kToday, {.stream = true});
  EXPECT_EQ(sent.at("/metadata"), R"({"user_id":"u1"})");
  EXPECT_EQ(sent.at("/service_tier"), R"("standard_only")");
  EXPECT_EQ(sent.at("/stop_sequences"), R"(["END"])");
  EXPECT_EQ(sent.at("/output_config/format"), R"({"schema":{"type":"object"},"type":"json_schema"})");
  EXPECT_EQ(sent.at("/stream"), "true");
  EXPECT_EQ(sent.lost(), (Names{"seed", "metadata"}));
  chat::Request schema = asked({user("Hi")});
  schema.format = {.kind = chat::OutputFormat::Kind::kSchema, .schema = "{}"};
  schema.give(Field::kOutputFormat, "response_format");
  EXPECT_EQ(Sent(std::move(schema), "claude-opus-4-1").refused(), "response_format");
  chat::Request many = asked({user("Hi")});
  many.give(Field::kCandidates, "n", "2");
  EXPECT_EQ(Sent(std::move(many)).refused(), "n");
}

TEST(AnthropicWrite, CacheMarksAreFourAtMostAndTheLongOnesStandFirst) {
  using enum CacheMark;
  chat::Request request =
      asked({turn(Role::kSystem, {text("a", kShort)}),
             turn(Role::kUser, {text("b", kLong), text("c", kShort), text("d", kLong)}),
             turn(Role::kAssistant, {call("x")}), turn(Role::kTool, {result("x", {text("r", kShort)})})});
  request.tools = {tool("f")};
  Sent sent(std::move(request));
  EXPECT_FALSE(sent.has("/system/0/cache_control"));
  EXPECT_EQ(sent.at("/messages/0/content/0/cache_control"), R"({"ttl":"1h","type":"ephemeral"})");
  EXPECT_EQ(sent.at("/messages/0/content/1/cache_control"), R"({"type":"ephemeral"})");
  EXPECT_EQ(sent.at("/messages/0/content/2/cache_control"), R"({"type":"ephemeral"})");
  EXPECT_EQ(sent.at("/messages/2/content/0/cache_control"), R"({"type":"ephemeral"})");
  EXPECT_EQ(sent.lost(), (Names{"cache_control", "cache_control.ttl"}));
}

TEST(AnthropicWrite, ATurnIsTheSameWhateverFollows) {
  std::vector<Turn> turns{turn(Role::kSystem, {text("s")}),
                          user("Hi"),
                          turn(Role::kAssistant, {text("a "), call("x")}),
                          turn(Role::kTool, {result("x", {text("r")})}),
                          user("more"),
                          turn(Role::kAssistant, {text("b")}),
                          user("end")};
  const auto write = [&](std::size_t count) {
    chat::Request request = asked({turns.begin(), turns.begin() + static_cast<std::ptrdiff_t>(count)});
    request.tools = {tool("f")};
    return Sent(std::move(request)).result->body;
  };
  const std::string before = write(5);
  const std::string after = write(7);
  const std::string_view shared = std::string_view(before).substr(0, before.size() - 2);  // "]}"
  EXPECT_TRUE(after.starts_with(shared)) << before << "\n" << after;
  EXPECT_EQ(write(7), after);
}

TEST(AnthropicWrite, HostsHaveTheirVersionInTheBody) {
  Sent vertex(asked({user("Hi")}), kMiddle, {.stream = true}, Host::kVertex);
  EXPECT_TRUE(
      vertex.result->body.starts_with(R"({"anthropic_version":"vertex-2023-10-16","max_tokens":64000,"stream":true,)"));
  Sent bedrock(asked({user("Hi")}), kMiddle, {.stream = true}, Host::kBedrock);
  EXPECT_TRUE(
      bedrock.result->body.starts_with(R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":64000,"messages")"));
  EXPECT_FALSE(bedrock.has("/model"));
  EXPECT_EQ(bedrock.result->headers.size(), 0u);
  Sent count(asked({user("Hi")}), kMiddle, {.operation = Operation::kCountTokens}, Host::kVertex);
  EXPECT_EQ(count.at("/model"), "\"" + std::string(kMiddle) + "\"");
  EXPECT_FALSE(count.has("/max_tokens"));
}

TEST(AnthropicModel, IsFoundByAnyHostsName) {
  EXPECT_EQ(facts_of("anthropic.claude-opus-4-5-20251101-v1:0").prefix, "claude-opus-4-5");
  EXPECT_EQ(facts_of("arn:aws:bedrock:x:inference-profile/us.anthropic.claude-fable-5-1").prefix, "claude-fable-5-1");
  EXPECT_EQ(facts_of("claude-fable-5@20260101").prefix, "claude-fable-5");
  EXPECT_EQ(facts_of("claude-opus-4@20250514").prefix, "claude-opus-4");
  EXPECT_EQ(facts_of("gpt-x").prefix, "");
}

}  // namespace
}  // namespace sluice::dialect::anthropic::testing
