#include <gtest/gtest.h>

#include "base/base64.h"
#include "base/text.h"
#include "chat/seal.h"
#include "checkout.h"
#include "dialect/anthropic/fields.h"
#include "dialect/anthropic/fixture_test.h"

namespace sluice::dialect::anthropic::testing::request_test {
namespace {

using chat::CacheMark;
using chat::Field;
using chat::PartKind;
using chat::Role;

const Endpoint& endpoint(Kind kind = Kind::kMessages) {
  return endpoints()[static_cast<std::size_t>(kind)];
}

// Keeps the body that a request points into.
struct Read {
  explicit Read(std::string_view text, Kind kind = Kind::kMessages) : body(padded(text)) {
    json::Reader reader;
    result = server().read_chat(endpoint(kind), body, reader);
  }
  chat::Request& operator*() { return *result; }
  chat::Request* operator->() { return &*result; }

  std::string body;
  Result<chat::Request> result;
};

std::string with(std::string_view members) {
  return R"({"model":"m","max_tokens":9,)" + std::string(members) + "}";
}
std::string with_blocks(std::string_view blocks, std::string_view role = "user") {
  return with(R"("messages":[{"role":")" + std::string(role) + R"(","content":[)" + std::string(blocks) + "]}]");
}

std::string complaint(std::string_view body, Kind kind = Kind::kMessages) {
  Read read(body, kind);
  return read.result ? "" : read.result.error().param;
}

TEST(AnthropicRequest, WritesEveryFixtureAgain) {
  std::size_t count = 0;
  for (const auto& test : cases()) {
    if (host_of(*test) != Host::kAnthropic) continue;
    SCOPED_TRACE(test->id);
    ++count;
    Read read(test->request, kind_of(*test));
    ASSERT_TRUE(read.result) << read.result.error().told;
    chat::unseal(*read, "anthropic", chat::StateOf::kClientDialect);
    dom::parser parser;
    const std::string model(std::string_view(parser.parse(test->request).value()["model"].value()));
    const auto outgoing = client().write_chat(
        *read, {.provider = "anthropic",
                .model = model,
                .operation = kind_of(*test) == Kind::kMessages ? Operation::kChat : Operation::kCountTokens});
    ASSERT_TRUE(outgoing) << outgoing.error().told;
    EXPECT_EQ(sorted(outgoing->body), sorted(test->request));
    EXPECT_TRUE(outgoing->lost.empty());
    EXPECT_EQ(outgoing->headers.get("anthropic-version"), "2023-06-01");
  }
  EXPECT_EQ(count, 44u);
}

// What Bedrock is asked to count, as InvokeModel would get it.
std::string counted(std::string_view body, Target target = {}) {
  Read read(body, Kind::kCountTokens);
  EXPECT_TRUE(read.result) << read.result.error().told;
  chat::unseal(*read, "aws", chat::StateOf::kClientDialect);
  target.provider = "aws";
  target.model = "anthropic.claude-sonnet-4-5-20250929-v1:0";
  target.operation = Operation::kCountTokens;
  const auto outgoing = bedrock_client().write_chat(*read, target);
  EXPECT_TRUE(outgoing) << outgoing.error().told;
  EXPECT_TRUE(outgoing->lost.empty());
  const std::string base64 = at(outgoing->body, "/input/invokeModel/body");
  return base64.size() < 2 ? outgoing->body : base64_decode(base64.substr(1, base64.size() - 2)).value_or("");
}

TEST(AnthropicRequest, BedrockCountsWhatInvokeModelWouldGet) {
  const std::string tools = R"("tools":[{"type":"bash_20250124","name":"bash"}])";
  const std::string thought =
      R"({"role":"assistant","content":[{"type":"thinking","thinking":"Hm","signature":"c2ln"},{"type":"text","text":"b"}]})";
  const std::string messages =
      R"("messages":[{"role":"user","content":[{"type":"image","source":{"type":"url","url":"https://a"}}]},)" +
      thought + "]";
  const std::string begin = R"({"anthropic_version":"bedrock-2023-05-31",)";
  EXPECT_EQ(counted(R"({"model":"m",)" + tools + "," + messages + "}"),
            begin + tools + "," + messages + R"(,"max_tokens":1})");
  // More than what thinking may take.
  const std::string thinking = R"("thinking":{"type":"enabled","budget_tokens":2048})";
  EXPECT_TRUE(counted("{" + thinking + "," + messages + R"(,"model":"m"})").ends_with(R"(,"max_tokens":2049})"));
  EXPECT_TRUE(counted("{" + messages + R"(,"model":"m"})", {.betas = "a-1"})
                  .starts_with(R"({"anthropic_version":"bedrock-2023-05-31","anthropic_beta":["a-1"],)"));
}

TEST(AnthropicRequest, ReadsCountsOfBedrock) {
  json::Reader reader;
  EXPECT_EQ(bedrock_client().read_count(padded(R"({"inputTokens":7})"), reader).value_or(0), 7u);
  EXPECT_FALSE(bedrock_client().read_count(padded(R"({"input_tokens":7})"), reader));
  EXPECT_EQ(client().read_count(padded(R"({"input_tokens":7})"), reader).value_or(0), 7u);
}

TEST(AnthropicRequest, ReadsSettings) {
  Read read(with(R"("messages":[{"role":"user","content":"Hi"}],"temperature":0.70,"top_p":1.0,"top_k":5,
      "stop_sequences":["A","\n"],"metadata":{"user_id":"u\u0031","x":1},"service_tier":"standard_only",
      "thinking":{"type":"adaptive","display":"omitted"},"output_config":{"effort":"xhigh",
      "format":{"type":"json_schema","schema":{"type":"object"}}},"cache_control":{"type":"ephemeral","ttl":"1h"})"));
  ASSERT_TRUE(read.result) << read.result.error().told;
  EXPECT_EQ(read->value(Field::kTemperature), "0.70");
  EXPECT_EQ(read->value(Field::kTopP), "1.0");
  EXPECT_EQ(read->value(Field::kTopK), "5");
  EXPECT_EQ(read->value(Field::kMaxTokens), "9");
  EXPECT_EQ(read->value(Field::kEndUser), R"("u\u0031")");
  EXPECT_EQ(read->path(Field::kEndUser), "metadata.user_id");
  EXPECT_EQ(read->value(Field::kServiceTier), R"("default")");
  EXPECT_EQ(read->stop.size(), 2u);
  EXPECT_TRUE(read->reasoning.dynamic);
  EXPECT_EQ(read->reasoning.effort, chat::Effort::kXHigh);
  EXPECT_EQ(read->reasoning.show, chat::Reasoning::Show::kHidden);
  EXPECT_EQ(read->format.schema, R"({"type":"object"})");
  EXPECT_TRUE(read->has(Field::kAutoCache));
  ASSERT_EQ(read->lost.size(), 1u);
  EXPECT_EQ(read->lost[0].path, "metadata.x");
}

TEST(AnthropicRequest, ReadsBlocks) {
  Read read(with_blocks(R"({"type":"text","text":"a\nb","cache_control":{"type":"ephemeral","ttl":"1h"}},
      {"source":{"type":"url","url":"https://x/a.png"},"type":"image","transformations":{"oversized_image":"error"}},
      {"type":"document","title":"T","context":"C","source":{"type":"content","content":[{"type":"text","text":"p"},
        {"type":"text","text":"q"}]},"citations":{"enabled":true}},
      {"type":"search_result","source":"https://s","title":"S","content":[{"type":"text","text":"found"}]},
      {"type":"document","source":{"type":"file","file_id":"f1"}},
      {"type":"tool_result","tool_use_id":"t1","is_error":true,"content":[{"type":"text","text":"r"},
        {"type":"tool_reference","tool_name":"n"}]},
      {"type":"container_upload","file_id":"f2"})"));
  ASSERT_TRUE(read.result) << read.result.error().told;
  const auto& parts = read->turns.at(0).parts;
  ASSERT_EQ(parts.size(), 7u);
  EXPECT_EQ(parts[0].text.raw, R"(a\nb)");
  EXPECT_EQ(parts[0].cache, CacheMark::kLong);
  EXPECT_EQ(parts[1].kind, PartKind::kImage);
  EXPECT_EQ(parts[1].media.form, chat::Media::Form::kUrl);
  EXPECT_EQ(parts[1].media.data.raw, "https://x/a.png");
  EXPECT_EQ(parts[1].media.place, "messages[0].content[1]");
  EXPECT_EQ(parts[2].media.form, chat::Media::Form::kText);
  EXPECT_EQ(parts[2].media.data.raw, R"(p\n\nq)");
  EXPECT_EQ(parts[2].media.name.raw, "T");
  EXPECT_EQ(parts[2].media.context.raw, "C");
  EXPECT_EQ(parts[2].citations, R"({"enabled":true})");
  EXPECT_EQ(parts[3].kind, PartKind::kDocument);
  EXPECT_EQ(parts[3].media.data.raw, "found");
  EXPECT_EQ(parts[4].media.form, chat::Media::Form::kFile);
  EXPECT_EQ(parts[5].kind, PartKind::kResult);
  EXPECT_TRUE(parts[5].is_error);
  ASSERT_EQ(parts[5].content.size(), 2u);
  EXPECT_EQ(parts[5].content[1].kind, PartKind::kText);
  EXPECT_EQ(parts[5].content[1].text.raw, "n");
  EXPECT_EQ(parts[5].content[1].raw, R"({"type":"tool_reference","tool_name":"n"})");
  EXPECT_EQ(parts[6].kind, PartKind::kServerItem);
  EXPECT_EQ(parts[6].raw, R"({"type":"container_upload","file_id":"f2"})");
  ASSERT_EQ(read->lost.size(), 1u);
  EXPECT_EQ(read->lost[0].path, "messages[0].content[1].transformations");
}

TEST(AnthropicRequest, ReadsThinkingAndCalls) {
  const Case& test = find_case("thinking_tool_loop_turn");
  Read read(test.request);
  ASSERT_TRUE(read.result);
  const auto& parts = read->turns.at(1).parts;
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[0].state.kind, chat::State::Kind::kSignature);
  EXPECT_EQ(parts[0].text.raw, "Need the tool.");
  EXPECT_EQ(parts[1].state.kind, chat::State::Kind::kRedacted);
  EXPECT_EQ(parts[2].kind, PartKind::kCall);
  EXPECT_EQ(sorted(parts[2].arguments), R"({"city":"Oslo","unit":"c"})");
  EXPECT_EQ(read->turns.at(2).parts.at(0).name.raw, "get_weather");
}

TEST(AnthropicRequest, ReadsSystemAndTheEnd) {
  Read read(with(R"("messages":[{"role":"user","content":"a"},{"role":"system","content":"b"},
      {"role":"assistant","content":"c"}],"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}])"));
  ASSERT_TRUE(read.result);
  ASSERT_EQ(read->turns.size(), 4u);
  EXPECT_EQ(read->turns[0].role, Role::kSystem);
  EXPECT_EQ(read->turns[0].parts.at(0).cache, CacheMark::kShort);
  EXPECT_EQ(read->turns[2].role, Role::kSystem);
  EXPECT_TRUE(read->turns[3].prefill);
}

TEST(AnthropicRequest, ReadsTools) {
  Read read(with(R"("messages":[{"role":"user","content":"a"}],"tools":[
      {"name":"f","input_schema":{"type":"object"},"strict":true,"defer_loading":false,"input_examples":[{}],
       "cache_control":{"type":"ephemeral"}},{"type":"bash_20250124","name":"bash"}],
      "tool_choice":{"type":"tool","name":"f","disable_parallel_tool_use":true})"));
  ASSERT_TRUE(read.result);
  ASSERT_EQ(read->tools.size(), 2u);
  EXPECT_EQ(read->tools[0].strict, true);
  EXPECT_EQ(read->tools[0].cache, CacheMark::kShort);
  EXPECT_EQ(read->tools[1].kind, chat::ToolKind::kServer);
  EXPECT_EQ(read->tools[1].raw, R"({"type":"bash_20250124","name":"bash"})");
  EXPECT_EQ(read->tool_choice.mode, chat::ToolChoice::Mode::kNamed);
  EXPECT_EQ(read->parallel_calls, false);
  ASSERT_EQ(read->lost.size(), 1u);
  EXPECT_EQ(read->lost[0].path, "tools[0].input_examples");
}

TEST(AnthropicRequest, ComplainsWithThePath) {
  EXPECT_EQ(complaint(R"({"model":"m","messages":[{"role":"user","content":"a"}]})"), "max_tokens");
  EXPECT_EQ(complaint(R"({"model":"m","messages":[{"role":"user","content":"a"}]})", Kind::kCountTokens), "");
  EXPECT_EQ(complaint(with(R"("x":1)")), "messages");
  EXPECT_EQ(complaint(with(R"("messages":[])")), "messages");
  EXPECT_EQ(complaint(with(R"("messages":[{"role":"tool","content":"a"}])")), "messages[0].role");
  EXPECT_EQ(complaint(with(R"("messages":[{"role":"user"}])")), "messages[0].content");
  EXPECT_EQ(complaint(with_blocks(R"({"text":"a"})")), "messages[0].content[0].type");
  EXPECT_EQ(complaint(with_blocks(R"({"type":"text","text":5})")), "messages[0].content[0].text");
  EXPECT_EQ(complaint(with_blocks(R"({"type":"text","text":"\q"})")), "messages[0].content[0].text");
  EXPECT_EQ(complaint(with_blocks(R"({"type":"image"})")), "messages[0].content[0].source");
  EXPECT_EQ(complaint(with_blocks(R"({"type":"image","source":{"type":"x"}})")), "messages[0].content[0].source.type");
  EXPECT_EQ(complaint(with_blocks(R"({"type":"tool_use","name":"f","input":{}})")), "messages[0].content[0].id");
  EXPECT_EQ(complaint(with_blocks(R"({"type":"tool_use","id":"a","name":"f","input":"{}"})")),
            "messages[0].content[0].input");
  EXPECT_EQ(complaint(with_blocks("5")), "messages[0].content[0]");
  const std::string rest = R"(,"messages":[{"role":"user","content":"a"}])";
  EXPECT_EQ(complaint(with(R"("thinking":{"type":"enabled"})" + rest)), "thinking.budget_tokens");
  EXPECT_EQ(complaint(with(R"("thinking":{"type":"deep"})" + rest)), "thinking.type");
  EXPECT_EQ(complaint(with(R"("output_config":{"effort":"none"})" + rest)), "output_config.effort");
  EXPECT_EQ(complaint(with(R"("tool_choice":{"type":"tool"})" + rest)), "tool_choice.name");
  EXPECT_EQ(complaint(with(R"("tools":[{"name":"f"}])" + rest)), "tools[0].input_schema");
  EXPECT_EQ(complaint(with(R"("temperature":"1")" + rest)), "temperature");
  EXPECT_EQ(complaint(with(R"("system":[{"type":"image","source":{"type":"url","url":"u"}}])" + rest)), "system");
  std::string deep = R"({"type":"text","text":"x"})";
  for (int i = 0; i < 20; ++i) deep = R"({"type":"tool_result","tool_use_id":"t","content":[)" + deep + "]}";
  EXPECT_NE(complaint(with_blocks(deep)), "");
}

TEST(AnthropicRequest, TheTableIsComplete) {
  const std::string list = read_file(in_checkout("tests/fixtures/schema/anthropic.txt"));
  std::vector<std::string_view> paths;
  for (std::string_view line : split(list, '\n')) {
    if (!line.empty()) paths.push_back(line);
  }
  for (std::string_view path : paths) EXPECT_NE(find_path(fields(), path), nullptr) << path;
  for (const FieldRow& row : fields()) {
    EXPECT_NE(std::ranges::find(paths, row.path), paths.end()) << row.path;
  }
}

// ---- the same API on both sides, with what was carried taken apart

TEST(AnthropicRequest, GivesBackNothingThatIsNotItsOwn) {
  const chat::State foreign{.kind = chat::State::Kind::kThought, .data = {"c2ln"}, .origin = {}};
  const std::string call = chat::sealed_call_id("gemini", "call:1", false, foreign);
  const std::string data = chat::sealed_state("gemini", foreign);
  const std::string index = chat::seal({.origin = "gemini", .id = {}, .made_up_id = false, .entries = {}});
  Read read(with(R"("unknown":[1.50],"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[
      {"type":"thinking","thinking":"x","signature":")" +
                 data + R"("},
      {"type":"thinking","thinking":"cut","signature":""},
      {"type":"text","text":"see","citations":[{"type":"web_search_result_location","encrypted_index":")" +
                 index + R"("}]},{"type":"tool_use","id":")" + call +
                 R"(","name":"f","input":{"n":12345678901234567890},
      "caller":{"type":"direct"}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":")" +
                 call + R"(","content":"r"}]}])"));
  ASSERT_TRUE(read.result) << read.result.error().told;
  chat::unseal(*read, "anthropic", chat::StateOf::kClientDialect);
  const auto outgoing = client().write_chat(*read, {.provider = "anthropic", .model = "claude-x"});
  ASSERT_TRUE(outgoing);
  dom::parser parser;
  const dom::element body = parser.parse(outgoing->body).value();
  EXPECT_EQ(sorted(body["unknown"].value()), "[1.5]");
  EXPECT_TRUE(outgoing->body.contains("[1.50]"));
  EXPECT_EQ(std::string_view(body["model"].value()), "claude-x");
  const dom::element blocks = body.at_pointer("/messages/1/content").value();
  ASSERT_EQ(dom::array(blocks).size(), 2u);
  EXPECT_EQ(sorted(blocks.at(0).value()), R"({"text":"see","type":"text"})");
  const std::string id(std::string_view(blocks.at(1).value()["id"].value()));
  EXPECT_FALSE(id.contains("_sl1_"));
  EXPECT_FALSE(id.contains(":"));
  EXPECT_EQ(std::string_view(body.at_pointer("/messages/2/content/0/tool_use_id").value()), id);
  EXPECT_TRUE(outgoing->body.contains(R"("input":{"n":12345678901234567890},"caller":{"type":"direct"})"));
  ASSERT_EQ(outgoing->lost.size(), 1u);
  EXPECT_EQ(outgoing->lost[0].path, "reasoning state");
}

TEST(AnthropicRequest, TheSameApiAtOtherHosts) {
  const Case& bedrock = find_case("bedrock_invoke_stream");
  const std::string asked = R"({"model":"m","stream":true,)" + bedrock.request.substr(1);
  Read read(asked);
  ASSERT_TRUE(read.result);
  const auto outgoing = bedrock_client().write_chat(*read, {.provider = "b", .model = "m", .stream = true});
  ASSERT_TRUE(outgoing);
  EXPECT_EQ(sorted(outgoing->body), sorted(bedrock.request));
  EXPECT_EQ(outgoing->headers.size(), 0u);
  Read again(R"({"model":"m","stream":true,)" + bedrock.request.substr(1));
  const auto vertex = vertex_client().write_chat(*again, {.provider = "v", .model = "m", .stream = true});
  ASSERT_TRUE(vertex);
  EXPECT_EQ(sorted(vertex->body),
            R"({"anthropic_version":"vertex-2023-10-16","max_tokens":64,"messages":[{"content":"Hi","role":"user"}],)"
            R"("stream":true})");
}

}  // namespace
}  // namespace sluice::dialect::anthropic::testing::request_test
