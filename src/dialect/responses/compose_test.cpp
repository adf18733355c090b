#include "dialect/responses/compose.h"

#include <gtest/gtest.h>

#include "chat/seal.h"
#include "dialect/openai/model.h"
#include "dialect/responses/endpoint.h"
#include "dialect/responses/fixture_test.h"
#include "dialect/responses/responses.h"

namespace sluice::dialect::responses::compose_test {
namespace {

using namespace testing;
using chat::Field;
using chat::PartKind;
using chat::Role;

Target target() {
  Target made;
  made.provider = "prov";
  made.model = "up";
  return made;
}

std::string lost(const Outgoing& out) {
  std::string text;
  for (const auto& what : out.lost) {
    text += what.path + (what.unplaced == chat::Unplaced::kSilent ? "~" : "") + " ";
  }
  return text;
}

Outgoing written(chat::Request& request, const Target& to = target()) {
  auto out = client().write_chat(request, to);
  EXPECT_TRUE(out) << (out ? "" : out.error().told);
  return out ? std::move(*out) : Outgoing();
}

// Reads a request of this API and writes it again.
Outgoing again(std::string body, const Target& to = target()) {
  json::Reader reader;
  body = padded(std::move(body));
  auto request = server().read_chat(facts(Kind::kResponses), body, reader);
  EXPECT_TRUE(request) << (request ? "" : request.error().told);
  if (!request) return {};
  chat::unseal(*request, to.provider, chat::StateOf::kClientDialect);
  return written(*request, to);
}

// A request of another API.
chat::Request foreign(std::vector<chat::Turn> turns = {}) {
  chat::Request request;
  request.give(Field::kMessages, "messages");
  if (turns.empty())
    turns.push_back({.role = Role::kUser, .parts = {{.kind = PartKind::kText, .text = {"Hi"}}}, .name = {}});
  request.turns = std::move(turns);
  return request;
}

chat::Part text(std::string_view raw) {
  return {.kind = PartKind::kText, .text = {raw}};
}

chat::Turn turn(Role role, std::vector<chat::Part> parts) {
  return {.role = role, .parts = std::move(parts), .name = {}};
}

// ---- there and back

std::string without(const std::string& object, const std::vector<std::string>& keys) {
  dom::parser parser;
  std::string out;
  for (auto [key, value] : parser.parse(simdjson::padded_string(object)).value().get_object().value()) {
    if (std::ranges::find(keys, std::string(key)) != keys.end()) continue;
    out += (out.empty() ? "{" : ",") + ("\"" + std::string(key) + "\":") + sorted(value);
  }
  return sorted(out + "}");
}

TEST(ResponsesCompose, RequestsOfThisApiStayWhatTheyWere) {
  int seen = 0;
  for (const auto& test : cases()) {
    if (test->request.empty() || !at(test->request, "/previous_response_id").empty()) continue;
    SCOPED_TRACE(test->id);
    Target to = target();
    const std::string model = at(test->request, "/model");
    to.model = std::string_view(model).substr(1, model.size() - 2);
    to.stream = at(test->request, "/stream") == "true";
    const Outgoing out = again(test->request, to);
    std::vector<std::string> apart{"store", "include", "prompt_cache_options"};
    if (at(test->request, "/input").starts_with('"')) {
      apart.emplace_back("input");
      EXPECT_EQ(at(out.body, "/input"), R"([{"content":[{"text":)" + at(test->request, "/input") +
                                            R"(,"type":"input_text"}],"role":"user","type":"message"}])");
    }
    EXPECT_EQ(without(out.body, apart), without(test->request, apart));
    EXPECT_EQ(at(out.body, "/store") == "false", at(test->request, "/store") == "false");
    if (!openai::never_reasons(to.model)) EXPECT_EQ(at(out.body, "/include/0"), "\"reasoning.encrypted_content\"");
    ++seen;
  }
  EXPECT_GT(seen, 20);
}

TEST(ResponsesCompose, StateThatAProviderKeepsIsRefused) {
  json::Reader reader;
  const std::string body = padded(R"({"model":"m","input":"x","previous_response_id":"resp_1"})");
  auto request = server().read_chat(facts(Kind::kResponses), body, reader);
  ASSERT_TRUE(request);
  const auto out = client().write_chat(*request, target());
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().param, "previous_response_id");
  EXPECT_EQ(
      out.error().told,
      "'previous_response_id' asks for state that is not kept (send the whole conversation in 'input' instead) by "
      "provider 'prov' (model 'up').");
}

TEST(ResponsesCompose, WhatThisApiHasIsKept) {
  const Outgoing out = again(R"({"model":"m","input":[
      {"role":"assistant","content":"x","phase":"commentary"},
      {"type":"function_call","id":"fc_9","call_id":"c","name":"f","arguments":"{ }","namespace":"n"},
      {"type":"function_call_output","call_id":"c","output":"ok","status":"completed"},
      {"type":"compaction","encrypted_content":"C"}],
    "tools":[{"type":"function","name":"f","parameters":null,"strict":null,"defer_loading":true},{"type":"shell"},
      {"type":"web_search"}],"tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"shell"}]},
    "reasoning":{"summary":"detailed"},"include":["web_search_call.action.sources"]})");
  EXPECT_EQ(lost(out), "");
  EXPECT_EQ(at(out.body, "/input/0"), R"({"content":"x","phase":"commentary","role":"assistant"})");
  EXPECT_EQ(at(out.body, "/input/1"),
            R"({"arguments":"{ }","call_id":"c","id":"fc_9","name":"f","namespace":"n","type":"function_call"})");
  EXPECT_EQ(at(out.body, "/input/2/status"), "\"completed\"");
  EXPECT_EQ(at(out.body, "/input/3/type"), "\"compaction\"");
  EXPECT_EQ(at(out.body, "/tools/0/defer_loading"), "true");
  EXPECT_EQ(at(out.body, "/tools/2/type"), "\"web_search\"");
  EXPECT_EQ(at(out.body, "/tool_choice/tools/0/type"), "\"shell\"");
  EXPECT_EQ(at(out.body, "/reasoning"), R"({"summary":"detailed"})");
  EXPECT_EQ(at(out.body, "/include"), R"(["reasoning.encrypted_content","web_search_call.action.sources"])");
}

TEST(ResponsesCompose, SealedStateGoesBackToItsMaker) {
  const std::string own =
      chat::sealed_state("prov", {.kind = chat::State::Kind::kEncrypted, .data = {"E=="}, .origin = {}}, "rs_7");
  const std::string other =
      chat::sealed_state("else", {.kind = chat::State::Kind::kSignature, .data = {"S"}, .origin = {}});
  const Outgoing out = again(
      R"({"model":"m","input":[{"role":"user","content":"q"},
      {"type":"reasoning","id":"rs_sluice_x_0","summary":[{"type":"summary_text","text":"think"}],"encrypted_content":")" +
      own + R"("},{"type":"reasoning","id":"rs_sluice_x_1","summary":[],"encrypted_content":")" + other +
      R"("},{"type":"message","role":"assistant","id":"msg_sluice_x_1","content":[{"type":"output_text","text":"a"}]},
      {"type":"function_call","id":"fc_sluice_x_2","call_id":"c","name":"f","arguments":"{}"}]})");
  EXPECT_EQ(
      at(out.body, "/input/1"),
      R"({"encrypted_content":"E==","id":"rs_7","summary":[{"text":"think","type":"summary_text"}],"type":"reasoning"})");
  EXPECT_EQ(at(out.body, "/input/2"),
            R"({"content":[{"text":"a","type":"output_text"}],"role":"assistant","type":"message"})");
  EXPECT_EQ(at(out.body, "/input/3"), R"({"arguments":"{}","call_id":"c","name":"f","type":"function_call"})");
  EXPECT_EQ(at(out.body, "/input/4"), "");
}

// ---- from other APIs

TEST(ResponsesCompose, WritesAConversation) {
  chat::Request request = foreign({
      turn(Role::kSystem, {text("Be short.")}),
      turn(Role::kUser,
           {text("Hi"),
            text(""),
            {.kind = PartKind::kImage,
             .media = {.type = {"image/png"}, .data = {"QQ=="}, .name = {}, .detail = {"medium"}, .context = {}}}}),
      turn(Role::kAssistant,
           {{.kind = PartKind::kReasoning,
             .text = {"hm"},
             .state = {.kind = chat::State::Kind::kSignature, .data = {"S"}, .origin = {}}},
            text("Well"),
            {.kind = PartKind::kRefusal, .text = {"no"}},
            {.kind = PartKind::kCall, .id = {"toolu_1"}, .name = {"f"}, .arguments = R"({"a":"b"})"},
            {.kind = PartKind::kCall, .id = {"c2"}, .name = {"sql"}, .tool = chat::ToolKind::kCustom}}),
      turn(Role::kTool, {{.kind = PartKind::kResult, .id = {"toolu_1"}, .content = {text("ok")}, .is_error = true},
                         {.kind = PartKind::kResult, .id = {"c2"}, .content = {text("a"), text("b")}}}),
      turn(Role::kUser, {text("go on")}),
  });
  request.turns[1].name = {"Ann"};
  request.give(Field::kSystem, "system");
  const Outgoing out = written(request);
  EXPECT_EQ(at(out.body, "/instructions"), "\"Be short.\"");
  EXPECT_EQ(
      at(out.body, "/input/0/content"),
      R"([{"text":"Hi","type":"input_text"},{"detail":"auto","image_url":"data:image/png;base64,QQ==","type":"input_image"}])");
  EXPECT_EQ(at(out.body, "/input/1"),
            R"({"content":[{"annotations":[],"text":"Well","type":"output_text"},{"refusal":"no","type":"refusal"}],)"
            R"("role":"assistant","type":"message"})");
  EXPECT_EQ(at(out.body, "/input/2"),
            R"({"arguments":"{\"a\":\"b\"}","call_id":"toolu_1","name":"f","type":"function_call"})");
  EXPECT_EQ(at(out.body, "/input/3"), R"({"call_id":"c2","input":"","name":"sql","type":"custom_tool_call"})");
  EXPECT_EQ(at(out.body, "/input/4"), R"({"call_id":"toolu_1","output":"ok","type":"function_call_output"})");
  EXPECT_EQ(at(out.body, "/input/5"),
            R"({"call_id":"c2","output":[{"text":"a","type":"input_text"},{"text":"b","type":"input_text"}],)"
            R"("type":"custom_tool_call_output"})");
  EXPECT_EQ(at(out.body, "/input/6/content/0/text"), "\"go on\"");
  EXPECT_EQ(lost(out), "message.name image.detail tool_result.is_error~ ");
}

TEST(ResponsesCompose, DevelopersAreSystemWhereNobodyKnowsThem) {
  Target to = target();
  to.quirks.developer_role = false;
  chat::Request request = foreign({turn(Role::kDeveloper, {text("a")})});
  EXPECT_EQ(at(written(request, to).body, "/input/0/role"), "\"system\"");
  EXPECT_EQ(at(again(R"({"model":"m","input":[{"role":"developer","content":"a"}]})", to).body, "/input/0/role"),
            "\"system\"");
}

TEST(ResponsesCompose, WritesReasoningOfItsOwn) {
  chat::Request request = foreign(
      {turn(Role::kAssistant, {{.kind = PartKind::kReasoning,
                                .text = {"hm"},
                                .state = {.kind = chat::State::Kind::kEncrypted, .data = {"E=="}, .origin = "prov"},
                                .id = {"rs_1"}},
                               {.kind = PartKind::kReasoning,
                                .text = {"open"},
                                .state = {.kind = chat::State::Kind::kPlain, .data = {}, .origin = "prov"}}})});
  const std::string body = written(request).body;
  EXPECT_EQ(
      at(body, "/input/0"),
      R"({"encrypted_content":"E==","id":"rs_1","summary":[{"text":"hm","type":"summary_text"}],"type":"reasoning"})");
  EXPECT_EQ(at(body, "/input/1"),
            R"({"content":[{"text":"open","type":"reasoning_text"}],"summary":[],"type":"reasoning"})");
}

TEST(ResponsesCompose, TheSameTurnsGiveTheSameBytes) {
  std::vector<chat::Turn> turns{
      turn(Role::kUser, {text("a")}),
      turn(Role::kAssistant, {{.kind = PartKind::kCall, .name = {"f"}, .arguments = "{}"}}),
      turn(Role::kTool, {{.kind = PartKind::kResult, .name = {"f"}, .content = {text("ok")}}})};
  chat::Request shorter = foreign(turns);
  const std::string before = written(shorter).body;
  turns.push_back(turn(Role::kUser, {text("more")}));
  chat::Request longer = foreign(turns);
  const std::string after = written(longer).body;
  const auto end = before.rfind(']');
  EXPECT_EQ(after.substr(0, end), before.substr(0, end));
  EXPECT_EQ(at(before, "/input/1/call_id"), "\"call_1_0\"");
  EXPECT_EQ(at(before, "/input/2/call_id"), "\"call_1_0\"");
}

TEST(ResponsesCompose, WritesTools) {
  chat::Request request = foreign();
  request.give(Field::kTools, "tools");
  request.give(Field::kToolChoice, "tool_choice");
  request.tools = {
      {.kind = chat::ToolKind::kFunction, .name = {"f"}, .description = {"d"}, .schema = R"({"type":"object"})"},
      {.kind = chat::ToolKind::kFunction, .name = {"g.h"}, .strict = true},
      {.kind = chat::ToolKind::kCustom,
       .name = {"c"},
       .raw =
           R"({"type":"custom","custom":{"name":"c","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"x"}}}})"}};
  request.tool_choice = {.mode = chat::ToolChoice::Mode::kSubset, .names = {{"g.h"}, {"c"}}, .subset_required = true};
  const Outgoing out = written(request);
  EXPECT_EQ(
      at(out.body, "/tools/0"),
      R"({"description":"d","name":"f","parameters":{"properties":{},"type":"object"},"strict":false,"type":"function"})");
  EXPECT_EQ(at(out.body, "/tools/1/parameters"), R"({"properties":{},"type":"object"})");
  EXPECT_EQ(at(out.body, "/tools/1/strict"), "true");
  EXPECT_EQ(at(out.body, "/tools/2"),
            R"({"format":{"definition":"x","syntax":"lark","type":"grammar"},"name":"c","type":"custom"})");
  ASSERT_EQ(out.renamed.size(), 1U);
  EXPECT_EQ(out.renamed[0].second, "g.h");
  EXPECT_EQ(at(out.body, "/tool_choice/tools/0/name"), "\"" + out.renamed[0].first + "\"");
  EXPECT_EQ(at(out.body, "/tool_choice/tools/1"), R"({"name":"c","type":"custom"})");
}

TEST(ResponsesCompose, WritesWebSearch) {
  chat::Request request = foreign();
  request.give(Field::kWebSearch, "web_search_options",
               R"({"user_location":{"type":"approximate","approximate":{"country":"NO"}},"max_uses":3})");
  const Outgoing out = written(request);
  EXPECT_EQ(at(out.body, "/tools/0"), R"({"type":"web_search","user_location":{"country":"NO","type":"approximate"}})");
  EXPECT_EQ(lost(out), "web_search.max_uses ");
  chat::Request blocks = foreign();
  blocks.give(Field::kWebSearch, "tools", R"({"type":"web_search_20250305","blocked_domains":["a.b"]})");
  EXPECT_FALSE(client().write_chat(blocks, target()));
}

TEST(ResponsesCompose, WritesSettings) {
  chat::Request request = foreign();
  request.give(Field::kMaxTokens, "max_tokens", "5");
  request.give(Field::kTemperature, "temperature", "0.70");
  request.give(Field::kServiceTier, "service_tier", "\"standard_only\"");
  request.give(Field::kEndUser, "metadata.user_id", "\"u\"");
  request.give(Field::kCandidates, "n", "1");
  request.give(Field::kModalities, "modalities", "[ \"text\" ]");
  request.give(Field::kSeed, "seed", "7");
  request.give(Field::kStore, "store", "true");
  request.give(Field::kLogprobs, "logprobs", "true");
  request.give(Field::kTopLogprobs, "top_logprobs", "3");
  request.reasoning = {
      .effort = chat::Effort::kUnset, .budget = 8000, .dynamic = false, .show = chat::Reasoning::Show::kSummary};
  request.format = {.kind = chat::OutputFormat::Kind::kSchema, .schema = "{}"};
  request.parallel_calls = false;  // says nothing without tools
  Target to = target();
  to.stream = true;
  const Outgoing out = written(request, to);
  EXPECT_EQ(without(out.body, {"input"}),
            R"({"include":["reasoning.encrypted_content","message.output_text.logprobs"],"max_output_tokens":16,)"
            R"("model":"up","reasoning":{"effort":"medium","summary":"auto"},)"
            R"("safety_identifier":"u","service_tier":"default","store":false,"stream":true,"temperature":0.7,)"
            R"("text":{"format":{"name":"answer","schema":{},"type":"json_schema"}},"top_logprobs":3})");
  EXPECT_NE(out.body.find("\"temperature\":0.70"), std::string::npos);
  EXPECT_EQ(lost(out), "seed store max_tokens ");
}

TEST(ResponsesCompose, CountsWithoutWhatOnlyAnswersNeed) {
  chat::Request request = foreign();
  request.give(Field::kTemperature, "temperature", "1");
  Target to = target();
  to.operation = Operation::kCountTokens;
  EXPECT_EQ(
      sorted(written(request, to).body),
      R"({"input":[{"content":[{"text":"Hi","type":"input_text"}],"role":"user","type":"message"}],"model":"up"})");
}

TEST(ResponsesCompose, WhatAnotherProvidersToolsDidIsLeftOut) {
  chat::Request request = foreign({turn(Role::kAssistant, {{.kind = PartKind::kServerItem, .raw = "{}"}, text("Hm")})});
  const Outgoing out = written(request, target());
  EXPECT_EQ(out.lost.front().path, "server tool items");
  EXPECT_TRUE(out.body.contains("Hm"));
}

TEST(ResponsesCompose, RefusesWhatTheAnswerWouldBeWrongWithout) {
  const auto param = [](chat::Request request) {
    const auto out = client().write_chat(request, target());
    EXPECT_FALSE(out);
    return out ? std::string() : out.error().param;
  };
  chat::Request request = foreign();
  request.give(Field::kStop, "stop");
  EXPECT_EQ(param(std::move(request)), "stop");
  request = foreign();
  request.give(Field::kCandidates, "n", "2");
  EXPECT_EQ(param(std::move(request)), "n");
  EXPECT_EQ(param(foreign({turn(Role::kUser, {{.kind = PartKind::kVideo}})})), "messages");
  EXPECT_EQ(param(foreign({turn(Role::kAssistant, {{.kind = PartKind::kImage}})})), "messages");
  EXPECT_EQ(param(foreign({turn(Role::kUser, {{.kind = PartKind::kImage,
                                               .media = {.form = chat::Media::Form::kFile,
                                                         .type = {},
                                                         .data = {"file_01"},
                                                         .name = {},
                                                         .detail = {},
                                                         .context = {}}}})})),
            "messages");
  request = foreign();
  request.give(Field::kTools, "tools");
  request.tools.push_back({.kind = chat::ToolKind::kServer, .name = {"bash"}, .raw = R"({"type":"bash_20250124"})"});
  EXPECT_EQ(param(std::move(request)), "tools");
}

TEST(ResponsesCompose, WritesFiles) {
  using enum chat::Media::Form;
  const auto part = [](chat::Media media, PartKind kind = PartKind::kDocument) {
    chat::Request request = foreign({turn(Role::kUser, {{.kind = kind, .media = media}})});
    return at(written(request).body, "/input/0/content/0");
  };
  EXPECT_EQ(
      part({.form = kInline, .type = {"application/pdf"}, .data = {"QQ=="}, .name = {}, .detail = {}, .context = {}}),
      R"({"file_data":"data:application/pdf;base64,QQ==","filename":"document.pdf","type":"input_file"})");
  EXPECT_EQ(part({.form = kUrl, .type = {}, .data = {"https://a"}, .name = {}, .detail = {}, .context = {}}),
            R"({"file_url":"https://a","type":"input_file"})");
  EXPECT_EQ(part({.form = kText, .type = {}, .data = {"body"}, .name = {"Title"}, .detail = {}, .context = {}}),
            R"({"text":"Title\n\nbody","type":"input_text"})");
  EXPECT_EQ(part({.form = kFile, .type = {}, .data = {"file-1"}, .name = {}, .detail = {}, .context = {}}),
            R"({"file_id":"file-1","type":"input_file"})");
  EXPECT_EQ(part({.form = kInline, .type = {"audio/mpeg"}, .data = {"QQ=="}, .name = {}, .detail = {}, .context = {}},
                 PartKind::kAudio),
            R"({"input_audio":{"data":"QQ==","format":"mp3"},"type":"input_audio"})");
}

TEST(ResponsesCompose, CacheMarksAreForClientsOfOpenAi) {
  chat::Part marked = text("a");
  marked.cache = chat::CacheMark::kLong;
  chat::Request request = foreign({turn(Role::kUser, {marked})});
  const Outgoing plain = written(request);
  EXPECT_EQ(at(plain.body, "/input/0/content/0/prompt_cache_breakpoint"), "");
  EXPECT_EQ(lost(plain), "prompt_cache_breakpoint~ ");
  request.give(Field::kCacheKey, "prompt_cache_key", "\"k\"");
  EXPECT_EQ(at(written(request).body, "/input/0/content/0/prompt_cache_breakpoint/ttl"), "\"12h\"");
}

TEST(ResponsesCompose, ShortensWhoAsks) {
  chat::Request request = foreign();
  const std::string longer = "\"user_" + std::string(150, 'u') + "\"";
  request.give(Field::kEndUser, "metadata.user_id", longer);
  EXPECT_EQ(at(written(request).body, "/safety_identifier").size(), 64U + 2);
}

}  // namespace
}  // namespace sluice::dialect::responses::compose_test
