// Reasoning, sampling and the other settings of composed requests, by model.
#include "base/digest.h"
#include "dialect/anthropic/model.h"
#include "dialect/anthropic/write_fixture_test.h"

namespace sluice::dialect::anthropic::testing::write_settings_test {
namespace {

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
  EXPECT_EQ(sent.at("/output_config/format"),
            R"({"schema":{"additionalProperties":false,"type":"object"},"type":"json_schema"})");
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
  constexpr std::string_view kInvoked =
      R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":64000,"messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}]})";
  Sent count(asked({user("Hi")}), kMiddle, {.operation = Operation::kCountTokens}, Host::kVertex);
  EXPECT_EQ(count.at("/model"), "\"" + std::string(kMiddle) + "\"");
  EXPECT_FALSE(count.has("/max_tokens"));
  Sent invoked(asked({user("Hi")}), kMiddle, {.operation = Operation::kCountTokens}, Host::kBedrock);
  EXPECT_EQ(invoked.at("/input/invokeModel/body"), "\"" + base64(kInvoked) + "\"");
}

TEST(AnthropicModel, IsFoundByAnyHostsName) {
  EXPECT_EQ(facts_of("anthropic.claude-opus-4-5-20251101-v1:0").prefix, "claude-opus-4-5");
  EXPECT_EQ(facts_of("arn:aws:bedrock:x:inference-profile/us.anthropic.claude-fable-5-1").prefix, "claude-fable-5-1");
  EXPECT_EQ(facts_of("claude-fable-5@20260101").prefix, "claude-fable-5");
  EXPECT_EQ(facts_of("claude-opus-4@20250514").prefix, "claude-opus-4");
  EXPECT_EQ(facts_of("gpt-x").prefix, "");
}

}  // namespace
}  // namespace sluice::dialect::anthropic::testing::write_settings_test
