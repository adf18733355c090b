#include "sim/examine.h"

#include <gtest/gtest.h>

namespace sluice::sim::examine_test {
namespace {

Examined examined(std::string body, std::string target = "/v1/chat/completions") {
  static json::Reader reader;
  ScriptShelf shelf;
  json::pad(body);
  return examine(reader, shelf, {"POST", std::move(target), {}}, body);
}

struct Case {
  std::string body;
  std::string param;
  std::string code;
};

void expect_refused(const Case& one, const std::string& target = "/v1/chat/completions") {
  auto problem = examined(one.body, target).problem;
  ASSERT_TRUE(problem) << one.body;
  EXPECT_EQ(problem->path, one.param) << one.body;
  EXPECT_EQ(problem->code, one.code) << one.body;
}

std::string chat(const std::string& more) {
  return R"({"model":"gpt-4o","messages":[{"role":"user","content":"x"}])" + (more.empty() ? "" : "," + more) + "}";
}
std::string talk(const std::string& messages) {
  return R"({"model":"gpt-4o","messages":[)" + messages + "]}";
}

TEST(Examine, RefusesWhatIsMissing) {
  expect_refused({R"({"messages":[{"role":"user","content":"x"}]})", "model", "missing_required_parameter"});
  expect_refused({R"({"model":"m"})", "messages", "missing_required_parameter"});
  expect_refused({talk(R"({"content":"x"})"), "messages[0].role", "missing_required_parameter"});
  expect_refused({talk(R"({"role":"user"})"), "messages[0].content", "missing_required_parameter"});
  expect_refused({R"({"model":"m","messages":[]})", "messages", "empty_array"});
}

TEST(Examine, RefusesUnknownFieldsAtEveryDepth) {
  expect_refused({chat(R"("frequency":1)"), "frequency", "unknown_parameter"});
  expect_refused({talk(R"({"role":"user","content":"x","extra":1})"), "messages[0].extra", "unknown_parameter"});
  expect_refused({talk(R"({"role":"user","content":[{"type":"text","text":"x","cache_control":{}}]})"),
                  "messages[0].content[0].cache_control", "unknown_parameter"});
  expect_refused({chat(R"("tools":[{"type":"function","function":{"name":"f","input_schema":{}}}])"),
                  "tools[0].function.input_schema", "unknown_parameter"});
}

TEST(Examine, RefusesWrongTypesAndValues) {
  expect_refused({R"({"model":1,"messages":[]})", "model", "invalid_type"});
  expect_refused({R"({"model":"m","messages":"x"})", "messages", "invalid_type"});
  expect_refused({chat(R"("stream":"true")"), "stream", "invalid_type"});
  expect_refused({chat(R"("max_tokens":1.5)"), "max_tokens", "invalid_type"});
  expect_refused({chat(R"("max_tokens":0)"), "max_tokens", "integer_below_min_value"});
  expect_refused({chat(R"("temperature":2.1)"), "temperature", "decimal_above_max_value"});
  expect_refused({chat(R"("stop":["a","b","c","d","e"])"), "stop", "array_above_max_length"});
  expect_refused({chat(R"("reasoning_effort":"much")"), "reasoning_effort", "invalid_value"});
  const auto to = [](std::string_view model, std::string_view more) {
    return R"({"model":")" + std::string(model) + R"(","messages":[{"role":"user","content":"x"}],)" +
           std::string(more) + "}";
  };
  expect_refused({to("gpt-5", R"("reasoning_effort":"none")"), "reasoning_effort", "unsupported_value"});
  expect_refused({to("o3", R"("reasoning_effort":"minimal")"), "reasoning_effort", "unsupported_value"});
  expect_refused({to("gpt-5.1", R"("reasoning_effort":"xhigh")"), "reasoning_effort", "unsupported_value"});
  expect_refused({to("gpt-5-mini", R"("temperature":0.5)"), "temperature", "unsupported_value"});
  expect_refused({to("gpt-5.5", R"("reasoning_effort":"low","top_p":0.5)"), "top_p", "unsupported_value"});
  expect_refused({talk(R"({"role":"model","content":"x"})"), "messages[0].role", "invalid_value"});
  expect_refused(
      {talk(R"({"role":"tool","tool_call_id":"a","content":[{"type":"image_url","image_url":{"url":"u"}}]})"),
       "messages[0].content[0].type", "invalid_value"});
  expect_refused({chat(R"("metadata":{"a":1})"), "metadata.a", "invalid_type"});
  expect_refused({chat(R"("tool_choice":"any")"), "tool_choice", "invalid_value"});
}

TEST(Examine, RefusesCallsAndResultsThatDoNotBelongTogether) {
  std::string user = R"({"role":"user","content":"x"})";
  std::string call =
      R"({"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},)"
      R"({"id":"b","type":"function","function":{"name":"f","arguments":"{}"}}]})";
  std::string a = R"({"role":"tool","tool_call_id":"a","content":"1"})";
  std::string b = R"({"role":"tool","tool_call_id":"b","content":"2"})";
  EXPECT_FALSE(examined(talk(user + "," + call + "," + b + "," + a)).problem);
  expect_refused({talk(user + "," + call + "," + a), "messages[1]", ""});
  expect_refused({talk(user + "," + call + "," + a + "," + user + "," + b), "messages[1]", ""});
  expect_refused({talk(user + "," + a), "messages[1].tool_call_id", ""});
  expect_refused({talk(user + "," + call + "," + a + "," + a), "messages[3].tool_call_id", ""});
  expect_refused({talk(R"({"role":"assistant","content":null})"), "messages[0].content", "invalid_value"});
}

TEST(Examine, RefusesStreamOptionsWithoutStream) {
  expect_refused({chat(R"("stream_options":{"include_usage":true})"), "stream_options", ""});
  EXPECT_FALSE(examined(chat(R"("stream":true,"stream_options":{"include_usage":true})")).problem);
}

TEST(Examine, RefusesMaxTokensForReasoningModels) {
  for (std::string model : {"o1", "o3-mini", "gpt-5", "gpt-5.5-2026-04-23"}) {
    expect_refused({R"({"model":")" + model + R"(","max_tokens":5,"messages":[{"role":"user","content":"x"}]})",
                    "max_tokens", "unsupported_parameter"});
  }
  EXPECT_FALSE(examined(chat(R"("max_tokens":5)")).problem);
}

TEST(Examine, TakesEverythingTheApiTakes) {
  auto body = chat(
      R"("audio":{"format":"mp3","voice":{"id":"v"}},"frequency_penalty":-2,"logit_bias":{"1":100},"logprobs":true,)"
      R"("max_completion_tokens":5,"metadata":{"a":"b"},"modalities":["text"],"n":null,"parallel_tool_calls":false,)"
      R"("prediction":{"type":"content","content":"x"},"prompt_cache_options":{"mode":"explicit","ttl":"30m"},)"
      R"("response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"any":[{"deep":1e400}]},"strict":true}},)"
      R"("seed":123456789012345678901234567890,"service_tier":"flex","stop":"x","store":false,"top_logprobs":3,)"
      R"("tool_choice":{"type":"function","function":{"name":"f"}},"web_search_options":{"search_context_size":"low"},)"
      R"("tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}},)"
      R"({"type":"custom","custom":{"name":"c","format":{"type":"grammar","grammar":{"definition":"d","syntax":"lark"}}}}],)"
      R"("user":"u","verbosity":"low","reasoning_effort":"high","moderation":{"model":"m","policy":{"input":{"mode":"block"}}})");
  auto problem = examined(body).problem;
  EXPECT_FALSE(problem) << problem->message();
}

TEST(Examine, RefusesWhatIsNoJsonObject) {
  for (std::string body : {"", "{", "[]", R"({"model":"m",})", R"({"a":tru})", "{} x", "\xff"}) {
    auto problem = examined(body).problem;
    ASSERT_TRUE(problem) << body;
    EXPECT_EQ(problem->path, "") << body;
  }
  EXPECT_TRUE(examined(std::string(100'000, '[')).problem);
}

TEST(Examine, RefusesEscapesThatAreNone) {
  EXPECT_TRUE(examined(talk(R"({"role":"user","content":"\q"})")).problem);
  EXPECT_TRUE(examined(talk(R"({"role":"user","content":"\ud800"})")).problem);
}

TEST(Examine, ChecksTheSmallEndpointsToo) {
  expect_refused({R"({"model":"m"})", "input", "missing_required_parameter"}, "/v1/embeddings");
  expect_refused({R"({"model":"m","input":[]})", "input", "empty_array"}, "/v1/embeddings");
  expect_refused({R"({"model":"m","input":"x","voice":"ash","speed":9})", "speed", "decimal_above_max_value"},
                 "/v1/audio/speech");
  expect_refused({R"({"prompt":""})", "prompt", "empty_string"}, "/v1/images/generations");
  expect_refused({R"({"prompt":"x"})", "model", "missing_required_parameter"}, "/v1/completions");
  expect_refused({R"({"input":5})", "input", "invalid_type"}, "/v1/moderations");
}

TEST(Examine, NeedsNoModelInAzuresBody) {
  auto seen = examined(R"({"messages":[{"role":"user","content":"x"}]})", "/openai/deployments/d/chat/completions");
  EXPECT_FALSE(seen.problem);
  EXPECT_EQ(seen.ask.model, "d");
}

TEST(Examine, CountsTextAndTokensOfThePrompt) {
  EXPECT_EQ(examined(talk(R"({"role":"system","content":"abcd"},{"role":"user","content":"\u00e9"})")).ask.prompt_bytes,
            6U);
  EXPECT_EQ(examined(R"({"model":"m","input":[[1,2],[3]]})", "/v1/embeddings").ask.prompt_tokens, 3U);
}

}  // namespace
}  // namespace sluice::sim::examine_test
