// With which event of a stream the answer is over, whatever the provider does with its connection then.
#include <gtest/gtest.h>

#include <array>

#include "dialect/catalogue.h"
#include "http/event_stream.h"
#include "json/reader.h"

namespace sluice::dialect::ending_test {
namespace {

std::string sse(std::string_view data) {
  return "data: " + std::string(data) + "\n\n";
}

std::string frame(std::string_view type, std::string_view payload) {
  const std::array<http::EventStreamHeader, 2> headers{{
      {.name = ":event-type", .value = type},
      {.name = ":message-type", .value = "event"},
  }};
  std::string out;
  http::append_frame(out, headers, payload);
  return out;
}

struct EndingCase {
  std::string_view dialect;
  std::vector<std::string> events;
  std::size_t over_at;  // the event with which it is over; events.size(): with none of them
};

std::vector<EndingCase> cases() {
  const std::string delta = sse(R"({"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]})");
  const std::string finish = sse(R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})");
  const std::string usage = sse(R"({"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}})");
  const std::string gemini_end =
      R"({"candidates":[{"index":0,"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}]})";
  return {
      {"openai", {delta, finish, usage, sse("[DONE]")}, 3},
      {"openai", {delta, finish, usage}, 3},
      {"responses",
       {sse(R"({"type":"response.output_text.delta","delta":"a"})"),
        sse(R"({"type":"response.completed","response":{"status":"completed","output":[]}})")},
       1},
      {"anthropic",
       {sse(R"({"type":"message_start","message":{"usage":{"input_tokens":1,"output_tokens":1}}})"),
        sse(R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}})"),
        sse(R"({"type":"message_stop"})")},
       2},
      {"cohere", {sse(R"({"type":"message-end","delta":{"finish_reason":"COMPLETE"}})")}, 0},
      {"gemini", {sse(gemini_end), sse(R"({"usageMetadata":{"promptTokenCount":1}})")}, 2},
      {"gemini", {"[" + gemini_end, "]"}, 1},
      {"bedrock",
       {frame("messageStart", R"({"role":"assistant"})"), frame("messageStop", R"({"stopReason":"end_turn"})"),
        frame("metadata", R"({"usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3}})")},
       2},
  };
}

TEST(Ending, IsToldByTheEventThatEndsTheAnswer) {
  for (const auto& [dialect, events, over_at] : cases()) {
    json::Reader reader;
    chat::Learned learned;
    const Client* client = find_client(dialect);
    ASSERT_TRUE(client) << dialect;
    const auto answer = client->read_answer(Operation::kChat, nullptr, {}, learned, reader);
    for (std::size_t i = 0; i < events.size(); ++i) {
      const auto fed = answer->feed(events[i]);
      ASSERT_TRUE(fed) << dialect << ": " << fed.error().told;
      const bool is_over = !fed->empty() && fed->back().last;
      EXPECT_EQ(is_over, i == over_at) << dialect << ": " << events[i];
    }
  }
}

TEST(Ending, KeepAlivesAreWhatReadersStepOver) {
  for (const Server* server : servers()) {
    const Client* client = find_client(server->name());
    for (const Endpoint& endpoint : server->endpoints()) {
      const auto keep_alive = server->keep_alive(endpoint);
      if (!client || keep_alive.empty() || endpoint.operation != Operation::kChat) continue;
      json::Reader reader;
      chat::Learned learned;
      const auto answer = client->read_answer(Operation::kChat, &endpoint, {}, learned, reader);
      const auto fed = answer->feed(keep_alive);
      ASSERT_TRUE(fed) << endpoint.name;
      for (const chat::Event& event : *fed) {
        EXPECT_EQ(event.wire, keep_alive) << endpoint.name;
        EXPECT_NE(event.kind, chat::EventKind::kContent) << endpoint.name;
        EXPECT_TRUE(event.pieces.empty()) << endpoint.name;
      }
    }
  }
}

}  // namespace
}  // namespace sluice::dialect::ending_test
