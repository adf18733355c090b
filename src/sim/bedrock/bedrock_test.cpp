#include <gtest/gtest.h>

#include "http/event_stream.h"
#include "sim/bedrock/test_converse.h"
#include "sim/test_fixtures.h"
#include "sim/vouch.h"

namespace sluice::sim::bedrock_test {
namespace {

namespace bj = boost::json;

struct Frame {
  std::string message_type;
  std::string type;  // of the event or the exception
  bj::value payload;
};

std::vector<Frame> frames(const Seen& seen) {
  http::EventStreamSplitter splitter(1 << 20);
  std::vector<Frame> found;
  for (const auto& frame : splitter.feed(seen.body)) {
    std::string type(frame.text(":event-type"));
    if (type.empty()) type = frame.text(":exception-type");
    found.push_back({std::string(frame.text(":message-type")), type, bj::parse(frame.payload)});
  }
  EXPECT_EQ(splitter.broken(), "");
  EXPECT_EQ(splitter.rest(), "");
  return found;
}

// The message that the events of a stream add up to.
bj::object gathered(const std::vector<Frame>& stream) {
  bj::array content;
  std::string input;
  for (const Frame& frame : stream) {
    if (frame.type == "contentBlockStart") {
      content.push_back(frame.payload.at("start"));
      input.clear();
    }
    if (frame.type == "contentBlockStop" && content.back().get_object().contains("toolUse")) {
      content.back().at("toolUse").as_object()["input"] = bj::parse(input.empty() ? "{}" : input);
    }
    if (frame.type != "contentBlockDelta") continue;
    auto index = frame.payload.at("contentBlockIndex").to_number<std::size_t>();
    if (index == content.size()) content.push_back(bj::object());
    auto& block = content.at(index).as_object();
    const auto& delta = frame.payload.at("delta").as_object();
    if (const auto* text = delta.if_contains("text")) {
      if (!block.contains("text")) block["text"] = "";
      block["text"].as_string() += text->as_string();
    } else if (const auto* use = delta.if_contains("toolUse")) {
      input += use->at("input").as_string();
    } else {
      const auto& member = *delta.at("reasoningContent").as_object().begin();
      auto& reasoning = block["reasoningContent"];
      if (reasoning.is_null()) reasoning = bj::object();
      if (member.key() == "redactedContent") {
        reasoning.as_object()["redactedContent"] = member.value();
      } else {
        auto& said = reasoning.as_object()["reasoningText"];
        if (said.is_null()) said = bj::object();
        auto& part = said.as_object()[member.key()];
        if (part.is_null()) part = "";
        part.as_string() += member.value().as_string();
      }
    }
  }
  return {{"content", content}, {"role", "assistant"}};
}

TEST(Bedrock, EchoesTheLastUserText) {
  TestSim sim;
  auto seen = converse(sim, kConverseHi);
  ASSERT_EQ(seen.status, 200) << seen.body;
  auto body = seen.json();
  EXPECT_EQ(body.at("output").at("message").at("content").at(0).at("text"), "You said: hello there");
  EXPECT_EQ(body.at("stopReason"), "end_turn");
  EXPECT_EQ(body.at("usage"), bj::parse(R"({"inputTokens":3,"outputTokens":6,"totalTokens":9})"));
  EXPECT_TRUE(seen.headers.contains("x-amzn-requestid"));
}

TEST(Bedrock, StreamsFrames) {
  TestSim sim;
  auto seen = converse(sim, kConverseHi, "{}", "/converse-stream");
  EXPECT_EQ(seen.headers["content-type"], "application/vnd.amazon.eventstream");
  auto stream = frames(seen);
  ASSERT_EQ(stream.size(), 8U);  // start, four words, the block's end, stop, metadata
  EXPECT_EQ(stream[0].type, "messageStart");
  EXPECT_EQ(stream[0].message_type, "event");
  EXPECT_EQ(gathered(stream).at("content").at(0).at("text"), "You said: hello there");
  EXPECT_EQ(stream[5].type, "contentBlockStop");
  EXPECT_EQ(stream[6].payload.at("stopReason"), "end_turn");
  EXPECT_EQ(stream[7].type, "metadata");
  EXPECT_EQ(stream[7].payload.at("usage").at("totalTokens").to_number<int>(), 9);
  for (const auto& frame : stream) EXPECT_FALSE(frame.payload.at("p").as_string().empty());
  EXPECT_EQ(seen.chunks.size(), 8U);
}

TEST(Bedrock, AcceptsWhatTheServiceHasAccepted) {
  TestSim sim;
  std::size_t count = 0;
  for (const auto& one : recorded("bedrock")) {
    if (!one.contains("request") || one.at("response").at("status").to_number<int>() != 200) continue;
    const auto& request = one.at("request");
    auto seen = sim.call("POST", request.at("path").as_string(), bj::serialize(request.at("body")));
    EXPECT_EQ(seen.status, 200) << one.at("id") << seen.body;
    ++count;
  }
  EXPECT_GE(count, 20U);
}

constexpr std::string_view kFull =
    R"({"reasoning":"think hard","redacted":"hidden","tool_calls":[{"name":"get","arguments":{"a":"b c d e f g"}},)"
    R"({"name":"put","arguments":{}}]})";

bj::object second_turn(const bj::value& message) {
  auto request =
      bj::parse("{" + std::string(kConverseTools) + R"(,"messages":[{"role":"user","content":[{"text":"go"}]}]})");
  auto& messages = request.at("messages").as_array();
  messages.push_back(message);
  bj::array results;
  for (const auto& block : message.at("content").as_array()) {
    const auto* use = block.as_object().if_contains("toolUse");
    if (!use) continue;
    results.push_back(
        {{"toolResult", {{"toolUseId", use->at("toolUseId")}, {"content", bj::array{bj::object{{"text", ""}}}}}}});
  }
  messages.push_back({{"role", "user"}, {"content", results}});
  return request.as_object();
}

TEST(Bedrock, StreamsWhatItWouldAnswerAsAWhole) {
  TestSim sim({.record = SimOptions::Record::kOn});
  std::string body = "{" + std::string(kConverseTools) + R"(,"messages":[{"role":"user","content":[{"text":"go"}]}]})";
  auto stream = frames(converse(sim, body, kFull, "/converse-stream"));
  auto told = bj::parse(sim.ledger().at(0).at("answer").as_string());
  EXPECT_EQ(gathered(stream), told.at("output").at("message"));
  EXPECT_EQ(told.at("stopReason"), "tool_use");
  ASSERT_EQ(gathered(stream).at("content").as_array().size(), 4U);
}

TEST(Bedrock, TakesBackWhatItSaidAndNothingElse) {
  TestSim sim;
  std::string body = "{" + std::string(kConverseTools) + R"(,"messages":[{"role":"user","content":[{"text":"go"}]}]})";
  auto message = converse(sim, body, kFull).json().at("output").at("message");
  auto seen = converse(sim, bj::serialize(second_turn(message)));
  EXPECT_EQ(seen.status, 200) << seen.body;
  EXPECT_EQ(seen.json().at("stopReason"), "end_turn");

  auto refused = [&](auto change, std::string_view why) {
    auto altered = message;
    change(altered.at("content").as_array());
    auto answer = converse(sim, bj::serialize(second_turn(altered)));
    EXPECT_EQ(answer.status, 400);
    EXPECT_NE(answer.body.find(why), std::string::npos) << answer.body;
  };
  auto reasoning = [](bj::array& content) -> bj::object& {
    return content[0].at("reasoningContent").at("reasoningText").as_object();
  };
  constexpr std::string_view kBadSignature = "messages.1.content.0: Invalid `signature` in `thinking` block";
  refused([&](bj::array& content) { reasoning(content)["text"] = "think harder"; }, kBadSignature);
  refused([&](bj::array& content) { reasoning(content)["signature"] = vouch("anthropic thinking", "think hard"); },
          kBadSignature);
  refused([&](bj::array& content) { reasoning(content).erase("signature"); }, "signature: Field required");
  refused([](bj::array& content) { content[1].at("reasoningContent").as_object()["redactedContent"] = "aGlkZGVu"; },
          "Invalid `data` in `redacted_thinking` block");
  refused([](bj::array& content) { content[2].at("toolUse").at("input").as_object()["a"] = "x"; },
          "messages.1.content.2.toolUse: a `tool_use` block cannot be modified");
}

TEST(Bedrock, MakesTheCallsItIsAskedFor) {
  TestSim sim;
  std::string body =
      "{" + std::string(kConverseTools) + R"(,"messages":[{"role":"user","content":[{"text":"call:get,put"}]}]})";
  auto content = converse(sim, body).json().at("output").at("message").at("content").as_array();
  ASSERT_EQ(content.size(), 2U);
  EXPECT_EQ(content[0].at("toolUse").at("name"), "get");
  EXPECT_EQ(content[1].at("toolUse").at("input").at("text"), "call:get,put");
  EXPECT_NE(content[0].at("toolUse").at("toolUseId"), content[1].at("toolUse").at("toolUseId"));
}

TEST(Bedrock, TellsTheStopSequenceThatWasAskedFor) {
  TestSim sim;
  auto seen =
      converse(sim,
               R"({"messages":[{"role":"user","content":[{"text":"x"}]}],"inferenceConfig":{"stopSequences":["E"]},
      "additionalModelResponseFieldPaths":["/stop_sequence"]})",
               R"({"finish_reason":"stop_sequence"})");
  EXPECT_EQ(seen.json().at("additionalModelResponseFields").at("stop_sequence"), "E");
}

TEST(Bedrock, TellsErrorsByTheirExceptions) {
  TestSim sim;
  constexpr std::pair<int, std::string_view> kErrors[] = {
      {400, "ValidationException"},     {403, "AccessDeniedException"},      {404, "ResourceNotFoundException"},
      {408, "ModelTimeoutException"},   {424, "ModelErrorException"},        {429, "ThrottlingException"},
      {500, "InternalServerException"}, {503, "ServiceUnavailableException"}};
  for (auto [status, exception] : kErrors) {
    auto seen = converse(sim, kConverseHi, "{\"status\":" + std::to_string(status) + "}");
    EXPECT_EQ(seen.status, status);
    EXPECT_TRUE(seen.headers["x-amzn-errortype"].starts_with(std::string(exception) + ":"));
    EXPECT_FALSE(seen.json().at("message").as_string().empty());
  }
  EXPECT_EQ(sim.call("GET", std::string(kClaudePath) + "/converse").status, 404);
}

TEST(Bedrock, BreaksOffStreamsWithAnException) {
  TestSim sim;
  auto stream = frames(converse(sim, kConverseHi, R"({"error_after":2})", "/converse-stream"));
  ASSERT_EQ(stream.size(), 4U);
  EXPECT_EQ(stream[3].message_type, "exception");
  EXPECT_EQ(stream[3].type, "internalServerException");
  stream = frames(converse(sim, kConverseHi,
                           R"({"error_after":0,"error":{"__type":"ThrottlingException","message":"slow"}})",
                           "/converse-stream"));
  ASSERT_EQ(stream.size(), 2U);
  EXPECT_EQ(stream[1].type, "throttlingException");
  EXPECT_EQ(stream[1].payload, bj::parse(R"({"message":"slow"})"));
  stream = frames(converse(sim, kConverseHi, R"({"error_after":0,"error":"lost"})", "/converse-stream"));
  EXPECT_EQ(stream.back().message_type, "error");
}

TEST(Bedrock, LeavesOutTheEndOfAStream) {
  TestSim sim;
  auto stream = frames(converse(sim, kConverseHi, R"({"no_done":true,"usage":null})", "/converse-stream"));
  EXPECT_EQ(stream.back().type, "contentBlockStop");
  stream = frames(converse(sim, kConverseHi, R"({"usage":null})", "/converse-stream"));
  EXPECT_EQ(stream.back().type, "messageStop");
}

TEST(BedrockSim, CountsTokens) {
  TestSim sim;
  auto count = [&](const std::string& body) {
    return sim.call("POST", std::string(kClaudePath) + "/count-tokens", body);
  };
  Seen seen = count(R"({"input":{"converse":)" + std::string(kConverseHi) + "}}");
  ASSERT_EQ(seen.status, 200) << seen.body;
  EXPECT_EQ(seen.body, R"({"inputTokens":3})");
  EXPECT_EQ(count(R"({"input":{"invokeModel":{"body":"e30="}}})").status, 200);
  EXPECT_EQ(count(std::string(kConverseHi)).status, 400);
  EXPECT_EQ(count(R"({"input":{"converse":{"messages":[{"role":"assistant","content":[{"text":"a"}]}]}}})").status,
            400);
  EXPECT_EQ(count(R"({"input":{"converse":{"inferenceConfig":{"maxTokens":1}}}})").status, 400);
}

}  // namespace
}  // namespace sluice::sim::bedrock_test
