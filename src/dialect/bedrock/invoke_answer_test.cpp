// Answers of InvokeModel, which are whatever the vendor of the model says.
#include "base/digest.h"
#include "checkout.h"
#include "dialect/bedrock/answer_fixture_test.h"
#include "http/event_stream.h"

namespace sluice::dialect::bedrock::invoke_answer_test {
namespace {

using testing::Heard;
using testing::Outcome;
using testing::read_whole;
using testing::replay;

std::string chunk(std::string_view event) {
  std::string out;
  const http::EventStreamHeader headers[] = {{":event-type", "chunk"}, {":message-type", "event"}};
  http::append_frame(out, headers, R"({"bytes":")" + base64(event) + "\"}");
  return out;
}

TEST(BedrockInvoke, ReadsUsageOfClaude) {
  const Outcome outcome = read_whole(
      R"({"id":"msg_1","model":"claude","content":[],"stop_reason":"end_turn","usage":{"input_tokens":5,"output_tokens":7,"cache_read_input_tokens":2,"cache_creation":{"ephemeral_1h_input_tokens":1},"cache_creation_input_tokens":3}})",
      Kind::kInvoke);
  ASSERT_FALSE(outcome.fault);
  EXPECT_EQ(outcome.learned.usage.input, 10u);
  EXPECT_EQ(outcome.learned.usage.output, 7u);
  EXPECT_EQ(outcome.learned.usage.cache_write_1h, 1u);
  EXPECT_EQ(outcome.learned.model, "claude");
  EXPECT_EQ(outcome.heard, Heard());
}

TEST(BedrockInvoke, TakesTheTermsOfWritesForTheirSum) {
  const Outcome outcome = read_whole(
      R"({"id":"msg_1","model":"claude","content":[],"stop_reason":"end_turn","usage":{"input_tokens":5,"output_tokens":7,"cache_creation":{"ephemeral_1h_input_tokens":1,"ephemeral_5m_input_tokens":2}}})",
      Kind::kInvoke);
  EXPECT_EQ(outcome.learned.usage.input, 8u);
  EXPECT_EQ(outcome.learned.usage.cache_write, 3u);
  EXPECT_EQ(outcome.learned.usage.cache_write_1h, 1u);
}

TEST(BedrockInvoke, TellsErrorsInsideOfASuccess) {
  for (std::string_view body : {R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})",
                                R"({"error":{"message":"Overloaded","type":"overloaded_error"}})"}) {
    const Outcome outcome = read_whole(body, Kind::kInvoke);
    ASSERT_TRUE(outcome.fault) << body;
    EXPECT_EQ(outcome.fault->meaning, Meaning::kOverloaded);
    EXPECT_EQ(outcome.fault->told, "Overloaded");
  }
  const Outcome aws = read_whole(R"({"__type":"ThrottlingException","message":"Slow down"})", Kind::kInvoke);
  ASSERT_TRUE(aws.fault);
  EXPECT_EQ(aws.fault->meaning, Meaning::kRateLimit);
  EXPECT_FALSE(read_whole(R"({"images":["aGk="],"error":null})", Kind::kInvoke).fault);
  EXPECT_FALSE(read_whole(R"({"images":[],"error":"one was withheld"})", Kind::kInvoke).fault);
}

TEST(BedrockInvoke, TellsErrorsAmongEvents) {
  const Outcome outcome =
      replay(chunk(R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})"), 17, {},
             Kind::kInvokeStream);
  ASSERT_TRUE(outcome.fault);
  EXPECT_EQ(outcome.fault->meaning, Meaning::kOverloaded);
  EXPECT_EQ(outcome.fault->told, "Overloaded");
}

TEST(BedrockInvoke, TellsClaudesEventsBeforeTheFirstContent) {
  const auto kind_of = [](std::string_view event) { return replay(chunk(event), 17, {}, Kind::kInvokeStream).kinds; };
  const auto kind = [](chat::EventKind one) { return std::string(1, static_cast<char>('0' + static_cast<int>(one))); };
  const auto preamble = kind(chat::EventKind::kPreamble);
  EXPECT_EQ(kind_of(R"({"type":"message_start","message":{"role":"assistant","content":[]}})"), preamble);
  EXPECT_EQ(kind_of(R"({"type":"ping"})"), preamble);
  EXPECT_EQ(kind_of(R"({"type":"content_block_start","content_block":{"type":"text","text":""}})"), preamble);
  EXPECT_EQ(kind_of(R"({"type":"content_block_delta","delta":{"type":"text_delta","text":""}})"), preamble);
  EXPECT_EQ(kind_of(R"({"type":"content_block_stop","index":0})"), preamble);
  const auto content = kind(chat::EventKind::kContent);
  EXPECT_EQ(kind_of(R"({"type":"content_block_start","content_block":{"type":"tool_use","name":"f"}})"), content);
  EXPECT_EQ(kind_of(R"({"type":"content_block_delta","delta":{"type":"text_delta","text":"a"}})"), content);
  EXPECT_EQ(kind_of(R"({"type":"content_block_delta","delta":{"type":"signature_delta","signature":"s"}})"), content);
  EXPECT_EQ(kind_of(R"({"outputText":"a"})"), content) << "of another vendor";
  EXPECT_EQ(kind_of(R"({"audio":"a"})"), content) << "of another vendor";
}

TEST(BedrockInvoke, IsCompleteWithTheMetrics) {
  const std::string stream =
      testing::read_file(in_checkout("tests/fixtures/anthropic-hosted/bedrock_invoke_stream.bin"));
  const Outcome outcome = replay(stream, 17, {}, Kind::kInvokeStream);
  ASSERT_FALSE(outcome.fault) << outcome.fault->detail;
  EXPECT_TRUE(outcome.complete);
  EXPECT_EQ(outcome.wire, stream);
  EXPECT_GT(outcome.learned.usage.input, 0u);
  EXPECT_GT(outcome.learned.usage.output, 0u);
  EXPECT_EQ(outcome.learned.finish, chat::FinishReason::kStop);
  const Outcome cut = replay(std::string_view(stream).substr(0, stream.size() / 2), 17, {}, Kind::kInvokeStream);
  EXPECT_EQ(cut.fault->kind, FaultKind::kTruncated);
}

}  // namespace
}  // namespace sluice::dialect::bedrock::invoke_answer_test
