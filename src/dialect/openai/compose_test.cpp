#include <map>

#include "dialect/openai/compose_fixture_test.h"

namespace sluice::dialect::openai::compose_test {
namespace {

using testing::cases;
namespace dom = simdjson::dom;

// A JSON value with its members in order and without what means the same: one text as a list, null members.
std::string canonical(dom::element value, std::string_view key = {}) {
  if (value.is_object()) {
    std::map<std::string, std::string> members;
    for (auto [name, member] : value.get_object().value()) {
      if (!member.is_null()) members[std::string(name)] = canonical(member, name);
    }
    std::string out = "{";
    for (const auto& [name, member] : members) out += name + ":" + member + ",";
    return out + "}";
  }
  if (value.is_array()) {
    const auto list = value.get_array().value();
    if (key == "content" && list.size() == 1) {
      const auto only = list.at(0).value().get_object().value();
      std::string_view type, text;
      if (only.size() == 2 && !only["type"].get(type) && type == "text" && !only["text"].get(text))
        return simdjson::to_string(only["text"].value());
    }
    std::string out = "[";
    for (dom::element element : list) out += canonical(element) + ",";
    return out + "]";
  }
  return simdjson::to_string(value);
}
std::string canonical_text(std::string_view json) {
  dom::parser parser;
  dom::element root;
  if (parser.parse(simdjson::padded_string(json)).get(root)) return "invalid: " + std::string(json);
  return canonical(root);
}

TEST_F(OpenAiCompose, WritesEveryRecordedRequestAgain) {
  std::size_t requests = 0;
  for (const auto& test : cases()) {
    // Of another API's time, or with what this form cannot hold.
    const bool is_older = test->id == "openai-chat/legacy_functions";
    if (test->request.empty() || is_older) continue;
    dom::parser parser;
    dom::element root;
    ASSERT_FALSE(parser.parse(test->request).get(root)) << test->id;
    std::string_view model;
    if (root["model"].get(model)) continue;
    bool stream = false;
    if (root["stream"].get(stream)) stream = false;
    ++requests;
    target_.model = model;
    target_.stream = stream;
    target_.quirks = {};
    const Outgoing out = composed(test->request);
    std::string expected = test->request;
    const auto drop = [&](std::string_view member) {
      if (const auto at = expected.find(member); at != std::string::npos) expected.erase(at, member.size());
    };
    drop(R"(,"prompt_cache_options":{"mode":"implicit","ttl":"30m"})");
    drop(R"("prompt_cache_options":{"mode":"explicit","ttl":"30m"},)");
    drop(R"("safe_prompt":false,)");
    if (test->id == "openai-chat/service_tier_metadata") drop(R"("user":"user-1",)");
    if (const auto at = expected.find(R"("tool_choice":"any")"); at != std::string::npos)
      expected.replace(at, 19, R"("tool_choice":"required")");
    if (stream && !expected.contains("stream_options"))
      expected.insert(1, R"("stream_options":{"include_usage":true},)");
    EXPECT_EQ(canonical_text(out.body), canonical_text(expected)) << test->id;
  }
  EXPECT_GT(requests, 40u);
}

TEST_F(OpenAiCompose, WritesTheSameBytesWhateverFollows) {
  const std::string first =
      R"({"messages":[{"role":"system","content":"S"},{"role":"user","content":[{"type":"text","text":"U"},
    {"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]},
    {"role":"assistant","content":null,"tool_calls":[{"id":"functions.f:0","type":"function","function":{"name":"f.g","arguments":"{\"a\":1.0}"}}]},
    {"role":"tool","tool_call_id":"functions.f:0","content":"R"})";
  const std::string shorter = composed(first + "]}").body;
  const std::string longer = composed(first + R"(,{"role":"user","content":"More"}]})").body;
  const std::string prefix = shorter.substr(0, shorter.rfind("]"));
  EXPECT_TRUE(longer.starts_with(prefix)) << prefix << "\n" << longer;
}

TEST_F(OpenAiCompose, FollowsQuirks) {
  const std::string body = R"({"max_tokens":5,"messages":[{"role":"developer","content":"D"},
    {"role":"assistant","content":"a","reasoning_content":"Hm","prefix":true,
     "tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{}"}}]},
    {"role":"tool","tool_call_id":"call_1","content":"R"},
    {"role":"assistant","content":"b"}]})";
  target_.stream = true;
  const Outgoing plain = composed(body);
  EXPECT_EQ(
      plain.body,
      R"({"model":"m","messages":[{"role":"developer","content":"D"},{"role":"assistant","content":"a","reasoning_content":"Hm",)"
      R"("tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{}"}}]},)"
      R"({"role":"tool","tool_call_id":"call_1","content":"R"},{"role":"assistant","content":"b"}],)"
      R"("max_tokens":5,"stream":true,"stream_options":{"include_usage":true}})");
  EXPECT_EQ(lost(plain), "prefix;");
  target_.quirks = {.stream_options = false,
                    .max_tokens = false,
                    .developer_role = false,
                    .reasoning_content = true,
                    .prefix = true,
                    .short_tool_ids = true};
  const Outgoing out = composed(body);
  EXPECT_TRUE(out.body.contains(R"({"role":"system","content":"D"})"));
  EXPECT_TRUE(out.body.contains(R"("reasoning_content":"Hm")"));
  EXPECT_TRUE(out.body.contains(R"("prefix":true)"));
  EXPECT_TRUE(out.body.contains(R"("max_completion_tokens":5)"));
  EXPECT_FALSE(out.body.contains("stream_options"));
  EXPECT_FALSE(out.body.contains("call_1"));
  const auto at = out.body.find(R"("id":")") + 6;
  EXPECT_TRUE(out.body.contains(R"("tool_call_id":")" + out.body.substr(at, 9) + "\""));
  EXPECT_EQ(lost(out), "");
  target_.quirks = {.max_completion_tokens = false};
  request_ = {};
  request_.give(Field::kMaxTokens, "max_output_tokens", "9");
  add(Role::kUser, PartKind::kText, "a");
  EXPECT_TRUE(this->body().contains(R"("max_tokens":9)"));
}

TEST_F(OpenAiCompose, WritesReasoningContentInEveryTurnOfTheModelEvenWhenItIsNotKnown) {
  target_.quirks.reasoning_content = true;
  add(Role::kAssistant, PartKind::kText, "a");
  add(Role::kAssistant, PartKind::kText, "b");
  add_call("1");
  const std::string written = body();
  EXPECT_TRUE(written.contains(R"({"role":"assistant","content":"a","reasoning_content":""})"));
  EXPECT_TRUE(written.contains(R"("content":"b","reasoning_content":"","tool_calls")"));
}

TEST_F(OpenAiCompose, GivesReasoningBackAsTheServerHasItOrTellsThatItIsLost) {
  add(Role::kAssistant, PartKind::kReasoning, "Hm").state = {.kind = State::Kind::kPlain, .data = {}, .origin = "p"};
  add_part(PartKind::kText, "a");
  const Outgoing without = composed();
  EXPECT_TRUE(without.body.contains(R"({"role":"assistant","content":"a"})")) << without.body;
  EXPECT_EQ(lost(without), "reasoning state;");
  target_.quirks.thinking_chunks = true;
  const Outgoing with = composed();
  EXPECT_TRUE(with.body.contains(
      R"("content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm"}]},{"type":"text","text":"a"}])"))
      << with.body;
  EXPECT_EQ(lost(with), "");
}

TEST_F(OpenAiCompose, GivesAProviderItsStateBack) {
  add(Role::kAssistant, PartKind::kReasoning, "Hm").state = {
      .kind = State::Kind::kEncrypted, .data = {R"([{\"type\":\"reasoning.text\",\"text\":\"Hm\"}])"}, .origin = "p"};
  add_part(PartKind::kReasoning, "x").state = {.kind = State::Kind::kSignature, .data = {"s"}};
  add_call("1").state = {.kind = State::Kind::kThought, .data = {"c2ln"}, .origin = "p"};
  EXPECT_EQ(body(),
            R"({"model":"m","messages":[{"role":"assistant","content":null,)"
            R"("reasoning_details":[{"type":"reasoning.text","text":"Hm"}],"tool_calls":[{"id":"1","type":"function",)"
            R"("function":{"name":"f","arguments":"{}"},"extra_content":{"google":{"thought_signature":"c2ln"}}}]}]})");
}

TEST_F(OpenAiCompose, WritesNoStateThatIsNone) {
  for (std::string_view data : {"[1,", "x", R"([]],\"a\":[)", R"({\"a\":1})", ""}) {
    request_ = {};
    add(Role::kAssistant, PartKind::kText, "a");
    add_part(PartKind::kReasoning).state = {.kind = State::Kind::kEncrypted, .data = {data}, .origin = "p"};
    EXPECT_EQ(body(), R"({"model":"m","messages":[{"role":"assistant","content":"a"}]})") << data;
  }
}

TEST_F(OpenAiCompose, LeavesTurnsOutThatHoldNothingForThisProvider) {
  add(Role::kUser, PartKind::kText, "a");
  add(Role::kAssistant, PartKind::kReasoning, "Hm").state.kind = State::Kind::kPlain;
  add(Role::kUser, PartKind::kText, "b");
  EXPECT_EQ(body(), R"({"model":"m","messages":[{"role":"user","content":"a"},{"role":"user","content":"b"}]})");
}

TEST_F(OpenAiCompose, WritesResultsAsMessagesOfTheirOwn) {
  add(Role::kAssistant, PartKind::kText, "a");
  add_call("1");
  add_call("2", R"({"id": 12345678901234567890})");
  Part& first = add_result(Role::kUser, "1", "R1");
  first.is_error = true;
  Part image;
  image.kind = PartKind::kImage;
  image.media = {.form = chat::Media::Form::kInline, .type = {"image/png"}, .data = {"AA=="}};
  first.content.push_back(image);
  Part& second = add_part(PartKind::kResult);
  second.id = {"2"};
  add_part(PartKind::kText, "go on");
  const Outgoing out = composed();
  EXPECT_EQ(out.body,
            R"({"model":"m","messages":[{"role":"assistant","content":"a","tool_calls":[)"
            R"({"id":"1","type":"function","function":{"name":"f","arguments":"{}"}},)"
            R"({"id":"2","type":"function","function":{"name":"f","arguments":"{\"id\": 12345678901234567890}"}}]},)"
            R"({"role":"tool","tool_call_id":"1","content":"R1"},{"role":"tool","tool_call_id":"2","content":""},)"
            R"({"role":"user","content":[{"type":"text","text":"Result of tool call 1:"},)"
            R"({"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]},)"
            R"({"role":"user","content":"go on"}]})");
  EXPECT_EQ(lost(out), "tool_result.image;");
}

TEST_F(OpenAiCompose, WritesMediaOrRefuses) {
  Part& detail = add(Role::kUser, PartKind::kImage);
  detail.media = {.form = chat::Media::Form::kUrl, .data = {"https://a"}, .detail = {"MEDIA_RESOLUTION_LOW"}};
  Part& audio = add_part(PartKind::kAudio);
  audio.media = {.form = chat::Media::Form::kInline, .type = {"audio/mpeg"}, .data = {"AA=="}};
  Part& pdf = add_part(PartKind::kDocument);
  pdf.media = {.form = chat::Media::Form::kInline, .type = {"application/pdf"}, .data = {"BB=="}};
  Part& text = add_part(PartKind::kDocument);
  text.media = {.form = chat::Media::Form::kText, .data = {"Words"}, .name = {"Title"}, .context = {"Why"}};
  const Outgoing out = composed();
  EXPECT_EQ(
      out.body,
      R"({"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://a"}},)"
      R"({"type":"input_audio","input_audio":{"data":"AA==","format":"mp3"}},)"
      R"({"type":"file","file":{"file_data":"data:application/pdf;base64,BB==","filename":"document.pdf"}},)"
      R"({"type":"text","text":"Title\nWhy\n\nWords"}]}]})");
  EXPECT_EQ(lost(out), "image.detail;document;");
  const std::pair<PartKind, chat::Media> kRefused[]{
      {PartKind::kVideo, {}},
      {PartKind::kImage, {.form = chat::Media::Form::kFile, .data = {"file_1"}}},
      {PartKind::kDocument, {.form = chat::Media::Form::kFile, .data = {"file_1"}}},
      {PartKind::kDocument, {.form = chat::Media::Form::kUrl, .data = {"https://a"}}},
      {PartKind::kAudio, {.form = chat::Media::Form::kInline, .type = {"audio/flac"}, .data = {"A"}}},
      {PartKind::kAudio, {.form = chat::Media::Form::kUrl, .data = {"https://a"}}},
  };
  for (const auto& [kind, media] : kRefused) {
    request_ = {};
    add(Role::kUser, kind).media = media;
    EXPECT_TRUE(refusal().starts_with("messages: 'messages' has ")) << refusal();
    EXPECT_TRUE(refusal().ends_with("is not supported by provider 'p' (model 'm').")) << refusal();
  }
  request_ = {};
  add(Role::kAssistant, PartKind::kImage);
  EXPECT_NE(refusal(), "none");
}

TEST_F(OpenAiCompose, WritesSettingsOfOtherDialects) {
  add(Role::kUser, PartKind::kText, "a");
  request_.give(Field::kTemperature, "temperature", "0.70");
  request_.give(Field::kTopK, "topK", "40");
  request_.give(Field::kTopLogprobs, "top_logprobs", "3");
  request_.give(Field::kServiceTier, "service_tier", R"("standard_only")");
  request_.give(Field::kEndUser, "metadata.user_id", R"("user_1")");
  request_.give(Field::kMetadata, "labels", R"({"a":"b"})");
  request_.give(Field::kWebSearch, "tools", R"({"search_context_size":"low","max_uses":3})");
  request_.give(Field::kReasoning, "thinking");
  request_.give(Field::kStop, "stop_sequences");
  request_.give(Field::kOutputFormat, "output_config.format");
  request_.reasoning.budget = 4000;
  request_.stop = {{"x"}, {R"(\n)"}};
  request_.format = {.kind = chat::OutputFormat::Kind::kSchema, .schema = R"({"a":1.0})"};
  const Outgoing out = composed();
  EXPECT_EQ(out.body,
            R"({"model":"m","messages":[{"role":"user","content":"a"}],"response_format":{"type":"json_schema",)"
            R"("json_schema":{"name":"answer","schema":{"a":1.0}}},"reasoning_effort":"medium","stop":["x","\n"],)"
            R"("temperature":0.70,"logprobs":true,"top_logprobs":3,"service_tier":"default","user":"user_1",)"
            R"("web_search_options":{"search_context_size":"low"}})");
  EXPECT_EQ(lost(out), "topK;tools.max_uses;");
}

TEST_F(OpenAiCompose, DropsOrRefusesWhatHasNoPlace) {
  add(Role::kUser, PartKind::kText, "a");
  request_.give(Field::kServiceTier, "serviceTier", R"("reserved")");
  request_.give(Field::kContextEdits, "context_management", "{}");
  EXPECT_EQ(lost(composed()), "context_management;serviceTier;");
  request_.give(Field::kWebSearch, "tools", R"({"allowed_domains":["a"]})");
  EXPECT_EQ(refusal(),
            "tools: 'tools' restricts where is searched, which is not supported by provider 'p' (model 'm').");
  request_.give(Field::kWebSearch, "tools", "{}");
  request_.give(Field::kModalities, "generationConfig.responseModalities", R"(["IMAGE"])");
  EXPECT_TRUE(refusal().starts_with("generationConfig.responseModalities: "));
  request_ = {};
  add(Role::kUser, PartKind::kText, "a");
  request_.give(Field::kSafety, "safetySettings", "[]");
  EXPECT_EQ(refusal(), "safetySettings: 'safetySettings' is not supported by provider 'p' (model 'm').");
}

TEST_F(OpenAiCompose, ShortensWhoAsks) {
  add(Role::kUser, PartKind::kText, "a");
  const std::string longer = "\"" + std::string(150, 'u') + "\"";
  request_.give(Field::kEndUser, "metadata.user_id", longer);
  const std::string written = body();
  const auto at = written.find(R"("user":")") + 8;
  EXPECT_EQ(written.find('"', at) - at, 64u);
}

TEST_F(OpenAiCompose, RefusesWhatOnlyTheClientsApiHas) {
  body_ = R"({"moderation":{"model":"x"},"messages":[{"role":"user","content":"a"}]})";
  json::pad(body_);
  request_ = *read_chat(body_, reader_);
  EXPECT_EQ(refusal(),
            "moderation: 'moderation' asks for a moderation that only its provider makes, which is not supported by "
            "provider 'p' (model 'm').");
}

}  // namespace
}  // namespace sluice::dialect::openai::compose_test
