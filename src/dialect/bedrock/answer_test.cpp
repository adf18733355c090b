#include "dialect/bedrock/answer.h"

#include "dialect/bedrock/answer_fixture_test.h"
#include "http/event_stream.h"

namespace sluice::dialect::bedrock::answer_test {
namespace {

using testing::Case;
using testing::cases;
using testing::find_case;
using testing::Heard;
using testing::Outcome;
using testing::read_whole;
using testing::replay;

std::string finish_word(const Heard& heard) {
  switch (heard.finish) {
    case chat::FinishReason::kStop:
    case chat::FinishReason::kStopSequence:
      return "stop";
    case chat::FinishReason::kToolCalls:
      return "tool_calls";
    case chat::FinishReason::kLength:
      return "length";
    case chat::FinishReason::kContentFilter:
      return "content_filter";
    case chat::FinishReason::kModelError:
      return "error";
    default:
      return "none";
  }
}

std::string kind_word(const Fault& fault) {
  if (fault.kind == FaultKind::kProviderProtocol) return "protocol";
  if (fault.kind == FaultKind::kTruncated) return "truncated";
  return std::string(name(fault.meaning));
}

void expect_usage(const Case& test, const chat::Usage& usage) {
  if (!test.number("/usage/input")) return;
  EXPECT_EQ(usage.source, chat::UsageSource::kProvider) << test.id;
  EXPECT_EQ(usage.input, test.number("/usage/input")) << test.id;
  EXPECT_EQ(usage.output, test.number("/usage/output")) << test.id;
  EXPECT_EQ(usage.cache_read, test.number("/usage/cache_read")) << test.id;
  EXPECT_EQ(usage.cache_write, test.number("/usage/cache_write")) << test.id;
  EXPECT_EQ(usage.cache_write_1h, test.number("/usage/cache_write_1h").value_or(0)) << test.id;
}

void expect_calls(const Case& test, const Heard& heard) {
  testing::dom::array calls;
  if (test.expect["tool_calls"].get(calls)) {
    EXPECT_TRUE(heard.calls.empty()) << test.id;
    return;
  }
  ASSERT_EQ(heard.calls.size(), calls.size()) << test.id;
  std::size_t index = 0;
  for (testing::dom::element call : calls) {
    const Heard::Call& found = heard.calls[index++];
    EXPECT_EQ(found.id, std::string_view(call["id"].value()));
    EXPECT_EQ(found.name, std::string_view(call["name"].value()));
    EXPECT_EQ(testing::sorted(found.arguments.empty() ? "{}" : found.arguments),
              testing::sorted(call["arguments"].value()));
  }
}

void expect_meaning(const Case& test, const Outcome& outcome) {
  const Heard& heard = outcome.heard;
  EXPECT_EQ(heard.text, test.text("/text").value_or("")) << test.id;
  EXPECT_EQ(heard.reasoning, test.text("/reasoning").value_or("")) << test.id;
  EXPECT_EQ(heard.stop_sequence, test.text("/stop_sequence").value_or("")) << test.id;
  EXPECT_EQ(finish_word(heard), test.text("/finish")) << test.id;
  if (auto raw = test.text("/finish_raw")) EXPECT_EQ(outcome.learned.finish_reason, raw) << test.id;
  std::vector<std::string> states;
  if (auto signature = test.text("/reasoning_signature")) states.push_back("1" + *signature);
  if (auto redacted = test.text("/redacted_reasoning/0")) states.push_back("2" + *redacted);
  EXPECT_EQ(heard.states, states) << test.id;
  expect_calls(test, heard);
  expect_usage(test, outcome.learned.usage);
}

TEST(BedrockAnswer, ReadsEveryRecordedAnswer) {
  std::size_t count = 0;
  for (const auto& test : cases()) {
    if (test->stream || test->status != 200) continue;
    ++count;
    const Outcome outcome = read_whole(test->body);
    ASSERT_FALSE(outcome.fault) << test->id;
    expect_meaning(*test, outcome);
  }
  EXPECT_EQ(count, 12u);
}

TEST(BedrockAnswer, ReadsEveryRecordedStream) {
  std::size_t count = 0;
  for (const auto& test : cases()) {
    if (!test->stream) continue;
    ++count;
    const Outcome outcome = replay(test->body, test->body.size());
    if (auto kind = test->text("/error/kind")) {
      ASSERT_TRUE(outcome.fault) << test->id;
      EXPECT_EQ(kind_word(*outcome.fault), kind) << test->id;
      EXPECT_EQ(outcome.fault->code, test->text("/error/type").value_or("")) << test->id;
      if (auto before = test->text("/text_before_error")) EXPECT_EQ(outcome.heard.text, before) << test->id;
      EXPECT_FALSE(outcome.complete) << test->id;
      continue;
    }
    ASSERT_FALSE(outcome.fault) << test->id << outcome.fault->detail;
    EXPECT_TRUE(outcome.complete) << test->id;
    EXPECT_EQ(outcome.wire, test->body) << test->id;
    expect_meaning(*test, outcome);
  }
  EXPECT_EQ(count, 9u);
}

TEST(BedrockAnswer, DoesNotMindHowTheStreamIsCut) {
  for (const auto& test : cases()) {
    if (!test->stream) continue;
    const Outcome whole = replay(test->body, test->body.size());
    for (std::size_t size : {1, 2, 7, 13, 100}) {
      const Outcome cut = replay(test->body, size);
      EXPECT_EQ(cut.heard, whole.heard) << test->id << size;
      EXPECT_EQ(cut.wire, whole.wire) << test->id << size;
      EXPECT_EQ(cut.kinds, whole.kinds) << test->id << size;
      EXPECT_EQ(cut.learned.usage, whole.learned.usage) << test->id << size;
      EXPECT_EQ(cut.fault.has_value(), whole.fault.has_value()) << test->id << size;
    }
  }
}

TEST(BedrockAnswer, TellsAStreamThatWasCutOff) {
  for (const auto& test : cases()) {
    if (!test->stream || test->is_error()) continue;
    http::EventStreamSplitter splitter(1 << 20);
    std::size_t end = 0;
    bool stopped = false;
    for (const auto& frame : splitter.feed(test->body)) {
      const Outcome cut = replay(std::string_view(test->body).substr(0, end), 1000);
      EXPECT_EQ(cut.complete, stopped) << test->id << end;
      EXPECT_EQ(cut.fault.has_value(), !stopped) << test->id << end;
      if (cut.fault) EXPECT_EQ(cut.fault->kind, FaultKind::kTruncated) << test->id;
      end += frame.raw.size();
      stopped = stopped || frame.text(":event-type") == "messageStop";
    }
  }
}

TEST(BedrockAnswer, MakesNoPiecesWhereNoneAreWanted) {
  const Case& test = find_case("reasoning_stream");
  const Outcome outcome = replay(test.body, 50, {.pieces = ReadOptions::Pieces::kSkip});
  EXPECT_EQ(outcome.heard, Heard());
  EXPECT_EQ(outcome.wire, test.body);
  expect_usage(test, outcome.learned.usage);
}

std::string event(std::string_view type, std::string_view payload) {
  const std::vector<http::EventStreamHeader> headers{{.name = ":event-type", .value = type},
                                                     {.name = ":message-type", .value = "event"}};
  std::string out;
  http::append_frame(out, headers, payload);
  return out;
}

TEST(BedrockAnswer, TellsTheKindOfEachEvent) {
  const Outcome outcome = replay(find_case("text_stream").body, 10);
  EXPECT_EQ(outcome.kinds, "0111323");
  EXPECT_EQ(replay(find_case("tool_use_empty_input_stream").body, 10).heard.order, "c");
}

TEST(BedrockAnswer, ReadsPartsOfBlocksThatCameInPieces) {
  const std::string stream =
      event("messageStart", R"({"role":"assistant"})") +
      event("contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"ab"}}})") +
      event("contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"cd"}}})") +
      event("contentBlockStop", R"({"contentBlockIndex":0})") +
      event("contentBlockDelta", R"({"delta":{"reasoningContent":{"redactedContent":"YWI="}}})") +
      event("contentBlockDelta", R"({"delta":{"reasoningContent":{"redactedContent":"Yw=="}}})") +
      event("contentBlockStop", "{}") + event("contentBlockStart", R"({"start":{"image":{"format":"png"}}})") +
      event("contentBlockDelta", R"({"delta":{"image":{"source":{"bytes":"YWI="}}}})") +
      event("contentBlockStop", "{}") + event("messageStop", R"({"stopReason":"end_turn"})");
  const Outcome outcome = replay(stream, 33);
  ASSERT_FALSE(outcome.fault) << outcome.fault->detail;
  EXPECT_EQ(outcome.heard.states, (std::vector<std::string>{"1abcd", "2YWJj"}));
  EXPECT_EQ(outcome.heard.media, std::vector<std::string>{"image/png:YWI="});
}

TEST(BedrockAnswer, EndsReasoningWithoutASignatureAsPlain) {
  const std::string stream = event("contentBlockDelta", R"({"delta":{"reasoningContent":{"text":"Hm"}}})") +
                             event("contentBlockDelta", R"({"delta":{"text":"Yes"}})") +
                             event("messageStop", R"({"stopReason":"end_turn"})");
  const Outcome outcome = replay(stream, 1000);
  EXPECT_EQ(outcome.heard.states, std::vector<std::string>{"5"});
  EXPECT_EQ(outcome.heard.order, "rst");
}

TEST(BedrockAnswer, KeepsWhatTheProvidersOwnToolsDid) {
  const std::string stream =
      event("contentBlockStart",
            R"({"start":{"toolUse":{"toolUseId":"a","name":"nova_grounding","type":"server_tool_use"}}})") +
      event("contentBlockDelta", R"({"delta":{"toolUse":{"input":"{\"q\":1}"}}})") + event("contentBlockStop", "{}") +
      event("contentBlockStart", R"({"start":{"toolResult":{"toolUseId":"a","status":"success"}}})") +
      event("contentBlockDelta", R"({"delta":{"toolResult":[{"text":"x"}]}})") +
      event("contentBlockDelta", R"({"delta":{"toolResult":[{"json":{"y":1}}]}})") + event("contentBlockStop", "{}") +
      event("messageStop", R"({"stopReason":"end_turn"})");
  const Outcome outcome = replay(stream, 1000);
  ASSERT_FALSE(outcome.fault);
  ASSERT_EQ(outcome.heard.items.size(), 2u);
  EXPECT_EQ(testing::sorted(outcome.heard.items[0]),
            R"({"toolUse":{"input":{"q":1},"name":"nova_grounding","toolUseId":"a","type":"server_tool_use"}})");
  EXPECT_EQ(testing::sorted(outcome.heard.items[1]),
            R"({"toolResult":{"content":[{"text":"x"},{"json":{"y":1}}],"status":"success","toolUseId":"a"}})");
  EXPECT_EQ(outcome.heard.finish, chat::FinishReason::kStop);
  const Outcome whole = read_whole(
      R"({"output":{"message":{"content":[{"toolUse":{"toolUseId":"a","name":"n","type":"server_tool_use","input":{}}},{"video":{}}]}},"stopReason":"end_turn"})");
  EXPECT_EQ(whole.heard.items.size(), 2u);
}

TEST(BedrockAnswer, ReadsCitations) {
  EXPECT_EQ(replay(find_case("citations_stream").body, 9).heard.citations,
            std::vector<std::string>{"note||Sky is blue."});
  const Outcome whole = read_whole(
      R"({"output":{"message":{"content":[{"citationsContent":{"content":[{"text":"A"},{"text":"B"}],"citations":[{"title":"T","location":{"web":{"url":"https://a.b"}},"sourceContent":[{"text":"q"}]}]}}]}},"stopReason":"end_turn"})");
  EXPECT_EQ(whole.heard.text, "AB");
  EXPECT_EQ(whole.heard.citations, std::vector<std::string>{"T|https://a.b|q"});
}

TEST(BedrockAnswer, SurvivesHostileStreams) {
  const auto kind = [](const std::string& stream) {
    const Outcome outcome = replay(stream, 5);
    return outcome.fault ? std::string(name(outcome.fault->kind)) : "none";
  };
  EXPECT_EQ(kind(event("contentBlockDelta", R"({"delta":{"toolUse":{"input":"{}"}}})")), "provider_protocol");
  EXPECT_EQ(kind(event("contentBlockDelta", "{")), "provider_protocol");
  EXPECT_EQ(kind(event("contentBlockDelta", "")), "provider_protocol");
  EXPECT_EQ(kind(event("contentBlockDelta", "[1]") + event("contentBlockStart", "7") + event("messageStop", "null") +
                 event("news", "?")),
            "none");
  const std::string much = R"({"delta":{"reasoningContent":{"signature":")" + std::string(600, 'x') + R"("}}})";
  const Outcome outcome =
      replay(event("contentBlockDelta", much) + event("contentBlockDelta", much), 100, {.max_event_bytes = 1000});
  ASSERT_TRUE(outcome.fault);
  EXPECT_EQ(outcome.fault->kind, FaultKind::kProviderProtocol);
  EXPECT_EQ(outcome.fault->told, "A block of the provider's stream is larger than 1000B (limits.event).");
}

TEST(BedrockAnswer, EventsHaveALimit) {
  const Outcome outcome = replay(event("contentBlockDelta", std::string(2000, ' ')), 100, {.max_event_bytes = 1000});
  ASSERT_TRUE(outcome.fault);
  EXPECT_EQ(outcome.fault->told, "An event of the provider's stream is larger than 1000B (limits.event).");
}

TEST(BedrockAnswer, TellsErrorsInsideOfASuccess) {
  const Outcome outcome = read_whole(R"({"__type":"com.amazon#ThrottlingException","message":"Slow down"})");
  ASSERT_TRUE(outcome.fault);
  EXPECT_EQ(outcome.fault->kind, FaultKind::kProviderError);
  EXPECT_EQ(outcome.fault->meaning, Meaning::kRateLimit);
  EXPECT_EQ(outcome.fault->told, "Slow down");
  EXPECT_EQ(read_whole("{").fault->kind, FaultKind::kProviderProtocol);
}

TEST(BedrockAnswer, TellsModelAndTierWhereTheyAreTold) {
  const Outcome outcome = read_whole(
      R"({"output":{},"stopReason":"end_turn","serviceTier":{"type":"flex"},"trace":{"promptRouter":{"invokedModelId":"m"}}})");
  EXPECT_EQ(outcome.learned.service_tier, "flex");
  EXPECT_EQ(outcome.learned.model, "m");
}

// ---- InvokeModel

TEST(BedrockAnswer, TakesTheTermsOfWritesForTheirSum) {
  const Outcome outcome = read_whole(
      R"({"output":{},"stopReason":"end_turn","usage":{"inputTokens":5,"outputTokens":7,"cacheDetails":[{"ttl":"1h","inputTokens":1},{"ttl":"5m","inputTokens":2}]}})");
  EXPECT_EQ(outcome.learned.usage.input, 8u);
  EXPECT_EQ(outcome.learned.usage.cache_write, 3u);
  EXPECT_EQ(outcome.learned.usage.cache_write_1h, 1u);
}

}  // namespace
}  // namespace sluice::dialect::bedrock::answer_test
