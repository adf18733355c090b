#include "dialect/cohere/write.h"

#include "dialect/cohere/fixture_test.h"
#include "dialect/parts_test.h"

namespace sluice::dialect::cohere::write_test {
namespace {

using chat::Effort;
using chat::Field;
using chat::Media;
using chat::Part;
using chat::PartKind;
using chat::Role;
using chat::State;
using fixtures::call;
using fixtures::medium;
using fixtures::reasoning;
using fixtures::result;
using fixtures::text;
using testing::at;
using Mode = chat::ToolChoice::Mode;

constexpr std::string_view kModel = "command-a-03-2025";
constexpr std::string_view kThinker = "command-a-reasoning-08-2025";

// A request of a Chat client.
class CohereWrite : public ::testing::Test {
 protected:
  CohereWrite() { request_.give(Field::kMessages, "messages"); }

  void say(Role role, std::vector<Part> parts) { request_.turns.push_back(fixtures::turn(role, std::move(parts))); }
  void tool(std::string_view name, std::optional<bool> strict = std::nullopt) {
    request_.tools.push_back({.name = {name}, .schema = R"({"type":"object"})", .strict = strict});
    request_.give(Field::kTools, "tools");
  }
  void choose(Mode mode, std::vector<chat::Escaped> names = {}) {
    request_.tool_choice = {.mode = mode, .names = std::move(names)};
    request_.give(Field::kToolChoice, "tool_choice");
  }
  std::string write(std::string_view model = kModel, bool stream = false) {
    lost_.clear();
    auto written = write_chat(request_, {.provider = "co", .model = model, .stream = stream});
    if (!written) return "refused: " + written.error().told;
    for (const auto& lost : written->lost) lost_ += lost.path + " ";
    return written->body;
  }

  chat::Request request_;
  std::string lost_;
};

TEST_F(CohereWrite, ATurnAsTheApiHasIt) {
  say(Role::kSystem, {text("Answer in one short sentence.")});
  say(Role::kUser, {text("Which planet is closest to the Sun?")});
  request_.give(Field::kMaxTokens, "max_tokens", "64");
  request_.give(Field::kTemperature, "temperature", "0.2");
  request_.give(Field::kTopP, "top_p", "0.9");
  request_.give(Field::kTopK, "top_k", "40");
  request_.give(Field::kSeed, "seed", "7");
  request_.stop = {{"END"}};
  request_.give(Field::kStop, "stop");
  EXPECT_EQ(testing::sorted(write()), testing::sorted(testing::find_case("text_basic").request));
  EXPECT_EQ(lost_, "");
}

TEST_F(CohereWrite, AToolLoopAsTheApiHasIt) {
  say(Role::kUser, {text("Weather in Oslo and Bergen?")});
  say(Role::kAssistant, {reasoning(State::Kind::kPlain, "I will look up both.", "tool_plan"),
                         call("get_weather_fx11", "get_weather", R"({"city":"Oslo","unit":"c"})"),
                         call("get_weather_fx12", "get_weather", R"({"city":"Bergen","unit":"c"})")});
  say(Role::kUser,
      {result("get_weather_fx11", R"({\"temp\":-2})"), result("get_weather_fx12", R"({\"temp\":4})"), text("Go on")});
  const std::string body = write();
  const std::string& recorded = testing::find_case("tool_result_turn").request;
  EXPECT_EQ(at(body, "/messages/1"), at(recorded, "/messages/1"));
  EXPECT_EQ(at(body, "/messages/2"), R"({"content":"{\"temp\":-2}","role":"tool","tool_call_id":"get_weather_fx11"})");
  EXPECT_EQ(at(body, "/messages/3"), at(recorded, "/messages/3"));
  EXPECT_EQ(at(body, "/messages/4"), R"({"content":"Go on","role":"user"})");
}

TEST_F(CohereWrite, ThoughtsGoBackAsThoughts) {
  say(Role::kUser, {text("a")});
  say(Role::kAssistant, {reasoning(State::Kind::kPlain, "Hm", ""), text("b")});
  say(Role::kUser, {text("c"), text("d")});
  const std::string body = write();
  EXPECT_EQ(at(body, "/messages/1"),
            R"({"content":[{"thinking":"Hm","type":"thinking"},{"text":"b","type":"text"}],"role":"assistant"})");
  EXPECT_EQ(at(body, "/messages/2/content"), R"([{"text":"c","type":"text"},{"text":"d","type":"text"}])");
}

TEST_F(CohereWrite, TheSameTurnsGiveTheSameBytes) {
  say(Role::kUser, {text("a")});
  say(Role::kAssistant, {call("", "f.g")});
  say(Role::kTool, {result("", "1")});
  const std::string first = at(write(), "/messages");
  say(Role::kAssistant, {text("b")});
  EXPECT_TRUE(at(write(), "/messages").starts_with(first.substr(0, first.size() - 1)));
}

TEST_F(CohereWrite, ImagesAndDocuments) {
  say(Role::kUser, {medium(PartKind::kImage, Media::Form::kInline, "image/png", "YQ=="),
                    medium(PartKind::kImage, Media::Form::kUrl, "", "https://a.b/c"),
                    medium(PartKind::kDocument, Media::Form::kText, "text/plain", "Sky", "note.txt"),
                    medium(PartKind::kDocument, Media::Form::kInline, "text/plain", "QSJC")});
  request_.turns[0].parts[0].media.detail = {"low"};
  request_.turns[0].parts[1].media.detail = {"original"};
  EXPECT_EQ(
      at(write(), "/messages/0/content"),
      R"([{"image_url":{"detail":"low","url":"data:image/png;base64,YQ=="},"type":"image_url"},{"image_url":{"url":"https://a.b/c"},"type":"image_url"},{"text":"note.txt\n\nSky","type":"text"},{"text":"A\"B","type":"text"}])");
  EXPECT_EQ(lost_, "image.detail document ");
  request_.turns[0].parts = {medium(PartKind::kDocument, Media::Form::kInline, "application/pdf", "YQ==")};
  EXPECT_TRUE(write().starts_with("refused: 'messages' with documents of type 'application/pdf' is not supported"));
  request_.turns[0].parts = {medium(PartKind::kDocument, Media::Form::kInline, "application/json", "e30=")};
  EXPECT_EQ(at(write(), "/messages/0/content"), R"([{"text":"{}","type":"text"}])");
  request_.turns[0].parts = {medium(PartKind::kAudio, Media::Form::kInline, "audio/wav", "YQ==")};
  EXPECT_TRUE(write().contains("with audio is not supported"));
}

TEST_F(CohereWrite, TellsThatNoDocumentIsCited) {
  Part cited = medium(PartKind::kDocument, Media::Form::kText, "text/plain", "Sky");
  cited.citations = R"({"enabled":true})";
  say(Role::kUser, {cited});
  write();
  EXPECT_EQ(lost_, "document.citations document ");
  Part shown = result("c", "x");
  shown.content.push_back(cited);
  request_.turns.clear();
  say(Role::kUser, {text("a")});
  say(Role::kAssistant, {call("c", "f")});
  say(Role::kTool, {shown});
  write();
  EXPECT_EQ(lost_, "document.citations ");
  shown.content[1].citations = R"({"enabled":false})";
  request_.turns[2].parts = {shown};
  write();
  EXPECT_EQ(lost_, "");
}

TEST_F(CohereWrite, WhatToolsShowIsTheUsersToSee) {
  say(Role::kUser, {text("a")});
  say(Role::kAssistant, {call("c", "f")});
  Part shown = result("c", "x");
  shown.content.push_back(medium(PartKind::kImage, Media::Form::kInline, "image/png", "YQ=="));
  say(Role::kTool, {shown});
  const std::string body = write();
  EXPECT_EQ(at(body, "/messages/2/content"), "\"x\"");
  EXPECT_EQ(at(body, "/messages/3/content/0/text"), "\"Result of c:\"");
  EXPECT_EQ(lost_, "media of a tool's result ");
  request_.turns[2].parts[0].is_error = true;
  write();
  EXPECT_EQ(lost_, "tool_result.is_error media of a tool's result ");
}

TEST_F(CohereWrite, ToolChoices) {
  say(Role::kUser, {text("a")});
  tool("f", true);
  tool("g");
  EXPECT_EQ(at(write(), "/tool_choice"), "none");
  EXPECT_EQ(lost_, "tool.strict ");
  choose(Mode::kAny);
  EXPECT_EQ(at(write(), "/tool_choice"), "\"REQUIRED\"");
  choose(Mode::kNone);
  EXPECT_EQ(at(write(), "/tool_choice"), "\"NONE\"");
  choose(Mode::kNamed, {{"f"}});
  const std::string body = write();
  EXPECT_EQ(at(body, "/tool_choice"), "\"REQUIRED\"");
  EXPECT_EQ(at(body, "/tools"), R"([{"function":{"name":"f","parameters":{"type":"object"}},"type":"function"}])");
  EXPECT_EQ(at(body, "/strict_tools"), "true");
  choose(Mode::kNamed, {{"h"}});
  EXPECT_TRUE(write().contains("allows none of the tools"));
}

TEST_F(CohereWrite, SettingsWithinTheirLimits) {
  say(Role::kUser, {text("a")});
  request_.give(Field::kTemperature, "temperature", "1.5");
  request_.give(Field::kTopP, "top_p", "1");
  request_.give(Field::kPresencePenalty, "presence_penalty", "-1");
  request_.give(Field::kFrequencyPenalty, "frequency_penalty", "0.50");
  const std::string body = write();
  EXPECT_TRUE(body.contains(R"("temperature":1,"p":0.99,"frequency_penalty":0.50,"presence_penalty":0)"));
  EXPECT_EQ(lost_, "temperature top_p presence_penalty ");
  request_.give(Field::kSeed, "seed", "-1");
  EXPECT_TRUE(write().starts_with("refused: 'seed' below zero"));
}

TEST_F(CohereWrite, OutputFormats) {
  say(Role::kUser, {text("a")});
  request_.give(Field::kOutputFormat, "response_format");
  request_.format = {.kind = chat::OutputFormat::Kind::kSchema, .schema = R"({"type":"object"})"};
  EXPECT_EQ(at(write(), "/response_format"), R"({"json_schema":{"type":"object"},"type":"json_object"})");
  request_.format = {.kind = chat::OutputFormat::Kind::kJson};
  EXPECT_EQ(at(write(), "/response_format"), R"({"type":"json_object"})");
  tool("f");
  EXPECT_TRUE(write().starts_with("refused: 'response_format' beside tools"));
}

TEST_F(CohereWrite, Reasoning) {
  say(Role::kUser, {text("a")});
  request_.give(Field::kReasoning, "reasoning_effort");
  const auto asked = [&](Effort effort, std::string_view model) {
    request_.reasoning.effort = effort;
    return at(write(model), "/thinking") + lost_;
  };
  EXPECT_EQ(asked(Effort::kLow, kThinker), R"({"token_budget":1024,"type":"enabled"})");
  EXPECT_EQ(asked(Effort::kHigh, kThinker), R"({"type":"enabled"})");
  EXPECT_EQ(asked(Effort::kOff, kThinker), R"({"type":"disabled"})");
  EXPECT_EQ(asked(Effort::kHigh, kModel), "nonereasoning_effort ");
  EXPECT_EQ(asked(Effort::kOff, kModel), "none");
}

TEST_F(CohereWrite, WhatTheApiHasNoWordFor) {
  say(Role::kUser, {text("a")});
  request_.give(Field::kServiceTier, "service_tier", "\"flex\"");
  write();
  EXPECT_EQ(lost_, "service_tier ");
  request_.give(Field::kLogitBias, "logit_bias", R"({"1":2})");
  EXPECT_TRUE(write().starts_with("refused: 'logit_bias'"));
}

}  // namespace
}  // namespace sluice::dialect::cohere::write_test
