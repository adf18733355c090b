#include "dialect/bedrock/invoke.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "dialect/anthropic/anthropic.h"
#include "dialect/bedrock/bedrock.h"
#include "dialect/bedrock/endpoint.h"
#include "http/event_stream.h"
#include "json/reader.h"

namespace sluice::dialect::bedrock::invoke_test {
namespace {

std::string padded(std::string_view text) {
  std::string out(text);
  out.reserve(out.size() + json::kPadding);
  return out;
}

const Endpoint& endpoint(Kind kind) {
  return endpoints()[static_cast<std::size_t>(kind)];
}

TEST(BedrockInvokeServer, ReadsClaudesBodies) {
  json::Reader reader;
  const auto body = padded(R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":5,)"
                           R"("messages":[{"role":"user","content":"hi"}]})");
  auto request = server().read_chat(endpoint(Kind::kInvoke), body, reader);
  ASSERT_TRUE(request) << request.error().told;
  EXPECT_EQ(request->turns.size(), 1u);
}

TEST(BedrockInvokeServer, RefusesThoseOfOthersByName) {
  json::Reader reader;
  const auto body = padded(R"({"inputText":"hi","textGenerationConfig":{}})");
  auto request = server().read_chat(endpoint(Kind::kInvoke), body, reader);
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().param, "anthropic_version");
}

class InvokeWriterTest : public ::testing::Test {
 protected:
  std::string write(Kind kind) {
    const WriteOptions options{.endpoint = &endpoint(kind),
                               .asked_model = "claude",
                               .origin = "p",
                               .exchange_id = "req_1",
                               .stream = kind == Kind::kInvokeStream};
    chat::Learned learned;
    learned.model = "m";
    learned.usage = {.source = chat::UsageSource::kProvider, .input = 12, .cache_read = 2, .output = 7};
    auto writer = server().write_answer(options);
    std::string out;
    chat::Piece text{.kind = chat::PieceKind::kText, .text = json::Escaped{"hello"}};
    chat::Piece end{.kind = chat::PieceKind::kFinish, .finish = chat::FinishReason::kStop};
    writer->write({&text, 1}, learned, out);
    writer->write({&end, 1}, learned, out);
    writer->finish(learned, out);
    return out;
  }
};

TEST_F(InvokeWriterTest, AWholeAnswerIsAMessage) {
  const auto out = write(Kind::kInvoke);
  EXPECT_TRUE(out.starts_with(R"({"id":"msg_)")) << out;
  EXPECT_TRUE(out.contains(R"("text":"hello")")) << out;
}

// What the client side of the same host reads of it.
TEST_F(InvokeWriterTest, AStreamIsReadByTheHostsClients) {
  const auto out = write(Kind::kInvokeStream);
  for (std::size_t chunk : {out.size(), std::size_t{7}}) {
    chat::Learned learned;
    json::Reader json;
    auto reader = anthropic::bedrock_client().read_answer(Operation::kChat, nullptr, {}, learned, json);
    std::string text;
    for (std::size_t i = 0; i < out.size(); i += chunk) {
      auto events = reader->feed(std::string_view(out).substr(i, chunk));
      ASSERT_TRUE(events) << events.error().told;
      for (const auto& event : *events) {
        for (const auto& piece : event.pieces) text += piece.kind == chat::PieceKind::kText ? piece.text.raw : "";
      }
    }
    EXPECT_TRUE(reader->finish());
    EXPECT_EQ(text, "hello");
    EXPECT_EQ(learned.usage.input, 12u);
    EXPECT_EQ(learned.usage.output, 7u);
    EXPECT_EQ(learned.finish, chat::FinishReason::kStop);
  }
}

TEST_F(InvokeWriterTest, TheLastFrameHasTheMetrics) {
  const auto out = write(Kind::kInvokeStream);
  http::EventStreamSplitter splitter(1 << 20);
  auto frames = splitter.feed(out);
  ASSERT_FALSE(frames.empty());
  EXPECT_EQ(frames.back().text(":event-type"), "chunk");
  auto payload = frames.back().payload;
  payload.remove_prefix(std::string_view(R"({"bytes":")").size());
  EXPECT_EQ(base64_decode(payload.substr(0, payload.size() - 2)),
            R"({"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":10,"outputTokenCount":7,)"
            R"("cacheReadInputTokenCount":2,"cacheWriteInputTokenCount":0}})");
}

TEST_F(InvokeWriterTest, AFailureIsAnException) {
  const WriteOptions options{.endpoint = &endpoint(Kind::kInvokeStream), .exchange_id = "req_1", .stream = true};
  std::string out;
  server().write_answer(options)->fail({.kind = FaultKind::kTruncated, .told = "It ended."}, {}, out);
  http::EventStreamSplitter splitter(1 << 20);
  auto frames = splitter.feed(out);
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames.front().text(":message-type"), "exception");
}

}  // namespace
}  // namespace sluice::dialect::bedrock::invoke_test
