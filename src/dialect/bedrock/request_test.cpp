#include "dialect/bedrock/request.h"

#include "dialect/bedrock/fields.h"
#include "dialect/bedrock/fixture_test.h"
#include "dialect/bedrock/write.h"
#include "json/reader.h"

namespace sluice::dialect::bedrock::request_test {
namespace {

using chat::Field;
using chat::PartKind;
using chat::Role;
using testing::at;
using testing::cases;
using testing::sorted;

constexpr std::string_view kClaude = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";

// A request with the body its texts are in.
struct Read {
  explicit Read(std::string_view text, Kind kind = Kind::kConverse) : body(testing::padded(text)) {
    auto result = read_chat(kind, body, reader);
    if (result) {
      request = std::move(*result);
    } else {
      fault = result.error();
    }
  }
  std::string body;
  json::Reader reader;
  chat::Request request;
  std::optional<Fault> fault;
};

TEST(BedrockRequest, IsWrittenAsItWasRead) {
  std::size_t count = 0;
  for (const auto& test : cases()) {
    if (test->request.empty()) continue;
    ++count;
    Read read(test->request);
    ASSERT_FALSE(read.fault) << test->id << read.fault->told;
    EXPECT_TRUE(read.request.lost.empty()) << test->id;
    const auto written = write_chat(read.request, {.provider = "p", .model = test->model});
    ASSERT_TRUE(written) << test->id << written.error().told;
    std::string expected = sorted(test->request);
    // What is so without being said is not said.
    constexpr std::string_view kSuccess = R"("status":"success",)";
    if (const auto at = expected.find(kSuccess); at != std::string::npos) expected.erase(at, kSuccess.size());
    EXPECT_EQ(sorted(written->body), expected) << test->id;
    EXPECT_TRUE(written->lost.empty()) << test->id << written->lost.front().path;
  }
  EXPECT_GT(count, 30u);
}

TEST(BedrockRequest, KeepsBlocksThatNoOtherApiHas) {
  constexpr std::string_view kBody = R"({
    "messages":[
      {"role":"user","content":[
        {"guardContent":{"text":{"text":"Look","qualifiers":["query"]}}},
        {"searchResult":{"source":"s","title":"T","content":[{"text":"a"},{"text":"b"}],"citations":{"enabled":true}}},
        {"video":{"format":"mp4","source":{"s3Location":{"uri":"s3://b/v.mp4","bucketOwner":"1"}}}},
        {"audio":{"format":"wav","source":{"bytes":"YQ=="}}},
        {"document":{"format":"md","name":"n","source":{"content":[{"text":"x"},{"text":"y"}]},"context":"c"}},
        {"toolAddition":{"tool":{"name":"t"}}}]},
      {"role":"assistant","content":[
        {"citationsContent":{"content":[{"text":"A"},{"text":"B"}],"citations":[{"title":"T"}]}},
        {"toolUse":{"toolUseId":"a","name":"n","type":"server_tool_use","input":{}}},
        {"toolUse":{"toolUseId":"b","name":"t","input":{"n":1.50,"s":"\u00e9"}}}]},
      {"role":"user","content":[
        {"toolResult":{"toolUseId":"b","content":[{"json":[1,2]},{"searchResult":{"source":"s","title":"T","content":[]}}]}}]},
      {"role":"system","content":[{"text":"Now be brief."}]}],
    "system":[{"text":"S"},{"guardContent":{"text":{"text":"G"}}}],
    "toolConfig":{"tools":[{"toolSpec":{"name":"t","inputSchema":{"json":{"type":"object"}},"strict":true}},{"systemTool":{"name":"nova_grounding"}}],"toolChoice":{"any":{}}},
    "additionalModelRequestFields":{"thinking":{"type":"adaptive"},"top_k":5,"x":[1]},
    "additionalModelResponseFieldPaths":["/stop_sequence"],
    "requestMetadata":{"a":"b"},"serviceTier":{"type":"reserved"},
    "inferenceConfig":{"maxTokens":7,"topP":0.10,"temperature":1.5},
    "guardrailConfig":{"guardrailIdentifier":"g"},
    "outputConfig":{"effort":"max","textFormat":{"type":"json_schema","structure":{"jsonSchema":{"schema":"{\"type\":\"object\"}","name":"N"}}}}
  })";
  Read read(kBody);
  ASSERT_FALSE(read.fault) << read.fault->told;
  const auto& user = read.request.turns[1].parts;
  EXPECT_EQ(user[0].text.raw, "Look");
  EXPECT_EQ(user[1].media.data.raw, "a\\n\\nb");
  EXPECT_EQ(user[2].media.type.raw, "video/mp4");
  EXPECT_EQ(user[5].kind, PartKind::kServerItem);
  EXPECT_EQ(read.request.turns[2].parts[0].text.raw, "AB");
  EXPECT_EQ(read.request.turns[3].parts[0].name.raw, "t");
  EXPECT_EQ(read.request.turns[3].parts[0].content[0].text.raw, "[1,2]");
  EXPECT_EQ(read.request.value(Field::kTopK), "5");
  EXPECT_EQ(read.request.value(Field::kServiceTier), "\"reserved\"");
  EXPECT_TRUE(read.request.reasoning.dynamic);
  EXPECT_EQ(read.request.reasoning.effort, chat::Effort::kMax);
  const auto written = write_chat(read.request, {.provider = "p", .model = "us.anthropic.claude-opus-5-5"});
  ASSERT_TRUE(written) << written.error().told;
  EXPECT_EQ(sorted(written->body), sorted(kBody));
  EXPECT_TRUE(written->lost.empty());
}

TEST(BedrockRequest, OfACountOfTokensIsTheConversation) {
  Read read(
      R"({"input":{"converse":{"messages":[{"role":"user","content":[{"text":"Hi"}]}],"system":[{"text":"S"}]}}})",
      Kind::kCountTokens);
  ASSERT_FALSE(read.fault) << read.fault->told;
  const auto written =
      write_chat(read.request, {.provider = "p", .model = kClaude, .operation = Operation::kCountTokens});
  ASSERT_TRUE(written);
  EXPECT_EQ(sorted(written->body), sorted(read.body));
  EXPECT_EQ(Read(R"({"input":{"invokeModel":{"body":"e30="}}})", Kind::kCountTokens).fault->param, "input.invokeModel");
  EXPECT_EQ(Read(R"({"input":{}})", Kind::kCountTokens).fault->param, "input");
  EXPECT_EQ(Read("{}", Kind::kCountTokens).fault->param, "input.converse");
}

TEST(BedrockRequest, NotesWhatItCannotHold) {
  Read read(
      R"({"messages":[{"role":"user","content":[{"cachePoint":{"type":"default"}},{"text":"a"},{"image":{"format":"png","source":{"bytes":"YQ=="},"alt":"x"}}],"id":1}],
               "performanceConfig":{"latency":"optimized"},"promptVariables":{"a":{"text":"b"}},"news":1,"older":null,
               "additionalModelRequestFields":{"anthropic_beta":["b"],"x":1}})");
  ASSERT_FALSE(read.fault) << read.fault->told;
  std::string lost;
  for (const auto& one : read.request.lost) lost += one.path + " ";
  EXPECT_EQ(lost,
            "messages[0].content[0].cachePoint messages[0].content[2].image.alt messages[0].id performanceConfig "
            "promptVariables news additionalModelRequestFields.anthropic_beta additionalModelRequestFields.x ");
  EXPECT_EQ(read.request.lost[4].unplaced, chat::Unplaced::kRefused);
}

TEST(BedrockRequest, RefusesWhatTheApiWouldRefuse) {
  struct Bad {
    std::string_view body, param;
  };
  constexpr Bad kBad[] = {
      {"[]", ""},
      {"{}", "messages"},
      {R"({"messages":{}})", "messages"},
      {R"({"messages":[7]})", "messages[0]"},
      {R"({"messages":[{"content":[]}]})", "messages[0].role"},
      {R"({"messages":[{"role":"user"}]})", "messages[0].content"},
      {R"({"messages":[{"role":"tool","content":[]}]})", "messages[0].role"},
      {R"({"messages":[{"role":"user","content":"Hi"}]})", "messages[0].content"},
      {R"({"messages":[{"role":"user","content":[{}]}]})", "messages[0].content[0]"},
      {R"({"messages":[{"role":"user","content":[{"text":"a","image":{}}]}]})", "messages[0].content[0]"},
      {R"({"messages":[{"role":"user","content":[{"text":7}]}]})", "messages[0].content[0].text"},
      {R"({"messages":[{"role":"user","content":[{"image":{"source":{"bytes":""}}}]}]})",
       "messages[0].content[0].image.format"},
      {R"({"messages":[{"role":"user","content":[{"image":{"format":"bmp","source":{"bytes":""}}}]}]})",
       "messages[0].content[0].image.format"},
      {R"({"messages":[{"role":"user","content":[{"image":{"format":"png","source":{"url":"x"}}}]}]})",
       "messages[0].content[0].image.source.url"},
      {R"({"messages":[{"role":"user","content":[{"toolUse":{"name":"a","input":{}}}]}]})",
       "messages[0].content[0].toolUse.toolUseId"},
      {R"({"messages":[{"role":"user","content":[{"toolUse":{"toolUseId":"a","name":"a","input":"x"}}]}]})",
       "messages[0].content[0].toolUse.input"},
      {R"({"messages":[{"role":"user","content":[{"toolResult":{"content":[]}}]}]})",
       "messages[0].content[0].toolResult.toolUseId"},
      {R"({"messages":[{"role":"user","content":[{"toolResult":{"toolUseId":"a","content":[{"audio":{}}]}}]}]})",
       "messages[0].content[0].toolResult.content[0].audio"},
      {R"({"messages":[],"system":[{"image":{}}]})", "system[0].image"},
      {R"({"messages":[],"inferenceConfig":{"maxTokens":"7"}})", "inferenceConfig.maxTokens"},
      {R"({"messages":[],"inferenceConfig":{"stopSequences":"x"}})", "inferenceConfig.stopSequences"},
      {R"({"messages":[],"toolConfig":{"tools":[{"toolSpec":{}}]}})", "toolConfig.tools[0].toolSpec.name"},
      {R"({"messages":[],"toolConfig":{"toolChoice":{"none":{}}}})", "toolConfig.toolChoice"},
      {R"({"messages":[],"toolConfig":{"toolChoice":{"tool":{}}}})", "toolConfig.toolChoice.tool.name"},
      {R"({"messages":[],"outputConfig":{"effort":"huge"}})", "outputConfig.effort"},
      {R"({"messages":[],"outputConfig":{"textFormat":{"type":"json_schema"}}})",
       "outputConfig.textFormat.structure.jsonSchema.schema"},
      {R"({"messages":[],"outputConfig":{"textFormat":{"structure":{"jsonSchema":{"schema":"{"}}}}})",
       "outputConfig.textFormat.structure.jsonSchema.schema"},
      {R"({"messages":[)", ""},
      {R"({"messages":[} )", ""},
  };
  for (const Bad& bad : kBad) {
    const Read read(bad.body);
    ASSERT_TRUE(read.fault) << bad.body;
    EXPECT_EQ(read.fault->kind, FaultKind::kInvalidRequest) << bad.body;
    EXPECT_EQ(read.fault->param, bad.param) << bad.body;
    EXPECT_FALSE(read.fault->told.empty()) << bad.body;
  }
}

}  // namespace
}  // namespace sluice::dialect::bedrock::request_test
