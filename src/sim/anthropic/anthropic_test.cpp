#include "sim/anthropic/anthropic.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "http/event_stream.h"
#include "sim/anthropic/test_words.h"

namespace sluice::sim::anthropic::anthropic_test {
namespace {

namespace bj = boost::json;

constexpr std::string_view kTools =
    R"("tools":[{"name":"add","input_schema":{"type":"object"}},{"name":"sub","input_schema":{"type":"object"}}])";

std::string hello(std::string_view more = "", std::string_view text = "hello there") {
  return R"({"model":"claude-haiku-4-5","max_tokens":4096,)" + std::string(more) +
         R"("messages":[{"role":"user","content":")" + std::string(text) + R"("}]})";
}

// The same request with what was answered and, where calls were made, their results.
std::string next_turn(const bj::value& answer, std::string_view more) {
  bj::array results;
  for (const bj::value& block : answer.at("content").as_array()) {
    if (block.at("type") != "tool_use") continue;
    results.push_back({{"type", "tool_result"}, {"tool_use_id", block.at("id")}, {"content", "4"}});
  }
  if (results.empty()) results.push_back({{"type", "text"}, {"text", "go on"}});
  auto body = bj::parse(hello(more)).as_object();
  body.at("messages").as_array().push_back({{"role", "assistant"}, {"content", answer.at("content")}});
  body.at("messages").as_array().push_back({{"role", "user"}, {"content", results}});
  return bj::serialize(body);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from << " in " << text;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

// The messages of an event stream of AWS, decoded down to the events of the API.
std::vector<std::string> bedrock_events(const std::string& body) {
  std::vector<std::string> events;
  http::EventStreamSplitter splitter(1 << 20);
  for (const auto& frame : splitter.feed(body)) {
    EXPECT_EQ(frame.text(":event-type"), "chunk");
    auto payload = bj::parse(frame.payload);
    events.push_back(base64_decode(std::string_view(payload.at("bytes").as_string())).value_or(""));
  }
  EXPECT_EQ(splitter.rest(), "");
  return events;
}

TEST(AnthropicSim, EchoesTheLastUserText) {
  TestSim sim({.name = "east"});
  auto seen = ask(sim, hello(R"("system":"be","metadata":{"user_id":"u"},)"));
  ASSERT_EQ(seen.status, 200) << seen.body;
  auto body = seen.json();
  EXPECT_TRUE(std::string_view(body.at("id").as_string()).starts_with("msg_east-"));
  EXPECT_EQ(body.at("model"), "claude-haiku-4-5");
  EXPECT_EQ(body.at("content"), bj::parse(R"([{"type":"text","text":"You said: hello there","citations":null}])"));
  EXPECT_EQ(body.at("stop_reason"), "end_turn");
  EXPECT_EQ(body.at("usage").at("input_tokens"), 4);  // 13 bytes
  EXPECT_EQ(body.at("usage").at("output_tokens"), 6);
  EXPECT_EQ(seen.headers["request-id"].substr(0, 9), "req_east-");
}

TEST(AnthropicSim, StreamsWhatItSaysAsAWhole) {
  constexpr std::string_view kScripts[] = {
      "{}",
      R"({"reasoning":"let me think","redacted":"secret"})",
      R"({"tool_calls":[{"name":"add","arguments":{"a":"längere Eingabe","b":[1,2]}},{"name":"sub"}]})",
      R"({"text":"both","tool_style":"whole","tool_calls":[{"name":"add","arguments":{"a":1}}],"reasoning":"hm"})",
      R"({"text":"","finish_reason":"refusal"})",
      R"({"text":"x","usage":{"input_tokens":9,"output_tokens":7,"cache_read_input_tokens":3}})",
      R"({"text":"x","usage":null})",
  };
  for (auto script : kScripts) {
    TestSim sim({.record = SimOptions::Record::kOn});
    auto streamed = ask(sim, hello(R"("stream":true,)"), script);
    EXPECT_EQ(streamed.headers["content-type"], "text/event-stream; charset=utf-8");
    auto told = bj::parse(sim.ledger().at(0).at("answer").as_string()).as_object();
    auto sum = added_up(streamed.events());
    EXPECT_EQ(bj::serialize(sum.at("content")), bj::serialize(told.at("content"))) << script;
    for (auto key : {"id", "model", "stop_reason", "stop_sequence", "stop_details"})
      EXPECT_EQ(sum.at(key), told.at(key));
    EXPECT_EQ(sum.as_object().contains("usage"), told.contains("usage"));
    if (told.contains("usage")) {
      EXPECT_EQ(sum.at("usage"), told.at("usage"));
    }
  }
}

TEST(AnthropicSim, NamesItsEvents) {
  TestSim sim;
  auto seen = ask(sim, hello(R"("stream":true,)"), R"({"text":"a b","nonce":"!"})");
  std::vector<std::string> names;
  for (auto line : split(seen.body, '\n')) {
    if (line.starts_with("event: ")) names.emplace_back(line.substr(7));
  }
  std::vector<std::string> expected{"message_start",       "content_block_start", "ping",
                                    "content_block_delta", "content_block_delta", "content_block_stop",
                                    "message_delta",       "message_stop"};
  EXPECT_EQ(names, expected);
  for (std::size_t i = 0; i < names.size(); ++i)
    EXPECT_EQ(bj::parse(seen.events()[i]).at("type").as_string(), names[i]);
  EXPECT_EQ(added_up(seen.events()).at("content").at(0).at("text"), "a! b!");
  EXPECT_EQ(bj::parse(seen.events()[0]).at("message").at("usage").at("output_tokens"), 1);
  auto endless = ask(sim, hello(R"("stream":true,)"), R"({"no_done":true})");
  EXPECT_FALSE(endless.body.contains("message_stop"));
}

TEST(AnthropicSim, MakesCallsThatAreAskedFor) {
  TestSim sim;
  auto body = ask(sim, hello(std::string(kTools) + ",", "call:add,sub")).json();
  ASSERT_EQ(body.at("content").as_array().size(), 2U);
  EXPECT_EQ(body.at("stop_reason"), "tool_use");
  EXPECT_EQ(body.at("content").at(1).at("name"), "sub");
  EXPECT_EQ(body.at("content").at(0).at("input").at("text"), "call:add,sub");
  EXPECT_NE(body.at("content").at(0).at("id"), body.at("content").at(1).at("id"));
  auto none = ask(sim, hello(std::string(kTools) + R"(,"tool_choice":{"type":"none"},)", "call:add")).json();
  EXPECT_EQ(none.at("stop_reason"), "end_turn");
}

TEST(AnthropicSim, TakesBackWhatItAnswered) {
  TestSim sim;
  constexpr std::string_view kScript =
      R"({"reasoning":"let me think","redacted":"secret","text":"so","tool_calls":[{"name":"add","arguments":{"a":1}},)"
      R"({"name":"sub","arguments":{}}]})";
  auto more = std::string(kTools) + R"(,"thinking":{"type":"enabled","budget_tokens":2048},)";
  for (bool stream : {false, true}) {
    auto seen = ask(sim, hello(more + (stream ? R"("stream":true,)" : "")), kScript);
    ASSERT_EQ(seen.status, 200) << seen.body;
    auto answer = stream ? added_up(seen.events()) : seen.json();
    auto second = next_turn(answer, more);
    auto good = ask(sim, second);
    EXPECT_EQ(good.status, 200) << good.body;
    auto signature = std::string(answer.at("content").at(0).at("signature").as_string());
    auto data = std::string(answer.at("content").at(1).at("data").as_string());
    const std::pair<std::string, std::string> kChanges[] = {
        {replaced(second, "let me think", "let me thinK"), "Invalid `signature` in `thinking` block"},
        {replaced(second, signature, signature_of("other")), "Invalid `signature` in `thinking` block"},
        {replaced(second, "\"" + signature, "\""), "Invalid `signature` in `thinking` block"},
        {replaced(second, data, redacted_data("x").substr(4)), "Invalid `data` in `redacted_thinking` block"},
        {replaced(second, data, signature), "Invalid `data` in `redacted_thinking` block"},
        {replaced(second, R"({"a":1})", R"({"a":2})"), "is not as it was in the original response"},
        {replaced(second, R"("name":"sub","input")", R"("name":"add","input")"), "is not as it was"},
    };
    for (const auto& [body, why] : kChanges) {
      auto seen_bad = ask(sim, body);
      EXPECT_EQ(seen_bad.status, 400) << body;
      EXPECT_TRUE(error_of(seen_bad).contains(why)) << error_of(seen_bad);
    }
  }
}

TEST(AnthropicSim, HidesThoughtsThatAreToBeOmitted) {
  TestSim sim;
  constexpr std::string_view kScript = R"({"reasoning":"let me think","text":"x"})";
  auto body = R"({"model":"claude-opus-5-5","max_tokens":9000,"thinking":{"type":"adaptive","display":"omitted"},)"
              R"("messages":[{"role":"user","content":"hi"}]})";
  auto answer = ask(sim, body, kScript).json();
  EXPECT_EQ(answer.at("content").at(0).at("thinking"), "");
  EXPECT_EQ(answer.at("content").at(0).at("signature").as_string(), signature_of(""));
  EXPECT_EQ(ask(sim, next_turn(answer, "")).status, 200);
}

TEST(AnthropicSim, OnlyWarmsTheCacheForNoTokens) {
  TestSim sim;
  auto body = ask(sim, R"({"model":"m","max_tokens":0,"messages":[{"role":"user","content":"hi"}]})").json();
  EXPECT_TRUE(body.at("content").as_array().empty());
  EXPECT_EQ(body.at("stop_reason"), "max_tokens");
  EXPECT_EQ(body.at("usage").at("output_tokens"), 0);
}

TEST(AnthropicSim, CountsAndListsModels) {
  TestSim sim;
  auto seen = sim.call("POST", "/v1/messages/count_tokens",
                       R"({"model":"m","system":"abcd","messages":[{"role":"user","content":"abcde"}]})", kOld);
  EXPECT_EQ(seen.body, R"({"input_tokens":3})");
  auto capped = sim.call("POST", "/v1/messages/count_tokens", hello(), kOld);
  EXPECT_EQ(error_of(capped), "max_tokens: Extra inputs are not permitted");
  EXPECT_EQ(sim.call("GET", "/v1/models", "", kOld).json().at("data").at(0).at("type"), "model");
  EXPECT_EQ(sim.call("GET", "/v1/models").json().at("object"), "list");
  EXPECT_EQ(sim.call("GET", "/v1/messages", "", kOld).status, 405);
}

TEST(AnthropicSim, SpellsErrorsByTheirStatus) {
  TestSim sim;
  const std::pair<int, std::string_view> kTypes[] = {{400, "invalid_request_error"}, {401, "authentication_error"},
                                                     {402, "billing_error"},         {403, "permission_error"},
                                                     {404, "not_found_error"},       {413, "request_too_large"},
                                                     {429, "rate_limit_error"},      {500, "api_error"},
                                                     {504, "timeout_error"},         {529, "overloaded_error"}};
  for (auto [status, type] : kTypes) {
    auto seen = ask(sim, hello(), R"({"status":)" + std::to_string(status) + "}");
    EXPECT_EQ(seen.status, status);
    EXPECT_EQ(seen.json().at("type"), "error");
    EXPECT_EQ(seen.json().at("error").at("type").as_string(), type);
    EXPECT_EQ(seen.json().at("request_id").as_string(), seen.headers["request-id"]);
  }
  auto broken = ask(sim, hello(R"("stream":true,)"), R"({"error_after":2})").events();
  ASSERT_EQ(broken.size(), 6U);  // start, block start, ping, two words, error
  EXPECT_EQ(bj::parse(broken[5]).at("error").at("type"), "overloaded_error");
  auto told = ask(sim, hello(R"("stream":true,)"), R"({"error_after":0,"error":{"type":"api_error","message":"no"}})");
  EXPECT_TRUE(
      told.body.ends_with("event: error\ndata: "
                          R"({"type":"error","error":{"type":"api_error","message":"no"}})"
                          "\n\n"));
}

TEST(AnthropicSim, WantsItsKey) {
  TestSim sim({.key = Secret("k")});
  EXPECT_EQ(ask(sim, hello(), "{}", std::string(kOld) + "x-api-key: k\r\n").status, 200);
  EXPECT_EQ(ask(sim, hello(), "{}", std::string(kOld) + "authorization: Bearer k\r\n").status, 200);
  auto none = ask(sim, hello());
  EXPECT_EQ(none.status, 401);
  EXPECT_EQ(none.json().at("error").at("type"), "authentication_error");
  EXPECT_EQ(error_of(none), "x-api-key header is required");
  EXPECT_EQ(error_of(ask(sim, hello(), "{}", std::string(kOld) + "x-api-key: l\r\n")), "invalid x-api-key");
}

constexpr std::string_view kVertex = "/v1/projects/p/locations/global/publishers/anthropic/models/";
constexpr std::string_view kVertexBody =
    R"({"anthropic_version":"vertex-2023-10-16","max_tokens":9,"messages":[{"role":"user","content":"hi"}]})";
constexpr std::string_view kVertexStream =
    R"({"anthropic_version":"vertex-2023-10-16","stream":true,"max_tokens":9,"messages":[{"role":"user","content":"hi"}]})";

TEST(AnthropicSim, SpeaksAsVertex) {
  TestSim sim({.key = Secret("k")});
  auto call = [&](std::string_view tail, std::string_view body,
                  std::string_view headers = "authorization: Bearer k\r\n") {
    return sim.call("POST", std::string(kVertex) + std::string(tail), body, headers);
  };
  auto seen = call("claude-sonnet-4-5@20250929:rawPredict", kVertexBody);
  ASSERT_EQ(seen.status, 200) << seen.body;
  EXPECT_EQ(seen.json().at("model"), "claude-sonnet-4-5-20250929");
  auto events = call("claude-sonnet-5-5:streamRawPredict", kVertexStream).events();
  EXPECT_EQ(added_up(events).at("content").at(0).at("text"), "You said: hi");
  EXPECT_EQ(call("claude-sonnet-5-5:streamRawPredict", kVertexBody).json().at("type"), "message");
  EXPECT_EQ(call("claude-sonnet-5-5:rawPredict", kVertexStream).status, 400);
  EXPECT_EQ(error_of(call("claude-sonnet-5-5:rawPredict", hello())), "model: Extra inputs are not permitted");
  auto counted = call("count-tokens:rawPredict", R"({"model":"claude-x","messages":[{"role":"user","content":"hi"}]})");
  EXPECT_EQ(counted.body, R"({"input_tokens":1})");
  auto old = replaced(std::string(kVertexBody), "vertex-2023-10-16", "bedrock-2023-05-31");
  EXPECT_EQ(error_of(call("claude-sonnet-5-5:rawPredict", old)),
            "anthropic_version: Input should be 'vertex-2023-10-16'");
  auto refused = call("claude-sonnet-5-5:rawPredict", kVertexBody, "x-api-key: k\r\n");
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.json().at("error").at("status"), "UNAUTHENTICATED");
}

std::string signed_head(std::string_view key, std::string_view service = "bedrock",
                        std::string_view date = "20261122") {
  return "x-amz-date: 20261122T101112Z\r\nauthorization: AWS4-HMAC-SHA256 Credential=" + std::string(key) + "/" +
         std::string(date) + "/us-east-1/" + std::string(service) +
         "/aws4_request, SignedHeaders=host;x-amz-date, Signature=" + std::string(64, 'a') + "\r\n";
}

TEST(AnthropicSim, SpeaksAsBedrock) {
  TestSim sim({.key = Secret("AKID"), .record = SimOptions::Record::kOn});
  constexpr std::string_view kBody =
      R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[{"role":"user","content":"hi"}]})";
  constexpr std::string_view kModel = "/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/";
  auto call = [&](std::string_view verb, std::string_view body, std::string_view headers) {
    return sim.call("POST", std::string(kModel) + std::string(verb), body, headers);
  };
  auto seen = call("invoke", kBody, signed_head("AKID"));
  ASSERT_EQ(seen.status, 200) << seen.body;
  EXPECT_EQ(seen.json().at("model"), "claude-sonnet-4-5-20250929");
  EXPECT_EQ(seen.headers["x-amzn-bedrock-output-token-count"], "3");
  auto streamed = call("invoke-with-response-stream", kBody, "authorization: Bearer AKID\r\n");
  EXPECT_EQ(streamed.headers["content-type"], "application/vnd.amazon.eventstream");
  auto events = bedrock_events(streamed.body);
  EXPECT_EQ(added_up(events).at("content").at(0).at("text"), "You said: hi");
  EXPECT_EQ(bj::parse(events.back()).at("amazon-bedrock-invocationMetrics").at("outputTokenCount"), 3);
  auto bad = call("invoke", replaced(std::string(kBody), "{", R"({"stream":true,)"), signed_head("AKID"));
  EXPECT_EQ(error_of(bad), "stream: Extra inputs are not permitted");
  EXPECT_TRUE(bad.headers["x-amzn-errortype"].starts_with("ValidationException:"));
  for (const auto& head : {std::string(), signed_head("AKIE"), signed_head("AKID", "bedrock", "20261121"),
                           signed_head("AKID", "sagemaker"), std::string("x-api-key: AKID\r\n")}) {
    auto refused = call("invoke", kBody, head);
    EXPECT_EQ(refused.status, 403) << head;
    EXPECT_FALSE(refused.headers["x-amzn-errortype"].empty());
  }
}

TEST(AnthropicSim, BreaksStreamsAsBedrockDoes) {
  TestSim sim;
  auto seen =
      sim.call("POST", "/model/anthropic.claude-x/invoke-with-response-stream",
               R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":9,)"
               R"("messages":[{"role":"user","content":"hi"}]})",
               "x-sim: {\"error_after\":1,\"error\":{\"type\":\"throttlingException\",\"message\":\"slow\"}}\r\n");
  http::EventStreamSplitter splitter(1 << 20);
  auto frames = splitter.feed(seen.body);
  ASSERT_FALSE(frames.empty());
  EXPECT_EQ(frames.back().text(":exception-type"), "throttlingException");
  EXPECT_EQ(frames.back().payload, R"({"message":"slow"})");
}

}  // namespace
}  // namespace sluice::sim::anthropic::anthropic_test
