#include "dialect/openai/chat_reader.h"

#include <gtest/gtest.h>

#include "chat/seal.h"
#include "dialect/openai/fields.h"
#include "json/reader.h"

namespace sluice::dialect::openai::chat_reader_test {
namespace {

using chat::Field;
using chat::Part;
using chat::PartKind;
using chat::Role;
using chat::ToolChoice;

// A request and the body its views point into.
class OpenAiReadChat : public ::testing::Test {
 protected:
  const chat::Request& read(std::string body) {
    body_ = std::move(body);
    json::pad(body_);
    auto result = read_chat(body_, reader_);
    EXPECT_TRUE(result) << (result ? "" : result.error().told);
    request_ = result ? std::move(*result) : chat::Request();
    return request_;
  }
  // The turn of one message.
  const chat::Turn& message(std::string_view json) {
    read(R"({"model":"m","messages":[)" + std::string(json) + "]}");
    static const chat::Turn kNone;
    return request_.turns.empty() ? kNone : request_.turns.front();
  }
  const chat::Request& with(std::string_view members) {
    return read(R"({"messages":[{"role":"user","content":"Hi"}],)" + std::string(members) + "}");
  }
  std::string lost() const {
    std::string out;
    for (const auto& lost : request_.lost) out += lost.path + ";";
    return out;
  }
  // "param: message" of a refusal.
  std::string refusal(std::string body) {
    json::pad(body);
    json::Reader reader;
    auto result = read_chat(body, reader);
    if (result) return "none";
    EXPECT_EQ(result.error().kind, FaultKind::kInvalidRequest);
    return result.error().param + ": " + result.error().told;
  }

  std::string body_;
  json::Reader reader_;
  chat::Request request_;
};

TEST_F(OpenAiReadChat, ReadsRolesWhereTheyStand) {
  const auto& turns = read(R"({"messages":[
    {"role":"system","content":"S"},{"role":"user","content":"U","name":"ann"},{"role":"developer","content":"D"},
    {"role":"assistant","content":null,"refusal":"No"},
    {"role":"tool","tool_call_id":"1","content":[{"type":"text","text":"R"}]}]})")
                          .turns;
  ASSERT_EQ(turns.size(), 5u);
  EXPECT_EQ(turns[0].role, Role::kSystem);
  EXPECT_EQ(turns[0].parts[0].text.raw, "S");
  EXPECT_EQ(turns[1].name.raw, "ann");
  EXPECT_EQ(turns[2].role, Role::kDeveloper);
  EXPECT_EQ(turns[3].parts[0].kind, PartKind::kRefusal);
  EXPECT_EQ(turns[4].parts[0].kind, PartKind::kResult);
  EXPECT_EQ(turns[4].parts[0].content[0].text.raw, "R");
  EXPECT_EQ(lost(), "messages[1].name;");
}

TEST_F(OpenAiReadChat, CopiesTextsAsTheyAreWritten) {
  EXPECT_EQ(message(R"({"role":"user","content":"a\u00e9\/\n\"\ud83d\ude80"})").parts[0].text.raw,
            R"(a\u00e9\/\n\"\ud83d\ude80)");
}

TEST_F(OpenAiReadChat, ReadsMedia) {
  const auto& parts = message(R"({"role":"user","content":[
    {"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"low"}},
    {"type":"image_url","image_url":{"url":"https://a/b.png"}},
    {"type":"image_url","image_url":"data:image\/jpeg;base64,BB=="},
    {"type":"input_audio","input_audio":{"data":"CCCC","format":"mp3"}},
    {"type":"file","file":{"file_data":"data:application/pdf;base64,DDDD","filename":"a.pdf"}},
    {"type":"file","file":{"file_id":"file-1"}},
    {"file":{"file_data":"EEEE"},"type":"file","prompt_cache_breakpoint":{"mode":"explicit","ttl":"12h"}}]})")
                          .parts;
  ASSERT_EQ(parts.size(), 7u);
  EXPECT_EQ(parts[0].media.type.raw, "image/png");
  EXPECT_EQ(parts[0].media.data.raw, "AAAA");
  EXPECT_EQ(parts[0].media.detail.raw, "low");
  EXPECT_EQ(parts[1].media.form, chat::Media::Form::kUrl);
  EXPECT_EQ(parts[1].media.place, "messages[0].content[1]");
  EXPECT_EQ(parts[2].media.type.raw, "image/jpeg");
  EXPECT_EQ(parts[3].kind, PartKind::kAudio);
  EXPECT_EQ(parts[3].media.type.raw, "audio/mp3");
  EXPECT_EQ(parts[4].kind, PartKind::kDocument);
  EXPECT_EQ(parts[4].media.name.raw, "a.pdf");
  EXPECT_EQ(parts[5].media.form, chat::Media::Form::kFile);
  EXPECT_EQ(parts[6].media.type.raw, "application/pdf");
  EXPECT_EQ(parts[6].cache, chat::CacheMark::kLong);
}

TEST_F(OpenAiReadChat, ReadsCacheMarksOfBothSpellings) {
  const auto mark = [&](std::string_view member) {
    return message(R"({"role":"user","content":[{"type":"text","text":"a",)" + std::string(member) + "}]}")
        .parts[0]
        .cache;
  };
  EXPECT_EQ(mark(R"("prompt_cache_breakpoint":{"mode":"explicit"})"), chat::CacheMark::kShort);
  EXPECT_EQ(mark(R"("cache_control":{"type":"ephemeral"})"), chat::CacheMark::kShort);
  EXPECT_EQ(mark(R"("cache_control":{"type":"ephemeral","ttl":"1h"})"), chat::CacheMark::kLong);
  EXPECT_EQ(mark(R"("cache_control":null)"), chat::CacheMark::kNone);
}

TEST_F(OpenAiReadChat, ReadsCalls) {
  const auto& parts = message(R"({"role":"assistant","content":"Wait.","tool_calls":[
    {"id":"1","type":"function","index":0,"function":{"name":"f","arguments":"{\"id\": 12345678901234567890, \"a\":\"\\u00e9\"}"}},
    {"id":"2","type":"function","function":{"name":"g","arguments":""}},
    {"id":"3","type":"custom","custom":{"name":"c","input":"x\ny"}},
    {"id":"4","type":"function","function":{"name":"h","arguments":"{}"},
     "extra_content":{"google":{"thought_signature":"c2ln"}}}]})")
                          .parts;
  ASSERT_EQ(parts.size(), 5u);
  EXPECT_EQ(parts[1].arguments, R"({"id": 12345678901234567890, "a":"\u00e9"})");
  EXPECT_EQ(parts[2].arguments, "{}");
  EXPECT_EQ(parts[3].tool, chat::ToolKind::kCustom);
  EXPECT_EQ(parts[3].text.raw, R"(x\ny)");
  EXPECT_EQ(parts[4].state.kind, chat::State::Kind::kThought);
  EXPECT_EQ(parts[4].state.data.raw, "c2ln");
  EXPECT_EQ(lost(), "");
}

TEST_F(OpenAiReadChat, ReadsTheOlderFunctions) {
  const auto& request = read(R"({"functions":[{"name":"f","parameters":{"type":"object"}}],"function_call":{"name":"f"},
    "messages":[{"role":"user","content":"a"},
      {"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},
      {"role":"function","name":"f","content":"1"},
      {"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{\"b\":2}"}},
      {"role":"function","name":"f","content":"2"}]})");
  EXPECT_EQ(request.path(Field::kTools), "functions");
  EXPECT_EQ(request.tools[0].name.raw, "f");
  EXPECT_EQ(request.tool_choice.mode, ToolChoice::Mode::kNamed);
  const auto& turns = request.turns;
  EXPECT_EQ(turns[1].parts[0].id.raw, "call_1");
  EXPECT_EQ(turns[2].parts[0].id.raw, "call_1");
  EXPECT_EQ(turns[3].parts[0].id.raw, "call_3");
  EXPECT_EQ(turns[4].parts[0].id.raw, "call_3");
  EXPECT_EQ(turns[4].parts[0].name.raw, "f");
}

TEST_F(OpenAiReadChat, ReadsToolsAndChoices) {
  const auto& request = with(R"("parallel_tool_calls":false,"tools":[
    {"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","b":1.0},"strict":true}},
    {"type":"custom","custom":{"name":"c","format":{"type":"text"}}}])");
  ASSERT_EQ(request.tools.size(), 2u);
  EXPECT_EQ(request.tools[0].schema, R"({"type":"object","b":1.0})");
  EXPECT_EQ(request.tools[0].strict, true);
  EXPECT_EQ(request.tools[1].kind, chat::ToolKind::kCustom);
  EXPECT_EQ(request.tools[1].raw, R"({"type":"custom","custom":{"name":"c","format":{"type":"text"}}})");
  EXPECT_EQ(request.parallel_calls, false);
  const auto mode = [&](std::string_view choice) {
    return with(R"("tool_choice":)" + std::string(choice)).tool_choice;
  };
  EXPECT_EQ(mode(R"("auto")").mode, ToolChoice::Mode::kAuto);
  EXPECT_EQ(mode(R"("none")").mode, ToolChoice::Mode::kNone);
  EXPECT_EQ(mode(R"("required")").mode, ToolChoice::Mode::kAny);
  EXPECT_EQ(mode(R"("any")").mode, ToolChoice::Mode::kAny);
  EXPECT_EQ(mode("null").mode, ToolChoice::Mode::kUnset);
  EXPECT_EQ(mode(R"({"type":"function","function":{"name":"f"}})").names[0].raw, "f");
  EXPECT_EQ(mode(R"({"type":"custom","custom":{"name":"c"}})").names[0].raw, "c");
  const auto subset = mode(
      R"({"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"f"}}]}})");
  EXPECT_EQ(subset.mode, ToolChoice::Mode::kSubset);
  EXPECT_TRUE(subset.subset_required);
  EXPECT_EQ(subset.names[0].raw, "f");
}

TEST_F(OpenAiReadChat, ReadsSettings) {
  const auto& request = with(R"("temperature":0.70,"max_tokens":5,"max_completion_tokens":7,"stop":["a","b"],
    "reasoning_effort":"high","user":"u","safety_identifier":"s","logprobs":true,"top_logprobs":2,"n":2,"seed":1,
    "response_format":{"type":"json_schema","json_schema":{"name":"n","strict":true,"schema":{"a":1}}},
    "stream_options":{"include_usage":true},"service_tier":"flex","web_search_options":{},"top_k":3)");
  EXPECT_EQ(request.value(Field::kTemperature), "0.70");
  EXPECT_EQ(request.value(Field::kMaxTokens), "7");
  EXPECT_EQ(request.path(Field::kMaxTokens), "max_completion_tokens");
  EXPECT_EQ(request.stop.size(), 2u);
  EXPECT_EQ(request.reasoning.effort, chat::Effort::kHigh);
  EXPECT_EQ(request.value(Field::kEndUser), R"("s")");
  EXPECT_EQ(request.value(Field::kLogprobs), "true");
  EXPECT_EQ(request.value(Field::kTopLogprobs), "2");
  EXPECT_EQ(request.value(Field::kCandidates), "2");
  EXPECT_EQ(request.format.schema, R"({"a":1})");
  EXPECT_EQ(request.format.strict, true);
  EXPECT_TRUE(request.usage_wanted);
  EXPECT_EQ(request.value(Field::kServiceTier), R"("flex")");
  EXPECT_EQ(request.value(Field::kTopK), "3");
  EXPECT_EQ(lost(), "user;") << "safety_identifier stands for it";
}

TEST_F(OpenAiReadChat, TakesNullAndWhatAllDoForNotGiven) {
  const auto& request = with(R"("temperature":null,"n":1,"logprobs":false,"top_logprobs":0,"store":false,
    "modalities":["text"],"safe_prompt":false,"service_tier":"auto","metadata":{},"frequency_penalty":0,"presence_penalty":0,"stop":null,
    "tools":null,"tool_choice":null,"parallel_tool_calls":true,"response_format":null,"stream_options":null,
    "reasoning_effort":null,"max_tokens":null,"user":null,"unknown":null)");
  for (const auto& facts : chat::fields())
    EXPECT_EQ(request.has(facts.field), facts.field == Field::kMessages) << facts.name;
  EXPECT_FALSE(request.usage_wanted);
  EXPECT_EQ(lost(), "");
}

TEST_F(OpenAiReadChat, TellsWhatItDoesNotKnow) {
  read(R"({"new":1,"prompt_cache_options":{"mode":"implicit"},"moderation":{"model":"x"},
    "messages":[{"role":"user","extra":2,"content":[{"type":"text","text":"a","more":3},
      {"type":"image_url","image_url":{"url":"https://a","size":4}}]},
      {"role":"assistant","content":"a","audio":{"id":"1"},"annotations":[]},
      {"role":"assistant","tool_calls":[{"id":"1","function":{"name":"f","arguments":"{}","x":5},"y":6}]}],
    "tools":[{"type":"function","z":7,"function":{"name":"f","deferred":8}}]})");
  EXPECT_EQ(lost(),
            "new;prompt_cache_options;moderation;messages[0].extra;messages[0].content[0].more;"
            "messages[0].content[1].image_url.size;messages[1].audio;messages[1].annotations;messages[2].tool_calls[0]."
            "function.x;"
            "messages[2].tool_calls[0].y;tools[0].z;tools[0].function.deferred;");
  for (const auto& lost : request_.lost) {
    const bool refused = lost.path == "moderation" || lost.path == "messages[1].audio";
    const bool silent = lost.path == "prompt_cache_options" || lost.path.ends_with("annotations");
    EXPECT_EQ(lost.unplaced, refused  ? chat::Unplaced::kRefused
                             : silent ? chat::Unplaced::kSilent
                                      : chat::Unplaced::kDropped)
        << lost.path;
  }
}

TEST_F(OpenAiReadChat, ReadsReasoningThatClientsKept) {
  const auto& plain = message(R"({"role":"assistant","content":"a","reasoning_content":"Hm"})").parts;
  ASSERT_EQ(plain.size(), 2u);
  EXPECT_EQ(plain[0].kind, PartKind::kReasoning);
  EXPECT_EQ(plain[0].state.kind, chat::State::Kind::kPlain);
  EXPECT_EQ(plain[0].text.raw, "Hm");
  const std::string sealed = chat::seal({.origin = "p", .entries = {{chat::State::Kind::kSignature, "", "Hm", "s"}}});
  const std::string of_text = chat::seal({.origin = "p", .entries = {{chat::State::Kind::kThought, "", "", "t"}}});
  const auto& kept = message(R"({"role":"assistant","content":"a","reasoning_content":"Hm","reasoning_details":[
    {"type":"reasoning.encrypted","data":")" +
                             sealed + R"("},{"type":"reasoning.encrypted","data":")" + of_text +
                             R"("},{"type":"reasoning.text","text":"own","signature":"x"}]})")
                         .parts;
  ASSERT_EQ(kept.size(), 4u);
  EXPECT_EQ(kept[0].state.data.raw, sealed);
  EXPECT_EQ(json::plain(kept[1].state.data), R"([{"type":"reasoning.text","text":"own","signature":"x"}])");
  EXPECT_EQ(kept[2].kind, PartKind::kText);
  EXPECT_EQ(kept[3].state.data.raw, of_text);
}

TEST_F(OpenAiReadChat, TakesReasoningOnceThatIsInACallsIdToo) {
  const std::vector<chat::SealedEntry> before{{chat::State::Kind::kSignature, "", "Hm", "s"}};
  const std::string id = chat::sealed_call_id("p", "c", false, {}, before);
  const auto& parts = message(R"({"role":"assistant","reasoning_content":"Hm","tool_calls":[{"id":")" + id +
                              R"(","type":"function","function":{"name":"f","arguments":"{}"}}]})")
                          .parts;
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts[0].kind, PartKind::kCall);
}

TEST_F(OpenAiReadChat, RefusesWhatTheApiWouldRefuse) {
  const std::pair<std::string_view, std::string_view> kBad[]{
      {R"({})", "messages: 'messages' is required."},
      {R"({"messages":[]})", "messages: 'messages' must not be empty."},
      {R"({"messages":{}})", "messages: 'messages' must be an array of messages."},
      {R"({"messages":[7]})", "messages[0]: 'messages[0]' must be an object."},
      {R"({"messages":[{"content":"a"}]})", "messages[0].role: 'messages[0].role' is required."},
      {R"({"messages":[{"role":"bot"}]})",
       "messages[0].role: 'messages[0].role' must be system, developer, user, assistant, tool or function."},
      {R"({"messages":[{"role":"user","content":7}]})",
       "messages[0].content: 'messages[0].content' must be a string or an array of parts."},
      {R"({"messages":[{"role":"user","content":[{"text":"a"}]}]})",
       "messages[0].content[0].type: 'messages[0].content[0].type' is required."},
      {R"({"messages":[{"role":"user","content":[{"type":"video"}]}]})",
       "messages[0].content[0].type: 'messages[0].content[0].type' must be text, refusal, image_url, input_audio or "
       "file."},
      {R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":{}}]}]})",
       "messages[0].content[0].image_url.url: 'messages[0].content[0].image_url.url' is required."},
      {R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":7}]}]})",
       "messages[0].content[0].image_url: 'messages[0].content[0].image_url' must be an object."},
      {R"({"messages":[{"role":"tool","content":"a"}]})",
       "messages[0].tool_call_id: 'messages[0].tool_call_id' is required."},
      {R"({"messages":[{"role":"function","content":"a"}]})", "messages[0].name: 'messages[0].name' is required."},
      {R"({"messages":[{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":"{}"}}]}]})",
       "messages[0].tool_calls[0].id: 'messages[0].tool_calls[0].id' is required."},
      {R"({"messages":[{"role":"user","content":"a"}],"tools":[{"type":"mcp"}]})",
       "tools[0].type: 'tools[0].type' must be function or custom."},
      {R"({"messages":[{"role":"user","content":"a"}],"tools":[{"type":"function","function":{}}]})",
       "tools[0].function.name: 'tools[0].function.name' is required."},
      {R"({"messages":[{"role":"user","content":"a"}],"tool_choice":"some"})",
       "tool_choice: 'tool_choice' must be none, auto, required or an object."},
      {R"({"messages":[{"role":"user","content":"a"}],"reasoning_effort":"huge"})",
       "reasoning_effort: 'reasoning_effort' must be none, minimal, low, medium, high, xhigh or max."},
      {R"({"messages":[{"role":"user","content":"a"}],"response_format":{"type":"json_schema"}})",
       "response_format.json_schema: 'response_format.json_schema' is required."},
      {R"({"messages":[{"role":"user","content":"a"}],"response_format":{"type":"xml"}})",
       "response_format.type: 'response_format.type' must be text, json_object or json_schema."},
      {R"({"messages":[{"role":"user","content":"a"}],"stop":7})",
       "stop: 'stop' must be a string or an array of strings."},
      {R"({"messages":[{"role":"user","content":"\x"}]})",
       "messages[0].content: 'messages[0].content' holds a broken escape."},
      {R"({"messages":[{"role":"user","content":"a"}],"max_tokens":"7"})",
       "max_tokens: 'max_tokens' must be a number."},
  };
  for (const auto& [body, told] : kBad) EXPECT_EQ(refusal(std::string(body)), told) << body;
}

}  // namespace
}  // namespace sluice::dialect::openai::chat_reader_test
