#include "dialect/bedrock/write.h"

#include "dialect/bedrock/write_fixture_test.h"

namespace sluice::dialect::bedrock::write_test {
namespace {

using namespace testing;

TEST_F(BedrockWrite, LeadingPromptsBecomeTheSystemPromptAndOthersKeepTheirPlace) {
  say(Role::kSystem, {text("One"), text(" \\n")});
  say(Role::kDeveloper, {text("Two")});
  say(Role::kUser, {text("Hi")});
  say(Role::kSystem, {text("Three")});
  const std::string body = write();
  EXPECT_EQ(at(body, "/system"), R"([{"text":"One"},{"text":"Two"}])");
  EXPECT_EQ(at(body, "/messages"),
            R"([{"content":[{"text":"Hi"},{"text":"<system>\nThree\n</system>"}],"role":"user"}])");
  EXPECT_EQ(lost_, "messages[3].role ");
}

TEST_F(BedrockWrite, RolesAlternateAndBlankTextsGo) {
  say(Role::kUser, {text("a"), text("")});
  say(Role::kUser, {text("\\t \\n"), text("b")});
  say(Role::kAssistant, {text("\\\\n")});
  say(Role::kAssistant, {text("c ")});
  EXPECT_EQ(
      at(write(), "/messages"),
      R"([{"content":[{"text":"a"},{"text":"b"}],"role":"user"},{"content":[{"text":"\\n"},{"text":"c"}],"role":"assistant"}])");
}

TEST_F(BedrockWrite, NeedsTheUserToBegin) {
  say(Role::kSystem, {text("S")});
  EXPECT_TRUE(write().starts_with("refused: 'messages' without a user's message is not supported by provider 'aws'"));
  say(Role::kAssistant, {text("a")});
  EXPECT_TRUE(write().contains("begins with the assistant"));
}

TEST_F(BedrockWrite, ResultsStandFirstInTheOrderOfTheirCalls) {
  say(Role::kUser, {text("Hi")});
  say(Role::kAssistant, {call("a", "f", R"({"n":1e2})"), call("b", "f")});
  say(Role::kTool, {result("b", "2")});
  say(Role::kTool, {result("a", "1")});
  say(Role::kUser, {text("Go on")});
  const std::string body = write();
  EXPECT_TRUE(body.contains(R"("input":{"n":1e2})"));
  EXPECT_EQ(
      at(body, "/messages/2/content"),
      R"([{"toolResult":{"content":[{"text":"1"}],"toolUseId":"a"}},{"toolResult":{"content":[{"text":"2"}],"toolUseId":"b"}},{"text":"Go on"}])");
  // Tools that were called before are declared.
  EXPECT_EQ(at(body, "/toolConfig"),
            R"({"tools":[{"toolSpec":{"inputSchema":{"json":{"properties":{},"type":"object"}},"name":"f"}}]})");
}

TEST_F(BedrockWrite, GivesIdsAndNamesThatFit) {
  say(Role::kUser, {text("Hi")});
  say(Role::kAssistant, {call("", "get.weather"), call("a b", "g")});
  say(Role::kTool, {result("", "1"), result("a b", "2")});
  tool("get.weather");
  const std::string body = write();
  const std::string name = at(body, "/messages/1/content/0/toolUse/name");
  EXPECT_EQ(at(body, "/messages/1/content/0/toolUse/toolUseId"), "\"call_1_0\"");
  EXPECT_EQ(at(body, "/messages/2/content/0/toolResult/toolUseId"), "\"call_1_0\"");
  EXPECT_EQ(at(body, "/messages/1/content/1/toolUse/toolUseId"),
            at(body, "/messages/2/content/1/toolResult/toolUseId"));
  EXPECT_EQ(at(body, "/toolConfig/tools/0/toolSpec/name"), name);
  ASSERT_EQ(renamed_.size(), 1u);
  EXPECT_EQ(renamed_[0].second, "get.weather");
}

TEST_F(BedrockWrite, TheSameTurnsGiveTheSameBytes) {
  say(Role::kUser, {text("Hi"), medium(PartKind::kDocument, Media::Form::kText, "", "x", "a.txt")});
  say(Role::kAssistant, {call("", "f")});
  say(Role::kTool, {result("", "1")});
  const std::string first = at(write(), "/messages");
  say(Role::kAssistant, {text("Done")});
  say(Role::kUser, {medium(PartKind::kDocument, Media::Form::kText, "", "y", "a.txt")});
  const std::string second = at(write(), "/messages");
  EXPECT_TRUE(second.starts_with(first.substr(0, first.size() - 1)));
}

TEST_F(BedrockWrite, CacheMarksFollowTheirBlocks) {
  say(Role::kSystem, {text("S")});
  say(Role::kUser, {text("a"), text("b"), text("c")});
  tool("f");
  request_.tools[0].cache = CacheMark::kShort;
  request_.turns[0].parts[0].cache = CacheMark::kLong;
  for (Part& part : request_.turns[1].parts) part.cache = CacheMark::kShort;
  const std::string body = write();
  EXPECT_EQ(at(body, "/toolConfig/tools/1"), "none");  // the first of five is given up
  EXPECT_EQ(at(body, "/system"), R"([{"text":"S"},{"cachePoint":{"ttl":"1h","type":"default"}}])");
  EXPECT_EQ(at(body, "/messages/0/content/1"), R"({"cachePoint":{"type":"default"}})");
  EXPECT_EQ(at(body, "/messages/0/content/5"), R"({"cachePoint":{"type":"default"}})");
  EXPECT_EQ(lost_, "cache_control ");
  EXPECT_FALSE(write("meta.llama3-1-70b-instruct-v1:0").contains("cachePoint"));
}

TEST_F(BedrockWrite, LongerCacheMarksStandBeforeShorterOnes) {
  say(Role::kSystem, {text("S")});
  say(Role::kUser, {text("a"), text("b")});
  tool("f");
  request_.tools[0].cache = CacheMark::kLong;
  request_.turns[0].parts[0].cache = CacheMark::kShort;
  request_.turns[1].parts[1].cache = CacheMark::kLong;
  const std::string body = write();
  EXPECT_EQ(at(body, "/toolConfig/tools/1"), R"({"cachePoint":{"ttl":"1h","type":"default"}})");
  EXPECT_EQ(at(body, "/system/1"), R"({"cachePoint":{"type":"default"}})");
  EXPECT_EQ(at(body, "/messages/0/content/2"), R"({"cachePoint":{"type":"default"}})");
  EXPECT_EQ(lost_, "cache_control.ttl ");
}

TEST_F(BedrockWrite, ReasoningGoesBackAsItCame) {
  say(Role::kUser, {text("a")});
  say(Role::kAssistant, {reasoning(State::Kind::kSignature, "Hm", "sig"), reasoning(State::Kind::kRedacted, "", "YQ=="),
                         reasoning(State::Kind::kEncrypted, "x", "y"), reasoning(State::Kind::kThought, "", "z"),
                         reasoning(State::Kind::kPlain, "x", ""), text("b")});
  EXPECT_EQ(
      at(write(), "/messages/1/content"),
      R"([{"reasoningContent":{"reasoningText":{"signature":"sig","text":"Hm"}}},{"reasoningContent":{"redactedContent":"YQ=="}},{"text":"b"}])");
  EXPECT_EQ(lost_, "");
}

TEST_F(BedrockWrite, ReasoningIsAskedForAsTheModelWantsIt) {
  say(Role::kUser, {text("a")});
  const auto asked = [&](std::string_view model) {
    const std::string body = write(model);
    return at(body, "/additionalModelRequestFields") + at(body, "/outputConfig");
  };
  EXPECT_EQ(asked(kNew), "nonenone");
  reason(Effort::kMedium);
  EXPECT_EQ(asked(kOld), R"({"thinking":{"budget_tokens":8192,"type":"enabled"}}none)");
  EXPECT_EQ(asked(kNew), R"({"thinking":{"type":"adaptive"}}{"effort":"medium"})");
  EXPECT_EQ(asked("amazon.nova-2-lite-v1:0"),
            R"({"reasoningConfig":{"maxReasoningEffort":"medium","type":"enabled"}}none)");
  EXPECT_EQ(asked("openai.gpt-oss-20b-1:0"), R"({"reasoning_effort":"medium"}none)");
  EXPECT_EQ(lost_, "");
  EXPECT_EQ(asked("amazon.nova-pro-v1:0"), "nonenone");
  EXPECT_EQ(lost_, "reasoning_effort ");
  reason(Effort::kOff);
  EXPECT_EQ(asked(kOld), R"({"thinking":{"type":"disabled"}}none)");
  EXPECT_EQ(asked("anthropic.claude-opus-5-5"), R"(none{"effort":"low"})");
  EXPECT_EQ(lost_, "reasoning_effort ");
  EXPECT_EQ(asked("amazon.nova-pro-v1:0"), "nonenone");
  EXPECT_EQ(lost_, "");
}

TEST_F(BedrockWrite, TheBudgetIsBelowTheLimitOfTokens) {
  say(Role::kUser, {text("a")});
  request_.reasoning.budget = 5000;
  request_.give(Field::kReasoning, "thinking");
  EXPECT_EQ(at(write(), "/additionalModelRequestFields/thinking/budget_tokens"), "5000");
  request_.give(Field::kMaxTokens, "max_tokens", "3000");
  EXPECT_EQ(at(write(), "/additionalModelRequestFields/thinking/budget_tokens"), "2999");
  EXPECT_EQ(lost_, "thinking ");
  request_.give(Field::kMaxTokens, "max_tokens", "1000");
  EXPECT_EQ(at(write(), "/additionalModelRequestFields"), "none");
  EXPECT_EQ(lost_, "thinking ");
}

TEST_F(BedrockWrite, SamplingIsWhatTheModelTakes) {
  say(Role::kUser, {text("a")});
  request_.give(Field::kTemperature, "temperature", "1.7");
  request_.give(Field::kTopP, "top_p", "0.90");
  request_.give(Field::kTopK, "top_k", "40");
  request_.give(Field::kSeed, "seed", "1");
  std::string body = write();
  EXPECT_TRUE(body.contains(R"("inferenceConfig":{"temperature":1})"));  // it takes one of the two
  EXPECT_EQ(at(body, "/additionalModelRequestFields"), R"({"top_k":40})");
  EXPECT_EQ(lost_, "seed temperature top_p ");
  EXPECT_EQ(at(write(kNew), "/inferenceConfig"), "none");
  EXPECT_EQ(lost_, "seed temperature top_p top_k ");
  body = write("amazon.nova-pro-v1:0");
  EXPECT_EQ(at(body, "/inferenceConfig/temperature"), "1");  // Converse takes no more
  EXPECT_EQ(at(body, "/additionalModelRequestFields"), R"({"inferenceConfig":{"topK":40}})");
  request_.give(Field::kTemperature, "temperature", "1");
  reason(Effort::kLow);
  EXPECT_EQ(at(write(), "/inferenceConfig/temperature"), "none");
  EXPECT_EQ(lost_, "seed top_p top_k ");
}

TEST_F(BedrockWrite, ToolChoicesFindTheirWords) {
  say(Role::kUser, {text("a")});
  tool("f", R"({"type":"object","x":1.0})");
  tool("g");
  const auto chosen = [&](std::string_view model = kOld) { return at(write(model), "/toolConfig/toolChoice"); };
  EXPECT_EQ(chosen(), "none");
  choose(Mode::kAuto);
  EXPECT_EQ(chosen(), R"({"auto":{}})");
  choose(Mode::kAny);
  EXPECT_EQ(chosen(), R"({"any":{}})");
  EXPECT_TRUE(write("anthropic.claude-opus-5-5").starts_with("refused: 'tool_choice' that demands a call"));
  choose(Mode::kNamed, {{"g"}});
  EXPECT_EQ(chosen(), R"({"tool":{"name":"g"}})");
  choose(Mode::kSubset, {{"g"}});
  EXPECT_EQ(at(write(), "/toolConfig/tools/0/toolSpec/name"), "\"g\"");
  EXPECT_EQ(at(write(), "/toolConfig/tools/1"), "none");
  EXPECT_EQ(chosen(), R"({"auto":{}})");
  choose(Mode::kSubset, {{"h"}});
  EXPECT_TRUE(write().contains("allows none of the tools"));
  choose(Mode::kNone);
  EXPECT_EQ(at(write(), "/toolConfig"), "none");
  EXPECT_EQ(lost_, "");
  say(Role::kAssistant, {call("a", "f")});
  say(Role::kTool, {result("a", "1")});
  EXPECT_EQ(at(write(), "/toolConfig/tools/0/toolSpec/name"), "\"f\"");
  EXPECT_EQ(lost_, "tool_choice ");
}

TEST_F(BedrockWrite, ADemandForACallIsRefusedWithReasoning) {
  say(Role::kUser, {text("a")});
  tool("f");
  choose(Mode::kAny);
  reason(Effort::kLow);
  EXPECT_TRUE(write().contains("with reasoning"));
}

TEST_F(BedrockWrite, ToolsOfOtherKinds) {
  say(Role::kUser, {text("a")});
  request_.tools.push_back({.kind = chat::ToolKind::kCustom, .name = {"c"}, .raw = "{}"});
  EXPECT_EQ(at(write(), "/toolConfig/tools/0/toolSpec/inputSchema/json/required"), R"(["input"])");
  EXPECT_EQ(lost_, "tool.format ");
  request_.give(Field::kTools, "tools");
  request_.tools.push_back({.kind = chat::ToolKind::kServer, .raw = R"({"type":"web_search"})"});
  EXPECT_TRUE(write().starts_with("refused: 'tools' with a tool that another provider runs"));
}

TEST_F(BedrockWrite, OutputFormatsAreSchemasAsStrings) {
  say(Role::kUser, {text("a")});
  request_.format = {.kind = chat::OutputFormat::Kind::kSchema, .name = {"n"}, .schema = R"({"type":"object"})"};
  request_.give(Field::kOutputFormat, "response_format");
  EXPECT_EQ(
      at(write(), "/outputConfig"),
      R"({"textFormat":{"structure":{"jsonSchema":{"name":"n","schema":"{\"type\":\"object\"}"}},"type":"json_schema"}})");
  request_.format.kind = chat::OutputFormat::Kind::kJson;
  EXPECT_EQ(at(write(), "/outputConfig"), "none");
  EXPECT_EQ(lost_, "response_format ");
}

TEST_F(BedrockWrite, SettingsBesideTheConversation) {
  say(Role::kUser, {text("a")});
  request_.stop = {{"END"}};
  request_.give(Field::kStop, "stop");
  request_.give(Field::kServiceTier, "service_tier", "\"fast\"");
  request_.give(Field::kMetadata, "metadata", "{}");
  request_.give(Field::kCandidates, "n", "1");
  request_.parallel_calls = true;
  request_.give(Field::kParallelCalls, "parallel_tool_calls");
  const std::string body = write();
  EXPECT_EQ(at(body, "/inferenceConfig"), R"({"stopSequences":["END"]})");
  EXPECT_EQ(at(body, "/additionalModelResponseFieldPaths"), R"(["/stop_sequence"])");
  EXPECT_EQ(at(body, "/serviceTier"), R"({"type":"priority"})");
  EXPECT_EQ(at(body, "/requestMetadata"), "none");
  EXPECT_EQ(lost_, "metadata ");
  request_.give(Field::kServiceTier, "service_tier", "\"scale\"");
  request_.parallel_calls = false;
  write();
  EXPECT_EQ(lost_, "parallel_tool_calls metadata service_tier ");
  request_.give(Field::kSafety, "safetySettings", "[]");
  EXPECT_TRUE(write().starts_with("refused: 'safetySettings' is not supported"));
}

TEST_F(BedrockWrite, WhatTheApiHasNoWordForIsRefused) {
  say(Role::kUser, {text("a")});
  request_.give(Field::kCandidates, "n", "2");
  EXPECT_TRUE(write().starts_with("refused: 'n' is not supported"));
}

TEST_F(BedrockWrite, ResultsOfManyKinds) {
  say(Role::kUser, {text("a")});
  say(Role::kAssistant, {call("a", "f")});
  Part told = result("a", "");
  told.is_error = true;
  told.content.push_back(medium(PartKind::kImage, Media::Form::kInline, "image/png", "YQ=="));
  told.content[1].cache = CacheMark::kShort;
  say(Role::kTool, {told});
  EXPECT_EQ(
      at(write(), "/messages/2/content"),
      R"([{"toolResult":{"content":[{"image":{"format":"png","source":{"bytes":"YQ=="}}}],"status":"error","toolUseId":"a"}},{"cachePoint":{"type":"default"}}])");
  told.content.push_back(medium(PartKind::kAudio, Media::Form::kInline, "audio/wav", "YQ=="));
  request_.turns.back().parts = {told};
  EXPECT_TRUE(write().contains("audio in a tool's result"));
}

}  // namespace
}  // namespace sluice::dialect::bedrock::write_test
