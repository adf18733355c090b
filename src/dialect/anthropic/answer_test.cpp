#include <gtest/gtest.h>

#include "base/text.h"
#include "dialect/anthropic/fixture_test.h"
#include "http/event_stream.h"

namespace sluice::dialect::anthropic::testing::answer_test {
namespace {

using chat::FinishReason;

std::string word_of(FinishReason finish) {
  switch (finish) {
    case FinishReason::kStop:
    case FinishReason::kStopSequence:
      return "stop";
    case FinishReason::kLength:
    case FinishReason::kContextWindow:
      return "length";
    case FinishReason::kToolCalls:
      return "tool_calls";
    case FinishReason::kRefusal:
      return "refusal";
    case FinishReason::kPause:
      return "pause";
    default:
      return "?";
  }
}

std::string event(std::string_view type, std::string_view members) {
  std::string out = "event: " + std::string(type) + "\ndata: {\"type\":\"" + std::string(type) + "\"";
  if (!members.empty()) out += "," + std::string(members);
  return out + "}\n\n";
}
const std::string kBegin = event("message_start", R"("message":{"id":"msg_1","model":"m","usage":{"input_tokens":3}})");
const std::string kEnd = event("message_delta", R"("delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2})") +
                         event("message_stop", "");

std::string block(std::string_view start, std::initializer_list<std::string_view> deltas = {}) {
  std::string out = event("content_block_start", R"("index":0,"content_block":)" + std::string(start));
  for (std::string_view delta : deltas)
    out += event("content_block_delta", R"("index":0,"delta":)" + std::string(delta));
  return out + event("content_block_stop", R"("index":0)");
}

void expect_content(const Case& test, const Outcome& outcome) {
  const Heard& heard = outcome.heard;
  EXPECT_EQ(heard.text, test.text("/text").value_or(""));
  EXPECT_EQ(heard.reasoning, test.text("/reasoning").value_or(""));
  if (auto signature = test.text("/reasoning_signature")) EXPECT_EQ(heard.signatures, std::vector{*signature});
  if (auto redacted = test.text("/redacted_reasoning/0")) EXPECT_EQ(heard.redacted, std::vector{*redacted});
  EXPECT_EQ(word_of(heard.finish), test.text("/finish"));
  EXPECT_EQ(word_of(outcome.learned.finish), test.text("/finish"));
  EXPECT_EQ(heard.finishes, 1);
  if (auto stop = test.text("/stop_sequence")) EXPECT_EQ(heard.stop_sequence, *stop);
  if (auto tier = test.text("/service_tier")) EXPECT_EQ(outcome.learned.service_tier, *tier);
  if (auto refusal = test.text("/refusal"); refusal && heard.text.empty()) EXPECT_EQ(heard.refusal, *refusal);
  if (auto raw = test.text("/partial_tool_call/arguments_raw")) EXPECT_EQ(heard.calls.at(0).arguments, *raw);
  dom::array calls;
  if (test.expect.at_pointer("/tool_calls").get(calls)) return;
  ASSERT_EQ(heard.calls.size(), calls.size());
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const dom::element call = calls.at(i).value();
    EXPECT_EQ(heard.calls[i].id, std::string_view(call["id"].value()));
    EXPECT_EQ(heard.calls[i].name, std::string_view(call["name"].value()));
    const std::string& arguments = heard.calls[i].arguments;
    EXPECT_EQ(sorted(std::string_view(arguments.empty() ? "{}" : arguments)), sorted(call["arguments"].value()));
  }
}

void expect_usage(const Case& test, const chat::Usage& usage) {
  EXPECT_EQ(usage.source, chat::UsageSource::kProvider);
  EXPECT_EQ(usage.input, test.number("/usage/input"));
  EXPECT_EQ(usage.cache_read, test.number("/usage/cache_read"));
  EXPECT_EQ(usage.cache_write, test.number("/usage/cache_write"));
  EXPECT_EQ(usage.cache_write_1h, test.number("/usage/cache_write_1h").value_or(0));
  EXPECT_EQ(usage.output, test.number("/usage/output"));
  EXPECT_EQ(usage.reasoning, test.number("/usage/reasoning").value_or(0));
  if (auto searches = test.number("/server_tool/web_search")) EXPECT_EQ(usage.tool_requests, *searches);
}

TEST(AnthropicAnswer, ReadsEveryFixture) {
  std::size_t read = 0;
  for (const auto& test : cases()) {
    SCOPED_TRACE(test->id);
    if (test->status != 200 || kind_of(*test) == Kind::kCountTokens) continue;
    ++read;
    const Outcome outcome = test->stream ? replay(test->body, 1 << 20, host_of(*test)) : read_whole(test->body);
    if (test->is_error()) {
      EXPECT_EQ(outcome.fault, FaultKind::kProviderError);
      EXPECT_EQ(outcome.meaning, Meaning::kOverloaded);
      EXPECT_EQ(outcome.heard.text, test->text("/text_before_error"));
      EXPECT_FALSE(outcome.complete);
      continue;
    }
    EXPECT_FALSE(outcome.fault) << outcome.told;
    EXPECT_TRUE(outcome.complete);
    expect_content(*test, outcome);
    expect_usage(*test, outcome.learned.usage);
    if (host_of(*test) != Host::kBedrock) EXPECT_EQ(outcome.wire, test->body);
  }
  EXPECT_GT(read, 30u);
}

TEST(AnthropicAnswer, ReadsTheSameHoweverItIsCut) {
  for (const auto& test : cases()) {
    if (!test->stream) continue;
    SCOPED_TRACE(test->id);
    const Outcome whole = replay(test->body, 1 << 20, host_of(*test));
    for (const std::size_t size : {1, 2, 3, 7, 64, 1000}) {
      EXPECT_TRUE(replay(test->body, size, host_of(*test)).same_as(whole)) << size;
    }
  }
}

TEST(AnthropicAnswer, IsTruncatedWhereverItIsCutOff) {
  for (const auto& test : cases()) {
    if (!test->stream || test->is_error()) continue;
    SCOPED_TRACE(test->id);
    const std::size_t last = host_of(*test) == Host::kBedrock ? test->body.size() - 1 : test->body.rfind("event: ");
    for (std::size_t at = 0; at <= last; at += 1 + test->body.size() / 97) {
      const Outcome outcome = replay(std::string_view(test->body).substr(0, at), 1 << 20, host_of(*test));
      EXPECT_EQ(outcome.fault, FaultKind::kTruncated) << at;
      EXPECT_FALSE(outcome.complete);
    }
  }
}

TEST(AnthropicAnswer, MakesNoPiecesWhereNoneAreWanted) {
  for (const auto& test : cases()) {
    if (!test->stream) continue;
    SCOPED_TRACE(test->id);
    const Outcome with = replay(test->body, 1 << 20, host_of(*test));
    const Outcome without = replay(test->body, 5, host_of(*test), {.pieces = ReadOptions::Pieces::kSkip});
    EXPECT_EQ(without.heard, Heard());
    EXPECT_EQ(without.kinds, with.kinds);
    EXPECT_EQ(without.learned.usage, with.learned.usage);
    EXPECT_EQ(without.learned.finish, with.learned.finish);
    EXPECT_EQ(without.wire, with.wire);
  }
}

TEST(AnthropicAnswer, BedrocksStreamBecomesTheApisOwn) {
  const Outcome outcome = replay(find_case("bedrock_invoke_stream").body, 9, Host::kBedrock);
  EXPECT_TRUE(outcome.wire.starts_with("event: message_start\ndata: {\"type\":\"message_start\","));
  EXPECT_TRUE(outcome.wire.contains("\n\nevent: content_block_delta\ndata: {"));
  EXPECT_TRUE(outcome.wire.ends_with("}\n\n"));
  const Outcome again = replay(outcome.wire);
  EXPECT_EQ(again.heard, outcome.heard);
  EXPECT_EQ(again.learned.usage, outcome.learned.usage);
}

TEST(AnthropicAnswer, BedrocksExceptionsAreFaults) {
  auto frame = [](std::string_view kind, std::string_view name_key, std::string_view name, std::string_view payload) {
    const std::vector<http::EventStreamHeader> headers{{":message-type", kind, http::HeaderType::kString},
                                                       {name_key, name, http::HeaderType::kString}};
    std::string out;
    http::append_frame(out, headers, payload);
    return out;
  };
  const auto limited =
      replay(frame("exception", ":exception-type", "throttlingException", R"({"message":"Slow"})"), 7, Host::kBedrock);
  EXPECT_EQ(limited.fault, FaultKind::kProviderError);
  EXPECT_EQ(limited.meaning, Meaning::kRateLimit);
  EXPECT_EQ(limited.told, "Slow");
  EXPECT_EQ(replay(frame("error", ":error-code", "InternalFailure", ""), 7, Host::kBedrock).meaning,
            Meaning::kServerError);
  EXPECT_EQ(replay(frame("event", ":event-type", "chunk", R"({"bytes":"*"})"), 7, Host::kBedrock).fault,
            FaultKind::kProviderProtocol);
  EXPECT_EQ(replay(frame("event", ":event-type", "other", "{}"), 7, Host::kBedrock).fault, FaultKind::kTruncated);
  EXPECT_EQ(replay(std::string(64, 'x'), 7, Host::kBedrock).fault, FaultKind::kProviderProtocol);
}

TEST(AnthropicAnswer, KeepsServerItemsWithTheirInput) {
  const Outcome streamed =
      replay(kBegin +
             block(R"({"type":"server_tool_use","id":"s1","name":"web_search","input":{},"caller":{"type":"direct"}})",
                   {R"({"type":"input_json_delta","partial_json":"{\"query\":"})",
                    R"({"type":"input_json_delta","partial_json":"\"x\"}"})"}) +
             block(R"({"type":"web_search_tool_result","tool_use_id":"s1","content":[]})") + kEnd);
  ASSERT_EQ(streamed.heard.items.size(), 2u);
  EXPECT_EQ(
      streamed.heard.items[0],
      R"({"type":"server_tool_use","id":"s1","name":"web_search","input":{"query":"x"},"caller":{"type":"direct"}})");
  EXPECT_EQ(streamed.heard.items[1], R"({"type":"web_search_tool_result","tool_use_id":"s1","content":[]})");
  const Outcome whole = read_whole(find_case("pause_turn_web_search").body);
  EXPECT_EQ(whole.heard.items.size(), 2u);
  EXPECT_EQ(whole.heard.citations,
            std::vector<std::string>{"https://example.com/tram|Tram line opens|The tram line opened on Monday."});
}

TEST(AnthropicAnswer, TakesWhatCompatibleServersSend) {
  // A call's input whole where it begins, no end of the block, and thinking without a signature.
  const std::string stream =
      kBegin + event("content_block_start", R"("index":0,"content_block":{"type":"thinking","thinking":"Hm"})") +
      event("content_block_start",
            R"("index":1,"content_block":{"type":"tool_use","id":"a","name":"f","input":{"x":"é\n"}})") +
      kEnd;
  const Outcome outcome = replay(stream);
  EXPECT_FALSE(outcome.fault);
  EXPECT_EQ(outcome.heard.reasoning, "Hm");
  EXPECT_EQ(outcome.heard.plain_states, 1);
  ASSERT_EQ(outcome.heard.calls.size(), 1u);
  EXPECT_EQ(outcome.heard.calls[0].arguments, R"({"x":"é\n"})");
}

// Usage of a stream that begins with one and ends with another.
chat::Learned told(const std::string& first, const std::string& last) {
  return replay(event("message_start",
                      R"("message":{"id":"msg_1","model":"m")" + (first.empty() ? "" : R"(,"usage":)" + first) + "}") +
                block(R"({"type":"text","text":""})", {R"({"type":"text_delta","text":"Hi"})"}) +
                event("message_delta", R"("delta":{"stop_reason":"end_turn"},"usage":)" + last) +
                event("message_stop", ""))
      .learned;
}

TEST(AnthropicUsage, IsNotTakenBackByAZero) {
  using enum chat::UsageSource;
  const chat::Usage usage{.source = kProvider, .input = 5700, .cache_read = 700, .output = 100};
  const std::string first = R"({"input_tokens":5000,"cache_read_input_tokens":700,"output_tokens":1})";
  EXPECT_EQ(told(first, R"({"output_tokens":100})").usage, usage);
  EXPECT_EQ(told(first, R"({"input_tokens":0,"cache_read_input_tokens":0,"output_tokens":100})").usage, usage);
  EXPECT_EQ(told(first, R"({"input_tokens":6000,"output_tokens":100})").usage.input, 6700u) << "it grows";
  EXPECT_EQ(told(first, R"({"input_tokens":4000,"output_tokens":100})").usage.input, 4700u) << "it is corrected";
  EXPECT_EQ(told("", R"({"output_tokens":100})").usage, (chat::Usage{.source = kProvider, .output = 100}));
}

TEST(AnthropicUsage, ThatTellsNoOutputCountsNoneOfWhatWasShown) {
  const std::string first = R"({"input_tokens":5000,"output_tokens":1})";
  EXPECT_EQ(told(first, R"({"output_tokens":9})").counted, 2u);
  EXPECT_EQ(told(first, R"({"input_tokens":5000})").counted, 0u);
  EXPECT_EQ(told(first, R"({"output_tokens":0})").counted, 0u);
}

TEST(AnthropicUsage, OfWritesIsTheSumOfTheirTermsWhereNothingElseTellsIt) {
  const auto usage = [](const std::string& written) {
    return told(R"({"input_tokens":5,)" + written + "}", R"({"output_tokens":100})").usage;
  };
  const std::string terms = R"("cache_creation":{"ephemeral_5m_input_tokens":30,"ephemeral_1h_input_tokens":12})";
  EXPECT_EQ(usage(terms).cache_write, 42u);
  EXPECT_EQ(usage(terms).cache_write_1h, 12u);
  EXPECT_EQ(usage(terms).input, 47u);
  EXPECT_EQ(usage(R"("cache_creation_input_tokens":0,)" + terms).cache_write, 42u);
  EXPECT_EQ(usage(R"("cache_creation_input_tokens":50,)" + terms).cache_write, 50u);
}

TEST(AnthropicAnswer, TellsKindsOfEvents) {
  const Outcome outcome = replay(
      kBegin + event("ping", "") +
      block(R"({"type":"text","text":""})", {R"({"type":"text_delta","text":"Hi"})", R"({"type":"new","x":1})"}) +
      kEnd);
  // preamble ×3, content, other (unknown delta, stop), finish ×2
  EXPECT_EQ(outcome.kinds, "00013322");
}

TEST(AnthropicAnswer, RefusesWhatCannotBeRead) {
  EXPECT_EQ(replay("data: {]\n\n").fault, FaultKind::kProviderProtocol);
  EXPECT_EQ(
      replay(kBegin + event("content_block_delta", R"("index":4,"delta":{"type":"text_delta","text":"x"})")).fault,
      FaultKind::kProviderProtocol);
  EXPECT_EQ(read_whole("[1,").fault, FaultKind::kProviderProtocol);
  const Outcome error = read_whole(R"({"type":"error","error":{"type":"overloaded_error","message":"Busy"}})");
  EXPECT_EQ(error.fault, FaultKind::kProviderError);
  EXPECT_EQ(error.meaning, Meaning::kOverloaded);
  for (const char* odd : {"[]", "5", R"({"x":1})", R"({"type":"message","content":[1,{},{"type":7}],"usage":[]})"}) {
    EXPECT_FALSE(read_whole(odd).fault) << odd;
  }
  for (const char* odd : {"data: []\n\n", "data: {\"type\":\"content_block_start\"}\n\n", "data:\n\n",
                          "data: {\"type\":\"message_delta\",\"delta\":3,\"usage\":{\"input_tokens\":-1}}\n\n"}) {
    EXPECT_EQ(replay(odd).fault, FaultKind::kTruncated) << odd;
  }
}

TEST(AnthropicAnswer, ReadsCounts) {
  json::Reader reader;
  EXPECT_EQ(*client().read_count(padded(find_case("count_tokens").body), reader), 14u);
  EXPECT_FALSE(client().read_count(padded("{}"), reader));
}

}  // namespace
}  // namespace sluice::dialect::anthropic::testing::answer_test
