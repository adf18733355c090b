// How much an answer has shown: the same of every dialect, streamed as whole, whether pieces are made of it or not.
#include "dialect/shown.h"

#include <gtest/gtest.h>

#include "base/digest.h"
#include "dialect/bedrock/answer.h"
#include "dialect/catalogue.h"
#include "dialect/openai/answer.h"
#include "http/event_stream.h"
#include "json/reader.h"

namespace sluice::dialect::shown_test {
namespace {

using Pieces = ReadOptions::Pieces;

// All say: "think" thought, "héllo" as text, and a call of `look` with {"q":1}.
constexpr std::uint64_t kShown = 5 + 6 + 4 + 7;

std::string sse(std::initializer_list<std::string_view> events) {
  std::string out;
  for (const std::string_view event : events) {
    out += "data: ";
    out += event;
    out += "\n\n";
  }
  return out;
}

std::string frame(std::string_view type, std::string_view payload) {
  const std::array<http::EventStreamHeader, 2> headers{
      {{.name = ":message-type", .value = "event"}, {.name = ":event-type", .value = type}}};
  std::string out;
  http::append_frame(out, headers, payload);
  return out;
}

struct Said {
  std::string_view client;
  std::string stream;
  std::string whole;
};

Said by_openai() {
  return {"openai",
          sse({R"({"id":"a","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]})",
               R"({"choices":[{"index":0,"delta":{"reasoning_content":"think","reasoning":"think"}}]})",
               R"({"choices":[{"index":0,"delta":{"content":"h\u00e9llo"}}]})",
               R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1","type":"function",)"
               R"("function":{"name":"look","arguments":"{\"q\""}}]}}]})",
               R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]}}]})",
               R"({"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]})", "[DONE]"}),
          R"({"choices":[{"index":0,"message":{"role":"assistant","reasoning_content":"think","content":"h\u00e9llo",)"
          R"("tool_calls":[{"id":"call_1","type":"function","function":{"name":"look","arguments":"{\"q\":1}"}}]},)"
          R"("finish_reason":"tool_calls"}]})"};
}

Said by_mistral() {
  return {"openai",
          sse({R"({"choices":[{"index":0,"delta":{"content":[{"type":"thinking","thinking":[{"type":"text",)"
               R"("text":"think"}]}]}}]})",
               R"({"choices":[{"index":0,"delta":{"content":[{"type":"text","text":"héllo"}]}}]})",
               R"({"choices":[{"index":0,"delta":{"tool_calls":[{"id":"call_1","function":{"name":"look",)"
               R"("arguments":{"q":1}}}]},"finish_reason":"tool_calls"}]})"}),
          R"({"choices":[{"message":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"think"}]},)"
          R"({"type":"text","text":"héllo"}],"tool_calls":[{"id":"call_1","function":{"name":"look",)"
          R"("arguments":"{\"q\":1}"}}]},"finish_reason":"tool_calls"}]})"};
}

Said by_responses() {
  const std::string thought = R"({"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"think"}]})";
  const std::string message = R"({"type":"message","id":"msg_1","role":"assistant","status":"completed",)"
                              R"("content":[{"type":"output_text","text":"h\u00e9llo","annotations":[]}]})";
  const std::string called = R"({"type":"function_call","id":"fc_1","call_id":"call_1","name":"look",)"
                             R"("arguments":"{\"q\":1}","status":"completed"})";
  const std::string whole = R"({"id":"resp_1","object":"response","status":"completed","output":[)" + thought + "," +
                            message + "," + called + "]}";
  return {
      "responses",
      sse({R"({"type":"response.created","response":{"id":"resp_1","status":"in_progress","output":[]}})",
           R"({"type":"response.output_item.added","output_index":0,"item":{"type":"reasoning","id":"rs_1","summary":[]}})",
           R"({"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":0,"delta":"think"})",
           R"({"type":"response.reasoning_summary_text.done","output_index":0,"summary_index":0,"text":"think"})",
           R"({"type":"response.output_item.done","output_index":0,"item":)" + thought + "}",
           R"({"type":"response.output_item.added","output_index":1,"item":{"type":"message","id":"msg_1","content":[]}})",
           R"({"type":"response.output_text.delta","output_index":1,"content_index":0,"delta":"h\u00e9llo"})",
           R"({"type":"response.output_text.done","output_index":1,"content_index":0,"text":"h\u00e9llo"})",
           R"({"type":"response.output_item.done","output_index":1,"item":)" + message + "}",
           R"({"type":"response.output_item.added","output_index":2,"item":{"type":"function_call","id":"fc_1",)"
           R"("call_id":"call_1","name":"look","arguments":""}})",
           R"({"type":"response.function_call_arguments.delta","output_index":2,"delta":"{\"q\""})",
           R"({"type":"response.function_call_arguments.delta","output_index":2,"delta":":1}"})",
           R"({"type":"response.function_call_arguments.done","output_index":2,"arguments":"{\"q\":1}"})",
           R"({"type":"response.output_item.done","output_index":2,"item":)" + called + "}",
           R"({"type":"response.completed","response":)" + whole + "}"}),
      whole};
}

// Servers that stream nothing but the end of each text, and of all.
Said by_responses_at_once() {
  Said said = by_responses();
  said.stream = sse({R"({"type":"response.created","response":{"id":"resp_1","status":"in_progress","output":[]}})",
                     R"({"type":"response.completed","response":)" + said.whole + "}"});
  return said;
}

Said by_anthropic() {
  return {
      "anthropic",
      sse({R"({"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[]}})",
           R"({"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}})",
           R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"think"}})",
           R"({"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"c2ln"}})",
           R"({"type":"content_block_stop","index":0})",
           R"({"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}})",
           R"({"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"h\u00e9llo"}})",
           R"({"type":"content_block_stop","index":1})",
           R"({"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"toolu_1",)"
           R"("name":"look","input":{}}})",
           R"({"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":""}})",
           R"({"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"q\""}})",
           R"({"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":":1}"}})",
           R"({"type":"content_block_stop","index":2})",
           R"({"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null}})",
           R"({"type":"message_stop"})"}),
      R"({"id":"msg_1","type":"message","role":"assistant","content":[{"type":"thinking","thinking":"think",)"
      R"("signature":"c2ln"},{"type":"text","text":"h\u00e9llo"},{"type":"tool_use","id":"toolu_1","name":"look",)"
      R"("input":{"q":1}}],"stop_reason":"tool_use","stop_sequence":null})"};
}

Said by_gemini() {
  return {"gemini",
          sse({R"({"candidates":[{"index":0,"content":{"role":"model","parts":[{"text":"think","thought":true}]}}]})",
               R"({"candidates":[{"index":0,"content":{"role":"model","parts":[{"text":"h\u00e9llo"}]}}]})",
               R"({"candidates":[{"index":0,"content":{"role":"model","parts":[{"functionCall":{"name":"look",)"
               R"("args":{"q":1}},"thoughtSignature":"c2ln"}]},"finishReason":"STOP"}]})"}),
          R"({"candidates":[{"content":{"role":"model","parts":[{"text":"think","thought":true},)"
          R"({"text":"h\u00e9llo"},{"functionCall":{"name":"look","args": { "q" : 1 }}}]},"finishReason":"STOP"}]})"};
}

Said by_bedrock() {
  return {
      "bedrock",
      frame("messageStart", R"({"role":"assistant"})") +
          frame("contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"think"}}})") +
          frame("contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"c2ln"}}})") +
          frame("contentBlockStop", R"({"contentBlockIndex":0})") +
          frame("contentBlockDelta", R"({"contentBlockIndex":1,"delta":{"text":"h\u00e9llo"}})") +
          frame("contentBlockStop", R"({"contentBlockIndex":1})") +
          frame("contentBlockStart",
                R"({"contentBlockIndex":2,"start":{"toolUse":{"toolUseId":"tooluse_1","name":"look"}}})") +
          frame("contentBlockDelta", R"({"contentBlockIndex":2,"delta":{"toolUse":{"input":"{\"q\""}}})") +
          frame("contentBlockDelta", R"({"contentBlockIndex":2,"delta":{"toolUse":{"input":":1}"}}})") +
          frame("contentBlockStop", R"({"contentBlockIndex":2})") +
          frame("messageStop", R"({"stopReason":"tool_use"})"),
      R"({"output":{"message":{"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"think",)"
      R"("signature":"c2ln"}}},{"text":"h\u00e9llo"},{"toolUse":{"toolUseId":"tooluse_1","name":"look",)"
      R"("input":{"q":1}}}]}},"stopReason":"tool_use"})"};
}

Said by_cohere() {
  return {
      "cohere",
      sse({R"({"type":"message-start","id":"c1","delta":{"message":{"role":"assistant","content":[]}}})",
           R"({"type":"content-start","index":0,"delta":{"message":{"content":{"type":"thinking","thinking":""}}}})",
           R"({"type":"content-delta","index":0,"delta":{"message":{"content":{"thinking":"think"}}}})",
           R"({"type":"content-end","index":0})",
           R"({"type":"content-delta","index":1,"delta":{"message":{"content":{"text":"h\u00e9llo"}}}})",
           R"({"type":"content-end","index":1})",
           R"({"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":{"id":"look_1",)"
           R"("type":"function","function":{"name":"look","arguments":""}}}}})",
           R"({"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":)"
           R"({"arguments":"{\"q\":1}"}}}}})",
           R"({"type":"tool-call-end","index":0})", R"({"type":"message-end","delta":{"finish_reason":"TOOL_CALL"}})"}),
      R"({"id":"c1","message":{"role":"assistant","content":[{"type":"thinking","thinking":"think"},)"
      R"({"type":"text","text":"h\u00e9llo"}],"tool_calls":[{"id":"look_1","type":"function",)"
      R"("function":{"name":"look","arguments":"{\"q\":1}"}}]},"finish_reason":"TOOL_CALL"})"};
}

chat::Learned streamed(const Said& said, Pieces pieces, std::size_t step = std::string::npos) {
  chat::Learned learned;
  json::Reader reader;
  const Client* client = find_client(said.client);
  auto answer = client->read_answer(Operation::kChat, nullptr, {.pieces = pieces}, learned, reader);
  for (std::size_t at = 0; at < said.stream.size(); at += std::min(step, said.stream.size())) {
    EXPECT_TRUE(answer->feed(std::string_view(said.stream).substr(at, step))) << said.client;
  }
  EXPECT_TRUE(answer->finish()) << said.client;
  return learned;
}

chat::Learned whole(const Said& said, Pieces pieces) {
  chat::Learned learned;
  json::Reader reader;
  std::string body = said.whole;
  json::pad(body);
  const Client* client = find_client(said.client);
  auto answer = client->read_answer(Operation::kChat, nullptr, {.pieces = pieces}, learned, reader);
  EXPECT_TRUE(answer->read_whole(body)) << said.client;
  return learned;
}

TEST(Shown, IsTheSameOfEveryDialect) {
  for (const Said& said : {by_openai(), by_mistral(), by_responses(), by_responses_at_once(), by_anthropic(),
                           by_gemini(), by_bedrock(), by_cohere()}) {
    for (const Pieces pieces : {Pieces::kSkip, Pieces::kMake}) {
      const auto how = std::string(said.client) + (pieces == Pieces::kSkip ? ", passed" : ", in pieces");
      EXPECT_EQ(streamed(said, pieces).shown, kShown) << how;
      EXPECT_EQ(streamed(said, pieces, 7).shown, kShown) << how << ", cut anywhere";
      EXPECT_EQ(whole(said, pieces).shown, kShown) << how;
      EXPECT_EQ(whole(said, pieces).counted, 0U) << how << ": nobody told usage";
    }
  }
}

TEST(Shown, IsWhatCameBeforeAStreamBrokeOff) {
  Said said = by_openai();
  said.stream.resize(said.stream.find(R"({"choices":[{"index":0,"delta":{"tool_calls")"));
  chat::Learned learned;
  json::Reader reader;
  auto answer =
      find_client("openai")->read_answer(Operation::kChat, nullptr, {.pieces = Pieces::kSkip}, learned, reader);
  ASSERT_TRUE(answer->feed(said.stream));
  EXPECT_FALSE(answer->finish());
  EXPECT_EQ(learned.shown, 5U + 6);
}

TEST(Shown, OfADeltaThatRepeatsTheMessageIsWhatIsNew) {
  const Said said{
      "openai",
      sse({R"({"choices":[{"index":0,"message":{"content":"Hello you"},"delta":{"content":"you"}}]})",
           R"({"choices":[{"index":0,"delta":{"content":"!"},"message":{"content":"Hello you!"}}]})", "[DONE]"}),
      {}};
  EXPECT_EQ(streamed(said, Pieces::kSkip).shown, 4U);
}

TEST(Shown, LeavesMediaOut) {
  const Said said{"openai",
                  sse({R"({"choices":[{"index":0,"delta":{"audio":{"data":"UklGRUklGRg==","transcript":"Hi"},)"
                       R"("images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}}]})",
                       "[DONE]"}),
                  {}};
  EXPECT_EQ(streamed(said, Pieces::kSkip).shown, 2U);
}

TEST(Shown, OfCompletionsIsTheirTexts) {
  chat::Learned learned;
  json::Reader reader;
  openai::Answer answer(openai::Kind::kCompletions, {}, learned, reader);
  std::string body = R"({"choices":[{"index":0,"text":"one"},{"index":1,"text":"t\nwo"}]})";
  json::pad(body);
  ASSERT_TRUE(answer.read_whole(body));
  EXPECT_EQ(learned.shown, 7U);
}

// The languages of the models that Bedrock passes through.
TEST(Shown, OfModelsBehindInvokeModel) {
  for (const std::string_view event :
       {R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"six by"}})",
        R"({"generation":"six by","prompt_token_count":null})", R"({"outputText":"six by","index":0})",
        R"({"outputs":[{"text":"six by","stop_reason":null}]})",
        R"({"contentBlockDelta":{"delta":{"text":"six by"},"contentBlockIndex":0}})",
        R"({"choices":[{"index":0,"delta":{"content":"six by"}}]})"}) {
    chat::Learned learned;
    json::Reader reader;
    auto answer = bedrock::make_reader(bedrock::Kind::kInvokeStream, {.pieces = Pieces::kSkip}, learned, reader);
    ASSERT_TRUE(answer->feed(frame("chunk", R"({"bytes":")" + base64(event) + R"("})")));
    EXPECT_EQ(learned.shown, 6U) << event;
  }
}

// ---- what of it the provider has counted

TEST(Counted, IsNothingThatCameAfterTheUsage) {
  Said said = by_anthropic();
  const std::string_view bare = R"("role":"assistant","content":[]})";
  said.stream.replace(said.stream.find(bare), bare.size(),
                      R"("role":"assistant","content":[],"usage":{"input_tokens":9,"output_tokens":1}})");
  const auto found = streamed(said, Pieces::kSkip);
  EXPECT_EQ(found.shown, kShown);
  EXPECT_EQ(found.counted, 0U);
  EXPECT_EQ(found.usage.input, 9U);
}

TEST(Counted, IsAllThatCameBeforeTheUsage) {
  Said said = by_anthropic();
  const std::string_view bare = R"("stop_sequence":null}})";
  said.stream.replace(said.stream.find(bare), bare.size(),
                      R"("stop_sequence":null},"usage":{"input_tokens":9,"output_tokens":1}})");
  EXPECT_EQ(streamed(said, Pieces::kSkip).counted, kShown);
}

TEST(Counted, GrowsWithUsageThatIsToldOnEachEvent) {
  const Said said{"gemini",
                  sse({R"({"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":1},"candidates":[{"index":0,)"
                       R"("content":{"parts":[{"text":"counted"}]}}]})",
                       R"({"candidates":[{"index":0,"content":{"parts":[{"text":"not"}]},"finishReason":"STOP"}]})"}),
                  {}};
  const auto found = streamed(said, Pieces::kSkip);
  EXPECT_EQ(found.shown, 10U);
  EXPECT_EQ(found.counted, 7U);
}

TEST(Counted, IsAllOfAWholeAnswerWhereverTheUsageStands) {
  Said said = by_openai();
  said.whole.insert(1, R"("usage":{"prompt_tokens":9,"completion_tokens":1},)");
  EXPECT_EQ(whole(said, Pieces::kSkip).counted, kShown);
}

TEST(Counted, IsNothingByUsageThatTellsOfNoOutput) {
  Said said = by_openai();
  said.whole.insert(1, R"("usage":{"prompt_tokens":9,"completion_tokens":0},)");
  EXPECT_EQ(whole(said, Pieces::kSkip).counted, 0U);
}

}  // namespace
}  // namespace sluice::dialect::shown_test
