#include "dialect/responses/request.h"

#include <gtest/gtest.h>

#include <set>

#include "checkout.h"
#include "dialect/responses/endpoint.h"
#include "dialect/responses/fields.h"
#include "dialect/responses/fixture_test.h"
#include "dialect/responses/responses.h"

namespace sluice::dialect::responses::request_test {
namespace {

using namespace testing;
using chat::Field;
using chat::PartKind;
using chat::Role;

// A request and the body it points into.
struct Read {
  std::string body;
  chat::Request request;
};

std::unique_ptr<Read> read(std::string body) {
  auto made = std::make_unique<Read>();
  made->body = padded(std::move(body));
  json::Reader reader;
  auto request = server().read_chat(facts(Kind::kResponses), made->body, reader);
  EXPECT_TRUE(request) << (request ? "" : request.error().told);
  if (request) made->request = std::move(*request);
  return made;
}

std::unique_ptr<Read> read_input(const std::string& input) {
  return read(R"({"model":"m","input":)" + input + "}");
}

Fault refused(std::string body) {
  json::Reader reader;
  body = padded(std::move(body));
  auto request = server().read_chat(facts(Kind::kResponses), body, reader);
  EXPECT_FALSE(request);
  return request ? Fault() : request.error();
}

std::string lost(const chat::Request& request) {
  std::string out;
  for (const auto& what : request.lost) {
    out += what.path + (what.unplaced == chat::Unplaced::kRefused ? "!" : "") + " ";
  }
  return out;
}

TEST(ResponsesRequest, ReadsATextAndInstructions) {
  const auto made = read(R"({"model":"m\"x","input":"Hi \"you\"","instructions":"Short.","stream":true})");
  const chat::Request& request = made->request;
  EXPECT_EQ(request.model, "m\"x");
  EXPECT_TRUE(request.stream);
  ASSERT_EQ(request.turns.size(), 2U);
  EXPECT_EQ(request.turns[0].role, Role::kSystem);
  EXPECT_EQ(request.turns[0].parts[0].text.raw, "Short.");
  EXPECT_EQ(request.turns[1].parts[0].text.raw, R"(Hi \"you\")");
  EXPECT_EQ(request.path(Field::kSystem), "instructions");
  EXPECT_EQ(request.value(Field::kSystem), "\"Short.\"");
  EXPECT_EQ(lost(request), "");
}

TEST(ResponsesRequest, ItemsOfAnAnswerAreOneTurn) {
  const auto made = read_input(R"([
    {"role":"developer","content":"D"},{"role":"user","content":[{"type":"input_text","text":"U"}]},
    {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"a"},{"type":"summary_text","text":"b"}],
     "encrypted_content":"E=="},
    {"type":"message","role":"assistant","id":"msg_1","content":[{"type":"output_text","text":"T","annotations":[]}]},
    {"type":"function_call","call_id":"c1","name":"f","arguments":"{\"a\":12345678901234567890}"},
    {"type":"custom_tool_call","call_id":"c2","name":"g","input":"free"},
    {"type":"function_call_output","call_id":"c1","output":"ok"},
    {"type":"custom_tool_call_output","call_id":"c2","output":[{"type":"input_text","text":"x"},
      {"type":"input_image","image_url":"data:image\/png;base64,QUJD"}]},
    {"role":"user","content":"again"}])");
  const auto& turns = made->request.turns;
  ASSERT_EQ(turns.size(), 5U);
  EXPECT_EQ(turns[0].role, Role::kDeveloper);
  EXPECT_EQ(turns[1].role, Role::kUser);
  ASSERT_EQ(turns[2].role, Role::kAssistant);
  const auto& answer = turns[2].parts;
  ASSERT_EQ(answer.size(), 4U);
  EXPECT_EQ(answer[0].kind, PartKind::kReasoning);
  EXPECT_EQ(answer[0].text.raw, "a\\n\\nb");
  EXPECT_EQ(answer[0].state.kind, chat::State::Kind::kEncrypted);
  EXPECT_EQ(answer[0].state.data.raw, "E==");
  EXPECT_EQ(answer[0].id.raw, "rs_1");
  EXPECT_EQ(answer[1].text.raw, "T");
  EXPECT_EQ(answer[2].arguments, R"({"a":12345678901234567890})");
  EXPECT_EQ(answer[2].id.raw, "c1");
  EXPECT_EQ(answer[3].tool, chat::ToolKind::kCustom);
  EXPECT_EQ(answer[3].text.raw, "free");
  ASSERT_EQ(turns[3].role, Role::kTool);
  EXPECT_EQ(turns[3].parts[0].content[0].text.raw, "ok");
  EXPECT_EQ(turns[3].parts[1].content[1].media.type.raw, "image/png");
  EXPECT_EQ(turns[3].parts[1].content[1].media.data.raw, "QUJD");
  EXPECT_EQ(turns[4].parts[0].text.raw, "again");
}

TEST(ResponsesRequest, ReasoningWithoutStateIsPlain) {
  const auto made = read_input(R"([{"type":"reasoning","id":"r","summary":[],"encrypted_content":null,
    "content":[{"type":"reasoning_text","text":"deep"}]}])");
  const auto& part = made->request.turns[0].parts[0];
  EXPECT_EQ(part.text.raw, "deep");
  EXPECT_EQ(part.state.kind, chat::State::Kind::kPlain);
}

TEST(ResponsesRequest, ReadsMedia) {
  const auto made = read_input(R"([{"role":"user","content":[
    {"type":"input_image","image_url":"https://a.b/c.png","detail":"low"},{"type":"input_image","file_id":"file-1"},
    {"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,QQ=="},
    {"type":"input_file","filename":"a.csv","file_data":"QQ=="},{"type":"input_file","file_url":"https://a.b/c.pdf"},
    {"type":"input_audio","input_audio":{"data":"QQ==","format":"mp3"}},
    {"type":"input_text","text":"t","prompt_cache_breakpoint":{"mode":"explicit","ttl":"12h"}},
    {"type":"input_text","text":"u","prompt_cache_breakpoint":{"mode":"explicit"}}]}])");
  const auto& parts = made->request.turns[0].parts;
  using enum chat::Media::Form;
  EXPECT_EQ(parts[0].media.form, kUrl);
  EXPECT_EQ(parts[0].media.detail.raw, "low");
  EXPECT_EQ(parts[1].media.form, kFile);
  EXPECT_EQ(parts[2].kind, PartKind::kDocument);
  EXPECT_EQ(parts[2].media.type.raw, "application/pdf");
  EXPECT_EQ(parts[2].media.name.raw, "a.pdf");
  EXPECT_EQ(parts[3].media.type.raw, "text/csv");
  EXPECT_EQ(parts[4].media.form, kUrl);
  EXPECT_EQ(parts[4].media.place, "input[0].content[4]");
  EXPECT_EQ(parts[5].kind, PartKind::kAudio);
  EXPECT_EQ(parts[5].media.type.raw, "audio/mpeg");
  EXPECT_EQ(parts[6].cache, chat::CacheMark::kLong);
  EXPECT_EQ(parts[7].cache, chat::CacheMark::kShort);
}

TEST(ResponsesRequest, ItemsOfBuiltInToolsStayAsTheyAre) {
  const std::string call =
      R"({"type":"computer_call","id":"cu","call_id":"c","action":{"type":"wait"},"output":{"x":1}})";
  const std::string output = R"({"type":"computer_call_output","call_id":"c","output":{"type":"computer_screenshot"}})";
  const auto made = read_input("[" + call + "," + output + R"(,{"type":"brand_new","content":7}])");
  const auto& turns = made->request.turns;
  ASSERT_EQ(turns.size(), 3U);
  EXPECT_EQ(turns[0].parts[0].raw, call);
  EXPECT_EQ(turns[0].parts[0].kind, PartKind::kServerItem);
  EXPECT_EQ(turns[1].role, Role::kTool);
  EXPECT_EQ(turns[1].parts[0].raw, output);
  EXPECT_EQ(turns[2].parts[0].kind, PartKind::kServerItem);
}

TEST(ResponsesRequest, ReadsTools) {
  const auto made = read(R"({"model":"m","input":"x","tools":[
    {"type":"function","name":"f","description":"d","parameters":{"type":"object"},"strict":true},
    {"type":"function","name":"g","parameters":null,"strict":null,"async":false,"defer_loading":true},
    {"type":"custom","name":"c","description":"e","format":{"type":"text"}}],
    "tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"f"}]}})");
  const chat::Request& request = made->request;
  ASSERT_EQ(request.tools.size(), 3U);
  EXPECT_EQ(request.tools[0].schema, R"({"type":"object"})");
  EXPECT_EQ(request.tools[0].strict, true);
  EXPECT_EQ(request.tools[1].schema, "");
  EXPECT_EQ(request.tools[1].strict, std::nullopt);
  EXPECT_EQ(request.tools[2].kind, chat::ToolKind::kCustom);
  EXPECT_EQ(request.tools[2].description.raw, "e");
  EXPECT_EQ(request.tool_choice.mode, chat::ToolChoice::Mode::kSubset);
  EXPECT_TRUE(request.tool_choice.subset_required);
  EXPECT_EQ(request.tool_choice.names[0].raw, "f");
  EXPECT_EQ(lost(request), "tools[1].defer_loading ");
}

TEST(ResponsesRequest, WebSearchAloneIsAField) {
  const auto alone = read(R"({"model":"m","input":"x","tools":[{"type":"function","name":"f"},
    {"type":"web_search","search_context_size":"low","user_location":{"type":"approximate","country":"NO"}}]})");
  EXPECT_EQ(alone->request.tools.size(), 1U);
  EXPECT_EQ(alone->request.value(Field::kWebSearch),
            R"({"search_context_size":"low","user_location":{"type":"approximate","approximate":{"country":"NO"}}})");
  const auto both = read(R"({"model":"m","input":"x","tools":[{"type":"web_search"},{"type":"shell"}]})");
  EXPECT_EQ(both->request.tools.size(), 2U);
  EXPECT_EQ(both->request.tools[0].kind, chat::ToolKind::kServer);
  EXPECT_FALSE(both->request.has(Field::kWebSearch));
}

TEST(ResponsesRequest, ReadsToolChoices) {
  const auto choice = [](const std::string& raw) {
    return read(R"({"model":"m","input":"x","tool_choice":)" + raw + "}")->request.tool_choice;
  };
  using enum chat::ToolChoice::Mode;
  EXPECT_EQ(choice("\"none\"").mode, kNone);
  EXPECT_EQ(choice("\"auto\"").mode, kAuto);
  EXPECT_EQ(choice("\"required\"").mode, kAny);
  EXPECT_EQ(choice(R"({"type":"function","name":"f"})").names.size(), 1U);
  EXPECT_EQ(choice(R"({"name":"c","type":"custom"})").mode, kNamed);
  const auto server_tool = read(R"({"model":"m","input":"x","tool_choice":{"type":"file_search"}})");
  EXPECT_EQ(lost(server_tool->request), "tool_choice.type ");
}

TEST(ResponsesRequest, ReadsSettings) {
  const auto made = read(R"({"model":"m","input":"x","max_output_tokens":64,"temperature":0.70,"top_p":null,
    "parallel_tool_calls":false,"reasoning":{"effort":"xhigh","summary":"detailed","context":"auto"},
    "text":{"format":{"type":"json_schema","name":"n","schema":{"a":1},"strict":true},"verbosity":"low"},
    "include":["reasoning.encrypted_content","message.output_text.logprobs"],"top_logprobs":2,
    "service_tier":"flex","user":"u","safety_identifier":"s","metadata":{"k":"v"},"prompt_cache_key":"pk",
    "store":false,"truncation":"disabled","background":false,"stream_options":{"include_obfuscation":false},
    "prompt_cache_options":{"mode":"explicit"},"max_tool_calls":3,"new_thing":1})");
  const chat::Request& request = made->request;
  EXPECT_EQ(request.value(Field::kMaxTokens), "64");
  EXPECT_EQ(request.value(Field::kTemperature), "0.70");
  EXPECT_FALSE(request.has(Field::kTopP));
  EXPECT_EQ(request.parallel_calls, false);
  EXPECT_EQ(request.reasoning.effort, chat::Effort::kXHigh);
  EXPECT_EQ(request.reasoning.show, chat::Reasoning::Show::kSummary);
  EXPECT_EQ(request.format.kind, chat::OutputFormat::Kind::kSchema);
  EXPECT_EQ(request.format.schema, R"({"a":1})");
  EXPECT_EQ(request.format.strict, true);
  EXPECT_EQ(request.value(Field::kVerbosity), "\"low\"");
  EXPECT_EQ(request.value(Field::kLogprobs), "true");
  EXPECT_EQ(request.value(Field::kTopLogprobs), "2");
  EXPECT_FALSE(request.has(Field::kInclude));
  EXPECT_EQ(request.value(Field::kEndUser), "\"s\"");
  EXPECT_EQ(request.value(Field::kMetadata), R"({"k":"v"})");
  EXPECT_FALSE(request.has(Field::kStore));
  EXPECT_EQ(lost(request), "reasoning.context prompt_cache_options max_tool_calls new_thing ");
}

TEST(ResponsesRequest, StateThatAProviderKeepsIsNamed) {
  EXPECT_EQ(lost(read(R"({"model":"m","previous_response_id":"resp_1"})")->request), "previous_response_id! ");
  EXPECT_EQ(lost(read(R"({"model":"m","input":"x","conversation":{"id":"c"},"background":true})")->request),
            "conversation! background! ");
  EXPECT_EQ(lost(read_input(R"([{"type":"item_reference","id":"msg_1"}])")->request), "input[0].id! ");
  EXPECT_EQ(lost(read_input(R"([{"id":"msg_1"}])")->request), "input[0].id! ");
  EXPECT_EQ(lost(read(R"({"model":"m","input":"x","truncation":"auto","moderation":{"model":"o"}})")->request),
            "truncation moderation ");
  EXPECT_EQ(lost(read(R"({"model":"m","input":"x","moderation":{"policy":{"input":{"mode":"block"}}}})")->request),
            "moderation! ");
  EXPECT_EQ(lost(read(R"({"model":"m","input":"x","previous_response_id":null})")->request), "");
}

TEST(ResponsesRequest, WhatOnlyThisApiSaysOfAnItemIsNamed) {
  const auto made = read_input(R"([{"role":"assistant","content":"x","phase":"commentary"},
    {"type":"function_call","call_id":"c","name":"f","arguments":"{}","namespace":"n","caller":null,"status":"completed"},
    {"role":"user","content":[{"type":"input_text","text":"t","odd":1}]}])");
  EXPECT_EQ(lost(made->request), "input[0].phase input[1].namespace input[2].content[0].odd ");
}

struct Bad {
  std::string body;
  std::string param;
  std::string code;
};

TEST(ResponsesRequest, BadRequestsNameTheField) {
  const std::vector<Bad> all{
      {R"({"model":"m"})", "input", "missing_required_parameter"},
      {R"({"model":"m","input":7})", "input", "invalid_type"},
      {R"({"model":"m","input":[7]})", "input[0]", "invalid_type"},
      {R"({"model":"m","input":[{"content":"x"}]})", "input[0].type", "missing_required_parameter"},
      {R"({"model":"m","input":[{"role":"alien","content":"x"}]})", "input[0].role", "invalid_value"},
      {R"({"model":"m","input":[{"role":"user"}]})", "input[0].content", "missing_required_parameter"},
      {R"({"model":"m","input":[{"role":"user","content":{}}]})", "input[0].content", "invalid_type"},
      {R"({"model":"m","input":[{"role":"user","content":[{"text":"x"}]}]})", "input[0].content[0].type",
       "missing_required_parameter"},
      {R"({"model":"m","input":[{"role":"user","content":[{"type":"input_text","text":7}]}]})",
       "input[0].content[0].text", "invalid_type"},
      {R"({"model":"m","input":[{"role":"user","content":[{"type":"odd"}]}]})", "input[0].content[0].type",
       "invalid_value"},
      {R"({"model":"m","input":[{"role":"user","content":[{"type":"input_image"}]}]})", "input[0].content[0]",
       "missing_required_parameter"},
      {R"({"model":"m","input":[{"type":"function_call","name":"f","arguments":"{}"}]})", "input[0].call_id",
       "missing_required_parameter"},
      {R"({"model":"m","input":[{"type":"function_call_output","call_id":"c"}]})", "input[0].output",
       "missing_required_parameter"},
      {R"({"model":"m","input":"x","tools":[{"type":"function"}]})", "tools[0].name", "missing_required_parameter"},
      {R"({"model":"m","input":"x","tools":[{"name":"f"}]})", "tools[0].type", "missing_required_parameter"},
      {R"({"model":"m","input":"x","tools":{}})", "tools", "invalid_type"},
      {R"({"model":"m","input":"x","tool_choice":"maybe"})", "tool_choice", "invalid_value"},
      {R"({"model":"m","input":"x","tool_choice":{"type":"function"}})", "tool_choice.name",
       "missing_required_parameter"},
      {R"({"model":"m","input":"x","reasoning":{"effort":"much"}})", "reasoning.effort", "invalid_value"},
      {R"({"model":"m","input":"x","text":{"format":{"type":"xml"}}})", "text.format.type", "invalid_value"},
      {R"({"model":"m","input":"x","text":{"format":{"type":"json_schema"}}})", "text.format.schema",
       "missing_required_parameter"},
      {R"({"model":"m","input":"x","max_output_tokens":"many"})", "max_output_tokens", "invalid_type"},
      {R"({"model":"m","input":"x","include":"all"})", "include", "invalid_type"},
      {R"({"model":"m","input":"\q"})", "input", "invalid_json"},
      {R"({"model":"m","input":"x",})", "", "invalid_json"},
      {R"([])", "", ""},
  };
  for (const Bad& bad : all) {
    const Fault fault = refused(bad.body);
    EXPECT_EQ(fault.kind, FaultKind::kInvalidRequest) << bad.body;
    EXPECT_EQ(fault.param, bad.param) << bad.body;
    EXPECT_EQ(fault.code, bad.code) << bad.body;
    EXPECT_FALSE(fault.told.empty());
  }
}

// ---- the table

TEST(ResponsesFields, TableAndSchemaAreTheSame) {
  const std::string schema = read_file(in_checkout("tests/fixtures/schema/responses.txt"));
  std::set<std::string> paths;
  for (std::size_t begin = 0; begin < schema.size();) {
    const auto end = std::min(schema.find('\n', begin), schema.size());
    const std::string path = schema.substr(begin, end - begin);
    begin = end + 1;
    if (path.empty()) continue;
    paths.insert(path);
    EXPECT_NE(find_path(fields(), path), nullptr) << path;
  }
  for (const FieldRow& row : fields()) {
    EXPECT_TRUE(paths.contains(std::string(row.path))) << row.path;
    EXPECT_TRUE(row.unplaced != chat::Unplaced::kRefused || !row.note.empty()) << row.path;
  }
  EXPECT_EQ(paths.size(), fields().size());
}

TEST(ResponsesEndpoints, AreFoundByPath) {
  EXPECT_EQ(endpoints().size(), 8U);
  EXPECT_TRUE(match_path(facts(Kind::kCancel).path, "/responses/resp_1/cancel"));
  EXPECT_EQ(match_path(facts(Kind::kInputItems).path, "/responses/resp_1/input_items")->id, "resp_1");
  Target target;
  target.model = "m";
  EXPECT_EQ(client().path(target), "/responses");
  target.operation = Operation::kCountTokens;
  EXPECT_EQ(client().path(target), "/responses/input_tokens");
  EXPECT_EQ(client().native_path(facts(Kind::kDelete), {.model = {}, .id = "resp_1"}, target), "/responses/resp_1");
  EXPECT_EQ(server().write_count(7), R"({"object":"response.input_tokens","input_tokens":7})");
}

}  // namespace
}  // namespace sluice::dialect::responses::request_test
