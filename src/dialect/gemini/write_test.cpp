#include "dialect/gemini/write.h"

#include "chat/seal.h"
#include "dialect/gemini/fixture_test.h"
#include "dialect/gemini/gemini.h"
#include "dialect/parts_test.h"

namespace sluice::dialect::gemini::write_test {
namespace {

using chat::Effort;
using chat::Escaped;
using chat::Field;
using chat::Part;
using chat::PartKind;
using chat::Request;
using chat::Role;
using chat::State;
using chat::ToolChoice;
using fixtures::call;
using fixtures::result;
using fixtures::text;

constexpr std::string_view kNew = "gemini-3.8-flash";
constexpr std::string_view kOld = "gemini-2.5-flash";

Part image(chat::Media::Form form, std::string_view data, std::string_view type = "") {
  return fixtures::medium(PartKind::kImage, form, type, data);
}

// A request of a client that speaks the OpenAI dialect.
struct Asked {
  Request request;
  Asked() { request.give(Field::kMessages, "messages"); }
  Asked& turn(Role role, std::vector<Part> parts) {
    request.turns.push_back(fixtures::turn(role, std::move(parts)));
    return *this;
  }
  Result<Outgoing> send(std::string_view model = kNew, const Client& to = client()) {
    return to.write_chat(request, {.provider = "google", .model = model, .quirks = {}});
  }
  std::string body(std::string_view model = kNew) {
    auto sent = send(model);
    EXPECT_TRUE(sent) << sent.error().told;
    return sent ? sent->body : "";
  }
  std::string refusal(std::string_view model = kNew) {
    auto sent = send(model);
    EXPECT_FALSE(sent) << sent->body;
    return sent ? "" : sent.error().told;
  }
  std::vector<std::string> lost(std::string_view model = kNew) {
    auto sent = send(model);
    EXPECT_TRUE(sent) << sent.error().told;
    std::vector<std::string> names;
    for (const auto& one : sent->lost) names.push_back(one.path);
    return names;
  }
};

Asked hello() {
  Asked asked;
  asked.turn(Role::kUser, {text("hi")});
  return asked;
}

std::string settings(Asked asked, std::string_view model) {
  const std::string body = asked.body(model);
  const auto at = body.find(R"("generationConfig":)");
  return at == std::string::npos ? "" : body.substr(at + 19, body.size() - at - 20);
}

TEST(GeminiWrite, TurnsOfOneSideAreOneContent) {
  Asked asked;
  asked.turn(Role::kSystem, {text("be"), text("")})
      .turn(Role::kDeveloper, {text("brief")})
      .turn(Role::kUser, {text("a"), text("")})
      .turn(Role::kUser, {text(R"(b\n)")})
      .turn(Role::kAssistant, {text("c")})
      .turn(Role::kSystem, {text("now")})
      .turn(Role::kUser, {text("d")});
  EXPECT_EQ(
      asked.body(),
      R"({"contents":[{"role":"user","parts":[{"text":"a"},{"text":"b\n"}]},{"role":"model","parts":[{"text":"c"}]},)"
      R"({"role":"user","parts":[{"text":"<system>\nnow\n</system>"},{"text":"d"}]}],)"
      R"("systemInstruction":{"parts":[{"text":"be"},{"text":"brief"}]}})");
  EXPECT_EQ(asked.lost(), std::vector<std::string>{"messages[5].role"});
}

TEST(GeminiWrite, LaterTurnsChangeNothingBefore) {
  Asked asked = hello();
  asked.turn(Role::kAssistant, {call("a", "f")}).turn(Role::kTool, {result("a", "1")});
  const std::string before = asked.body();
  asked.turn(Role::kAssistant, {text("one"), call("b", "f")}).turn(Role::kTool, {result("b", "2")});
  const std::string after = asked.body();
  EXPECT_TRUE(after.starts_with(before.substr(0, before.size() - 2))) << after;  // but for the end of the contents
  EXPECT_EQ(asked.body(), after);
}

TEST(GeminiWrite, ResultsInTheOrderOfTheirCalls) {
  Asked asked = hello();
  asked.turn(Role::kAssistant, {call("x", "f", R"({"n":1.50})"), call("y", "g")})
      .turn(Role::kTool, {result("y", R"({\"rows\": [1]})")})
      .turn(Role::kTool, {result("x", "plain")})
      .turn(Role::kUser, {text("go on")});
  asked.request.turns[2].parts[0].content.push_back(image(chat::Media::Form::kInline, "AAAA", "image/png"));
  const std::string call_parts =
      R"({"role":"model","parts":[{"functionCall":{"id":"x","name":"f","args":{"n":1.50}},)"
      R"("thoughtSignature":"skip_thought_signature_validator"},{"functionCall":{"id":"y","name":"g","args":{}}}]})";
  EXPECT_EQ(asked.body(),
            R"({"contents":[{"role":"user","parts":[{"text":"hi"}]},)" + call_parts +
                R"(,{"role":"user","parts":[{"functionResponse":{"id":"x","name":"f","response":{"output":"plain"}}},)"
                R"({"functionResponse":{"id":"y","name":"g","response":{"rows": [1]},)"
                R"("parts":[{"inlineData":{"mimeType":"image/png","data":"AAAA"}}]}},{"text":"go on"}]}]})");
  // Older models have no ids, no signatures and no media in results.
  EXPECT_EQ(
      asked.body(kOld),
      R"({"contents":[{"role":"user","parts":[{"text":"hi"}]},)"
      R"({"role":"model","parts":[{"functionCall":{"name":"f","args":{"n":1.50}}},{"functionCall":{"name":"g","args":{}}}]},)"
      R"({"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"plain"}}},)"
      R"({"functionResponse":{"name":"g","response":{"rows": [1]}}},)"
      R"({"inlineData":{"mimeType":"image/png","data":"AAAA"}},{"text":"go on"}]}]})");
}

TEST(GeminiWrite, ErrorsOfTools) {
  Asked asked = hello();
  asked.turn(Role::kAssistant, {call("x", "f")}).turn(Role::kTool, {result("x", R"({\"a\":1})")});
  asked.request.turns[2].parts[0].is_error = true;
  EXPECT_TRUE(asked.body().contains(R"("response":{"error":"{\"a\":1}"})"));
  Asked lonely = hello();
  lonely.turn(Role::kTool, {result("nowhere", "x")});
  EXPECT_TRUE(lonely.refusal().starts_with("'messages' with a tool's result whose call is not there"));
}

TEST(GeminiWrite, OwnStateGoesBackToItsPart) {
  // Two parallel calls, the first one signed, through a client that keeps nothing but ids.
  const State state{.kind = State::Kind::kThought, .data = {"AA+/=="}, .origin = {}};
  const std::string first = chat::sealed_call_id("google", "fc1", false, state);
  const std::string second = chat::sealed_call_id("google", "call_r_1", true, {});
  Asked asked = hello();
  asked.turn(Role::kAssistant, {call(first, "f"), call(second, "g")})
      .turn(Role::kTool, {result(first, "1"), result(second, "2")});
  chat::unseal(asked.request, "google", chat::StateOf::kOtherDialect);
  EXPECT_TRUE(asked.body().contains(
      R"([{"functionCall":{"id":"fc1","name":"f","args":{}},"thoughtSignature":"AA+/=="},{"functionCall":{"name":"g","args":{}}}])"))
      << asked.body();
  EXPECT_TRUE(asked.body().contains(R"({"functionResponse":{"name":"g","response":{"output":"2"}}})"));
}

TEST(GeminiWrite, ReasoningOfOthersIsLeftOut) {
  Asked asked = hello();
  Part own = text("mine");
  own.kind = PartKind::kReasoning;
  own.state = {.kind = State::Kind::kThought, .data = {"s"}, .origin = {}};
  Part plain = text("plain");
  plain.kind = PartKind::kReasoning;
  plain.state.kind = State::Kind::kPlain;
  Part other = text("other");
  other.kind = PartKind::kReasoning;
  other.state = {.kind = State::Kind::kSignature, .data = {"x"}, .origin = {}};
  Part signed_text = text("said");
  signed_text.state = {.kind = State::Kind::kThought, .data = {"t"}, .origin = {}};
  asked.turn(Role::kAssistant, {own, plain, other, signed_text});
  EXPECT_TRUE(asked.body().contains(
      R"({"role":"model","parts":[{"text":"mine","thought":true,"thoughtSignature":"s"},{"text":"plain","thought":true},)"
      R"({"text":"said","thoughtSignature":"t"}]})"));
  EXPECT_TRUE(asked.lost().empty());
}

TEST(GeminiWrite, SignaturesOfMedia) {
  Asked asked = hello();
  Part state;
  state.kind = PartKind::kReasoning;
  state.state = {.kind = State::Kind::kThought, .data = {"s"}, .origin = "google"};
  asked.turn(Role::kAssistant, {image(chat::Media::Form::kInline, "AAAA", "image/png"), state});
  EXPECT_TRUE(asked.body().contains(
      R"("parts":[{"inlineData":{"mimeType":"image/png","data":"AAAA"},"thoughtSignature":"s"}])"));
}

TEST(GeminiWrite, Media) {
  Asked asked;
  Part document = image(chat::Media::Form::kText, "body", "text/plain");
  document.kind = PartKind::kDocument;
  document.media.name = {"Title"};
  asked.turn(Role::kUser, {image(chat::Media::Form::kUrl, "https://a.test/x.PNG?y=1"),
                           image(chat::Media::Form::kUrl, "https://a.test/x"),
                           image(chat::Media::Form::kFile, "gs://b/x", "image/webp"), document});
  EXPECT_EQ(
      asked.body(),
      R"({"contents":[{"role":"user","parts":[{"fileData":{"mimeType":"image/png","fileUri":"https://a.test/x.PNG?y=1"}},)"
      R"({"fileData":{"fileUri":"https://a.test/x"}},{"fileData":{"mimeType":"image/webp","fileUri":"gs://b/x"}},)"
      R"({"text":"Title\n\nbody"}]}]})");
  EXPECT_EQ(asked.lost(), std::vector<std::string>{});
  Asked file;
  file.turn(Role::kUser, {image(chat::Media::Form::kFile, "file-123")});
  EXPECT_TRUE(file.refusal().contains("a file that another provider keeps"));
}

TEST(GeminiWrite, TakesUrlsByPlatformAndModel) {
  auto takes = [](std::string_view url, std::string_view model, Platform platform, std::string_view type = "") {
    return takes_url({.form = chat::Media::Form::kUrl, .type = {type}, .data = {url}}, model, platform);
  };
  EXPECT_TRUE(takes("https://a.test/x.png", "gemini-3-pro", Platform::kGemini));
  EXPECT_TRUE(takes("https:\\/\\/a.test\\/x", "gemini-2.5-flash", Platform::kGemini, "image/png"));
  EXPECT_FALSE(takes("https://a.test/x", "gemini-3-pro", Platform::kGemini));
  EXPECT_FALSE(takes("http://a.test/x.png", "gemini-3-pro", Platform::kGemini));
  EXPECT_FALSE(takes("https://a.test/x.png", "models/gemini-2.0-flash", Platform::kGemini));
  EXPECT_FALSE(takes("https://a.test/x.png", "gemini-1.5-pro", Platform::kGemini));
  EXPECT_TRUE(takes("http://a.test/x.png", "gemini-2.0-flash", Platform::kVertex));
  EXPECT_FALSE(takes("http://a.test/x", "gemini-3-pro", Platform::kVertex));
}

TEST(GeminiWrite, ThinkingByGeneration) {
  auto config = [](std::string_view model, Effort effort, std::optional<std::uint64_t> budget = {},
                   bool dynamic = false) {
    Asked asked = hello();
    asked.request.give(Field::kReasoning, "reasoning_effort");
    asked.request.reasoning.effort = effort;
    asked.request.reasoning.budget = budget;
    asked.request.reasoning.dynamic = dynamic;
    const std::string lost = asked.lost(model).empty() ? "" : " lost";
    return settings(std::move(asked), model) + lost;
  };
  auto thinking = [](std::string_view inside) { return R"({"thinkingConfig":{)" + std::string(inside) + "}}"; };
  EXPECT_EQ(config(kNew, Effort::kLow), thinking(R"("thinkingLevel":"LOW")"));
  EXPECT_EQ(config(kNew, Effort::kXHigh), thinking(R"("thinkingLevel":"HIGH")"));
  EXPECT_EQ(config(kNew, Effort::kOff), thinking(R"("thinkingLevel":"MINIMAL")") + " lost");
  EXPECT_EQ(config("models/gemini-3.1-pro-preview", Effort::kMinimal), thinking(R"("thinkingLevel":"LOW")") + " lost");
  EXPECT_EQ(config("gemini-4-argon", Effort::kUnset, 2000), thinking(R"("thinkingLevel":"MEDIUM")"));
  EXPECT_EQ(config("gemini-flash-latest", Effort::kHigh), thinking(R"("thinkingLevel":"HIGH")"));
  EXPECT_EQ(config(kNew, Effort::kUnset, {}, true), "");
  EXPECT_EQ(config(kOld, Effort::kLow), thinking(R"("thinkingBudget":1024)"));
  EXPECT_EQ(config(kOld, Effort::kOff), thinking(R"("thinkingBudget":0)"));
  EXPECT_EQ(config(kOld, Effort::kUnset, {}, true), thinking(R"("thinkingBudget":-1)"));
  EXPECT_EQ(config(kOld, Effort::kMax), thinking(R"("thinkingBudget":24576)"));
  EXPECT_EQ(config(kOld, Effort::kUnset, 99999), thinking(R"("thinkingBudget":24576)") + " lost");
  EXPECT_EQ(config("gemini-2.5-pro", Effort::kOff), thinking(R"("thinkingBudget":128)") + " lost");
  EXPECT_EQ(config("gemini-2.5-flash-lite", Effort::kUnset, 100), thinking(R"("thinkingBudget":512)") + " lost");
  EXPECT_EQ(config("gemini-2.0-flash", Effort::kLow), " lost");
  EXPECT_EQ(config("gemini-2.0-flash", Effort::kOff), "");
}

TEST(GeminiWrite, ThoughtsLeaveRoomForAnAnswer) {
  Asked asked = hello();
  asked.request.give(Field::kReasoning, "thinking");
  asked.request.give(Field::kMaxTokens, "max_tokens", "2000");
  asked.request.reasoning.budget = 4096;
  asked.request.reasoning.show = chat::Reasoning::Show::kSummary;
  EXPECT_EQ(settings(std::move(asked), kOld),
            R"({"maxOutputTokens":2000,"thinkingConfig":{"includeThoughts":true,"thinkingBudget":1999}})");
}

TEST(GeminiWrite, Settings) {
  Asked asked = hello();
  Request& request = asked.request;
  request.give(Field::kTemperature, "temperature", "0.70");
  request.give(Field::kTopP, "top_p", "1");
  request.give(Field::kCandidates, "n", "2");
  request.give(Field::kSeed, "seed", "-7");
  request.give(Field::kTopLogprobs, "top_logprobs", "3");
  request.give(Field::kStop, "stop");
  request.stop = {{"a"}, {R"(\n)"}};
  request.give(Field::kOutputFormat, "response_format");
  request.format = {.kind = chat::OutputFormat::Kind::kSchema,
                    .name = {"n"},
                    .description = {},
                    .schema = R"({"type":"object"})",
                    .strict = {}};
  request.give(Field::kModalities, "modalities", R"(["text","image"])");
  request.give(Field::kServiceTier, "service_tier", R"("priority")");
  request.give(Field::kMetadata, "metadata", R"({"A":"b"})");
  EXPECT_EQ(asked.body(),
            R"({"contents":[{"role":"user","parts":[{"text":"hi"}]}],"generationConfig":{"temperature":0.70,"topP":1,)"
            R"("candidateCount":2,"logprobs":3,"stopSequences":["a","\n"],"seed":-7,"responseLogprobs":true,)"
            R"("responseMimeType":"application/json","responseJsonSchema":{"type":"object"},)"
            R"("responseModalities":["TEXT","IMAGE"]},"serviceTier":"priority"})");
  auto sent = asked.send();
  ASSERT_EQ(sent->lost.size(), 1u);
  EXPECT_EQ(sent->lost[0].path, "metadata");
  EXPECT_EQ(sent->lost[0].unplaced, chat::Unplaced::kSilent);
}

TEST(GeminiWrite, WhatCannotBeSaidIsRefused) {
  Asked stops = hello();
  stops.request.give(Field::kStop, "stop");
  stops.request.stop.assign(6, Escaped{"x"});
  EXPECT_EQ(stops.refusal(),
            "'stop' with more than 5 sequences is not supported by provider 'google' (model 'gemini-3.8-flash').");
  Asked seed = hello();
  seed.request.give(Field::kSeed, "seed", "4294967296");
  EXPECT_TRUE(seed.refusal().starts_with("'seed' beyond"));
  Asked bias = hello();
  bias.request.give(Field::kLogitBias, "logit_bias", R"({"1":-100})");
  EXPECT_TRUE(bias.refusal().starts_with("'logit_bias' is not supported"));
  Asked state = hello();
  state.request.give(Field::kServerState, "previous_response_id", R"("r")");
  EXPECT_TRUE(state.refusal().starts_with("'previous_response_id' is not supported"));
  Asked safety = hello();
  safety.request.give(Field::kSafety, "safety_mode", R"("STRICT")");
  EXPECT_TRUE(safety.refusal().starts_with("'safety_mode' is not supported"));
  Asked only_system;
  only_system.turn(Role::kSystem, {text("be")});
  EXPECT_TRUE(only_system.refusal().starts_with("'messages' without a user's message"));
  Asked picture;
  picture.turn(Role::kSystem, {image(chat::Media::Form::kInline, "A", "image/png")}).turn(Role::kUser, {text("x")});
  EXPECT_TRUE(picture.refusal().starts_with("'messages' with anything but text"));
  Asked json = hello();
  json.request.format.kind = chat::OutputFormat::Kind::kJson;
  json.request.give(Field::kOutputFormat, "response_format");
  json.request.tools = {{.name = {"f"}, .description = {}, .schema = {}}};
  EXPECT_TRUE(json.refusal(kOld).starts_with("'response_format' together with tools"));
  EXPECT_TRUE(json.send(kNew));
}

TEST(GeminiWrite, Tools) {
  Asked asked = hello();
  Request& request = asked.request;
  request.give(Field::kTools, "tools");
  request.tools = {{.name = {"get weather!"},
                    .description = {"d"},
                    .schema = R"({"type":"object","properties":{"a":{}}})",
                    .strict = true},
                   {.name = {"none"}, .description = {}, .schema = R"({"type": "object", "properties": {}})"},
                   {.kind = chat::ToolKind::kCustom, .name = {"sql"}, .description = {}, .raw = "{}"}};
  request.tool_choice = {.mode = ToolChoice::Mode::kSubset, .names = {{"get weather!"}, {"none"}}};
  auto sent = asked.send();
  ASSERT_TRUE(sent) << sent.error().told;
  ASSERT_EQ(sent->renamed.size(), 1u);
  const std::string fitted = sent->renamed[0].first;
  EXPECT_EQ(sent->renamed[0].second, "get weather!");
  EXPECT_TRUE(sent->body.ends_with(
      R"("tools":[{"functionDeclarations":[{"name":")" + fitted +
      R"(","description":"d","parametersJsonSchema":{"type":"object","properties":{"a":{}}}},{"name":"none"},)"
      R"({"name":"sql","parametersJsonSchema":{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}}]}],)"
      R"("toolConfig":{"functionCallingConfig":{"mode":"VALIDATED","allowedFunctionNames":[")" +
      fitted + R"(","none"]}}})"))
      << sent->body;
  std::vector<std::string> lost;
  for (const auto& one : sent->lost) lost.push_back(one.path);
  EXPECT_EQ(lost, (std::vector<std::string>{"tool.strict", "tool.format"}));
  Asked server = hello();
  server.request.give(Field::kTools, "tools");
  server.request.tools = {{.kind = chat::ToolKind::kServer, .name = {"web_search"}, .description = {}, .raw = "{}"}};
  EXPECT_TRUE(server.refusal().starts_with("'tools' with a tool that another provider runs"));
}

TEST(GeminiWrite, SmallLossesAreNoted) {
  Asked asked = hello();
  chat::Turn& turn = asked.request.turns[0];
  turn.name = {"bob"};
  turn.parts.push_back(image(chat::Media::Form::kInline, "A", "image/png"));
  turn.parts[1].media.detail = {"high"};
  turn.parts[0].cache = chat::CacheMark::kShort;
  Part item;
  item.kind = PartKind::kServerItem;
  item.raw = "{}";
  asked.turn(Role::kAssistant, {item, text("x")});
  asked.request.turns[1].prefill = true;
  asked.request.give(Field::kVerbosity, "verbosity", R"("low")");
  asked.request.give(Field::kStore, "store", "true");
  asked.request.give(Field::kServiceTier, "service_tier", R"("ultra")");
  EXPECT_EQ(asked.lost(),
            (std::vector<std::string>{"verbosity", "messages[0].name", "cache_control", "messages[1].prefix",
                                      "server tool items", "image.detail", "service_tier", "store"}));
}

}  // namespace
}  // namespace sluice::dialect::gemini::write_test
