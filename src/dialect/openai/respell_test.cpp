#include "dialect/openai/respell.h"

#include <gtest/gtest.h>

#include "dialect/openai/compose.h"
#include "dialect/openai/endpoint.h"
#include "dialect/openai/fields.h"
#include "dialect/openai/fixture_test.h"
#include "json/reader.h"

namespace sluice::dialect::openai::respell_test {
namespace {

constexpr Quirks kSystemOnly{.developer_role = false};
constexpr Quirks kShort{.short_tool_ids = true};
constexpr Quirks kThinks{.reasoning_content = true};
constexpr Quirks kStrict{.unknown_fields = false};
constexpr Quirks kSeeded{.random_seed = true};
constexpr Quirks kMistral{.stream_options = false,
                          .max_completion_tokens = false,
                          .developer_role = false,
                          .short_tool_ids = true,
                          .unknown_fields = false,
                          .random_seed = true};

struct Written {
  std::string body;
  std::string lost;  // "user-silent;"
};

std::string lost(const std::vector<chat::Request::Lost>& all) {
  static constexpr std::string_view kWhat[]{"-silent;", ";", "-refused;"};
  std::string out;
  for (const auto& lost : all) out += lost.path + std::string(kWhat[static_cast<std::size_t>(lost.unplaced)]);
  return out;
}

// What goes to the provider; the model stays "m".
Written respelled(std::string body, const Quirks& quirks, Changes changes = {}, const PathMatch& path = {}) {
  json::pad(body);
  json::Reader reader;
  auto asked = read_asked(facts(Kind::kChat), path, "application/json", body, reader);
  if (!asked) return {"refused: " + asked.error().told, {}};
  changes.model = "m";
  const Respelled out = respell(body, *asked, std::move(changes), quirks, reader);
  Written written;
  for (std::string_view piece : write_asked(*asked, body, out.changes).pieces) written.body += piece;
  written.lost = lost(out.lost);
  return written;
}

std::string with_messages(std::string_view messages) {
  return R"({"model":"m","messages":)" + std::string(messages) + "}";
}
std::string messages(std::string_view given, const Quirks& quirks) {
  const std::string body = respelled(with_messages(given), quirks).body;
  const std::size_t begin = with_messages("").size() - 1;
  return body.substr(begin, body.size() - begin - 1);
}
// With one more member in front of the others and one behind.
Written setting(std::string_view member, const Quirks& quirks = kStrict, Changes changes = {}) {
  return respelled("{" + std::string(member) + R"(,"model":"m","n":1,)" + std::string(member) + "}", quirks, changes);
}

TEST(Respell, OnlySomeProvidersNeedIt) {
  EXPECT_FALSE(needs_respelling({}));
  EXPECT_FALSE(needs_respelling({.stream_options = false, .max_completion_tokens = false, .prefix = true}));
  for (const Quirks& quirks : {kSystemOnly, kShort, kThinks, kStrict, kSeeded}) EXPECT_TRUE(needs_respelling(quirks));
}

TEST(Respell, OtherModelsAreRefused) {
  constexpr Quirks kRouter{.other_models = true};
  const auto lost_of = [&](std::string_view member, const Quirks& quirks) {
    return respelled(R"({"model":"m",)" + std::string(member) + R"(,"messages":[]})", quirks).lost;
  };
  EXPECT_EQ(lost_of(R"("models":["a"])", kRouter), "models-refused;");
  EXPECT_EQ(lost_of(R"("mod\u0065ls":["a"])", kRouter), "models-refused;");
  EXPECT_EQ(lost_of(R"("route":"fallback")", kRouter), "route-refused;");
  EXPECT_EQ(lost_of(R"("preset":"mine")", kRouter), "preset-refused;");
  EXPECT_EQ(
      lost_of(R"("models":[],"route":null,"provider":{"order":["x"]},"transforms":["middle-out"],"usage":{})", kRouter),
      "");
  EXPECT_EQ(lost_of(R"("models":["a"])", {}), "");
  EXPECT_TRUE(needs_respelling(of_any_request(kRouter)));
  EXPECT_FALSE(needs_respelling(of_any_request(kMistral)));
}

TEST(Respell, ADeveloperIsASystem) {
  EXPECT_EQ(messages(R"([ {"role" : "developer", "content":"developer"},{"x":1e400,"role":"user"} ])", kSystemOnly),
            R"([ {"role" : "system", "content":"developer"},{"x":1e400,"role":"user"} ])");
  EXPECT_EQ(messages(R"([{"role":"d\u0065veloper"},{"r\u006fle":"developer"}])", kSystemOnly),
            R"([{"role":"system"},{"r\u006fle":"system"}])");
  EXPECT_EQ(messages(R"([{"role":"developer","role":"developer"}])", kSystemOnly),
            R"([{"role":"system","role":"system"}])");
  const std::string deeper = R"([{"role":"user","content":[{"role":"developer"}],"a":{"role":"developer"}}])";
  EXPECT_EQ(messages(deeper, kSystemOnly), deeper);
  EXPECT_EQ(messages(R"([{"role":"developer"}])", kShort), R"([{"role":"developer"}])");
}

TEST(Respell, OddMessagesStayAsTheyAre) {
  const std::vector<std::string> odd{
      "[]",
      "[ ]",
      "null",
      R"("x")",
      "{}",
      R"({"role":"developer"})",
      "[1,[{}]]",
      R"([{"role":1}])",
      R"([{"role":"\ud800developer"}])",
      R"([{}])",
      R"([{"tool_calls":null}])",
      R"([{"tool_calls":[1,{"id":7},{"id":""},{"id":null}],"tool_call_id":[],"content":{}}])"};
  for (const Quirks& quirks : {kSystemOnly, kShort, kThinks, kStrict, kMistral}) {
    for (const std::string& given : odd) EXPECT_EQ(messages(given, quirks), given);
  }
  EXPECT_EQ(respelled(R"({"model":"m"})", kMistral).body, R"({"model":"m"})");
}

TEST(Respell, IdsOfToolsFitAndStayTogether) {
  const std::string out =
      messages(R"([{"tool_calls":[{"id" :"call_1","type":"function","function":{"id":"call_1"}},{"id":"abcDEF123"}]},)"
               R"({"role":"tool","tool_call_id":"c\u0061ll_1", "content":"call_1"},{"tool_call_id":"abcDEF123"}])",
               kShort);
  chat::Texts texts;
  const std::string id(chat::fitted({"call_1"}, kShortIds, texts).raw);
  EXPECT_EQ(id.size(), 9u);
  EXPECT_EQ(out, R"([{"tool_calls":[{"id" :")" + id +
                     R"(","type":"function","function":{"id":"call_1"}},{"id":"abcDEF123"}]},{"role":"tool",)" +
                     R"("tool_call_id":")" + id + R"(", "content":"call_1"},{"tool_call_id":"abcDEF123"}])");
}

TEST(Respell, AnAssistantHasReasoning) {
  EXPECT_EQ(
      messages(R"([{"role":"assistant","content":"a" },{"role":"user"},{"content":"b","role":"assistant"}])", kThinks),
      R"([{"role":"assistant","content":"a" ,"reasoning_content":""},{"role":"user"},)"
      R"({"content":"b","role":"assistant","reasoning_content":""}])");
  EXPECT_EQ(messages(R"([{"role":"assistant","reasoning_content": null,"x":1}])", kThinks),
            R"([{"role":"assistant","reasoning_content": "","x":1}])");
  const std::string thought =
      R"([{"role":"assistant","reasoning_content":"Hm"},{"reasoning_content":"","role":"assistant"}])";
  EXPECT_EQ(messages(thought, kThinks), thought);
}

TEST(Respell, SettingsOfOneApiAloneAreCutWithTheirComma) {
  EXPECT_EQ(respelled(R"({ "store":true , "model":"m" , "verbosity" : "low" , "n":2 ,"user":"u" } )", kStrict).body,
            R"({ "model":"m" , "n":2 } )");
  EXPECT_EQ(respelled(R"({"store":true,"service_tier":"flex","model":"m"})", kStrict).body, R"({"model":"m"})");
  EXPECT_EQ(respelled(R"({"model":"m","store":true,"service_tier":"flex"})", kStrict).body, R"({"model":"m"})");
  for (std::string_view silent : {"user", "safety_identifier", "prompt_cache_retention"}) {
    const Written out = setting("\"" + std::string(silent) + R"(":"x")");
    EXPECT_EQ(out.body, R"({"model":"m","n":1})");
    EXPECT_EQ(out.lost, std::string(silent) + "-silent;" + std::string(silent) + "-silent;");
  }
  EXPECT_EQ(setting(R"("stor\u0065":true)").lost, "store;store;");
  EXPECT_EQ(setting(R"("seed":7)").body, R"({"model":"m","n":1})");
  EXPECT_EQ(setting(R"("top_k":7)").lost, "top_k;top_k;");
}

TEST(Respell, WhatSaysNothingIsCutAndNotNoted) {
  for (std::string_view member :
       {R"("store":false)", R"("logprobs":null)", R"("logprobs":false)", R"("top_logprobs":0)", R"("logit_bias":{})",
        R"("service_tier":"auto")", R"("modalities":["text"])", R"("user":"")", R"("functions":[])"}) {
    const Written out = setting(member);
    EXPECT_EQ(out.body, R"({"model":"m","n":1})") << member;
    EXPECT_EQ(out.lost, "") << member;
  }
}

TEST(Respell, WhatMustNotBeLeftOutIsRefused) {
  for (std::string_view name : {"logprobs", "web_search_options", "functions", "audio", "moderation"}) {
    const Written out = respelled(R"({"model":"m",")" + std::string(name) + R"(":true})", kStrict);
    EXPECT_EQ(out.lost, std::string(name) + "-refused;");
    EXPECT_TRUE(out.body.contains(name));
  }
  EXPECT_EQ(respelled(with_messages(R"([{"role":"assistant","function_call":{"name":"f"}}])"), kStrict).lost,
            "messages[0].function_call-refused;");
}

TEST(Respell, WhatBothApisHaveAndWhatNoneHasStays) {
  const std::string body =
      R"({"model":"m","temperature":0,"top_p":1,"stop":"a","metadata":{"user":"u"},"messages":[],"safe_prompt":true,)"
      R"("response_format":{"type":"text","store":1},"tools":[{"type":"function","seed":1}],"tool_choice":"any","n":1,)"
      R"("prediction":{},"reasoning_effort":"high","prompt_cache_key":"k","guardrails":[],"prompt_mode":"reasoning",)"
      R"("newer_than_this":{"store":[1,2]},"parallel_tool_calls":true,"presence_penalty":0,"frequency_penalty":1,)"
      R"("max_tokens":1,"random_seed":7,"stream":true})";
  const Written out = respelled(body, kMistral);
  EXPECT_EQ(out.body, body);
  EXPECT_EQ(out.lost, "");
  EXPECT_EQ(respelled(R"({"model":"m","store":true,"user":"u","seed":1})", {}).body,
            R"({"model":"m","store":true,"user":"u","seed":1})");
}

TEST(Respell, MessagesAreWithoutWhatOneApiAloneHas) {
  const Written out = respelled(
      with_messages(
          R"([{"name":"N","role":"user","content":[{"cache_control":{},"type":"text","text":"a"}]},)"
          R"({"role":"assistant","content":"b","refusal":null,"name":null,"annotations":[],"audio":null,"reasoning":"r"},)"
          R"({"role":"tool","name":"f","content":"c"},{"role":"assistant","refusal":"no","id":1},)"
          R"({"tool_calls":[{"id":"1","extra_content":{"google":{}}}],"role":"assistant","prefix":true}])"),
      kStrict);
  EXPECT_EQ(out.body, with_messages(R"([{"role":"user","content":[{"type":"text","text":"a"}]},)"
                                    R"({"role":"assistant","content":"b"},)"
                                    R"({"role":"tool","name":"f","content":"c"},{"role":"assistant","id":1},)"
                                    R"({"tool_calls":[{"id":"1"}],"role":"assistant","prefix":true}])"));
  EXPECT_EQ(out.lost, "messages[0].name;messages[3].refusal;");
  EXPECT_EQ(respelled(R"({"model":"m","tools":[{"type":"function","cache_control":{}},1]})", kStrict).body,
            R"({"model":"m","tools":[{"type":"function"},1]})");
}

TEST(Respell, ASeedIsRenamedUnlessItsOtherNameIsTaken) {
  EXPECT_EQ(respelled(R"({"seed" : 7,"model":"m","x":{"seed":1}})", kSeeded).body,
            R"({"random_seed" : 7,"model":"m","x":{"seed":1}})");
  EXPECT_EQ(respelled(R"({"seed":7,"model":"m","random_seed":8})", kSeeded).body, R"({"model":"m","random_seed":8})");
}

TEST(Respell, GoesTogetherWithTheOtherChanges) {
  using enum Changes::TokenLimit;
  const Changes drop{.drop_stream_options = true, .token_limit = kMaxTokens};
  EXPECT_EQ(respelled(R"({"store":true,"stream_options":{"include_usage":true},"user":"u","model":"m",)"
                      R"("max_completion_tokens":5,"seed":1,"messages":[{"role":"developer"}]})",
                      kMistral, drop)
                .body,
            R"({"model":"m","max_tokens":5,"random_seed":1,"messages":[{"role":"system"}]})");
  EXPECT_EQ(respelled(R"({"stream_options":{},"seed":1,"random_seed":2,"model":"m"})", kSeeded, drop).body,
            R"({"random_seed":2,"model":"m"})");
  const Written both = respelled(R"({"model":"m","max_tokens":1,"max_completion_tokens":2})", kMistral, drop);
  EXPECT_EQ(both.body, R"({"model":"m","max_tokens":1})");
  EXPECT_EQ(both.lost, "max_completion_tokens;");
  EXPECT_EQ(respelled(R"({"model":"m","stream":true,"store":true})", kStrict, {.add_usage = true}).body,
            R"({"model":"m","stream":true,"stream_options":{"include_usage":true}})");
}

TEST(Respell, FilesAreDocumentsBehindAddresses) {
  const auto part = [](std::string_view given, const Quirks& quirks = kStrict) {
    constexpr std::size_t kBefore = std::string_view(R"([{"role":"user","content":[)").size();
    const std::string out = messages(R"([{"role":"user","content":[)" + std::string(given) + "]}]", quirks);
    return out.substr(kBefore, out.size() - kBefore - 3);
  };
  EXPECT_EQ(part(R"({"type":"file", "file":{"filename":"a.pdf", "file_data":"data:application/pdf;base64,QQ=="} })"),
            R"({"type":"document_url", "document_url":"data:application/pdf;base64,QQ==","document_name":"a.pdf" })");
  EXPECT_EQ(part(R"({"file":{"file_data":"QQ=="},"cache_control":{},"type":"file"})"),
            R"({"document_url":"data:application/pdf;base64,QQ==","type":"document_url"})");
  EXPECT_EQ(part(R"({"file":{"file_data":"https://a","filename":null},"type":"file"})"),
            R"({"document_url":"https://a","type":"document_url"})");
  for (const auto* stays : {R"({"type":"file","file":{"file_id":"a"}})", R"({"type":"file","file":{"file_data":""}})",
                            R"({"type":"file","file_id":"a"})", R"({"type":"text","file":{"file_data":"a"}})"}) {
    EXPECT_EQ(part(stays), stays);
  }
  constexpr std::string_view kFile = R"({"type":"file","file":{"file_data":"QQ=="}})";
  EXPECT_EQ(part(kFile, kShort), kFile);
}

TEST(Respell, AModelIsAddedToWhatIsLeft) {
  const PathMatch path{.model = "x"};
  EXPECT_EQ(respelled(R"({"store":true, "user":"u"})", kStrict, {}, path).body, R"({"model":"m"})");
  EXPECT_EQ(respelled(R"({"store":true, "n":1})", kStrict, {}, path).body, R"({"n":1,"model":"m"})");
  EXPECT_EQ(respelled(R"({"n":1, "store":true})", kStrict, {}, path).body, R"({"n":1,"model":"m"})");
  EXPECT_EQ(respelled("{}", kStrict, {}, path).body, R"({"model":"m"})");
}

TEST(Respell, KeepsEveryRecordedRequestThatFits) {
  for (const auto& test : testing::cases()) {
    if (test->folder != "mistral") continue;
    const Written out = respelled(test->request, kMistral);
    EXPECT_EQ(out.lost, "") << test->id;
  }
}

TEST(Respell, TranslationsLeaveOutTheSame) {
  chat::Request request;
  request.turns.push_back({.role = chat::Role::kUser, .parts = {chat::Part{.text = {"a"}}}});
  request.give(chat::Field::kEndUser, "metadata.user_id", R"("u")");
  request.give(chat::Field::kStore, "store", "false");
  request.give(chat::Field::kVerbosity, "text.verbosity", R"("low")");
  request.give(chat::Field::kSeed, "generationConfig.seed", "7");
  request.give(chat::Field::kTemperature, "temperature", "1");
  const Target target{.provider = "p", .model = "m", .quirks = {.unknown_fields = false, .random_seed = true}};
  const auto out = compose(request, target);
  ASSERT_TRUE(out);
  EXPECT_EQ(out->body, R"({"model":"m","messages":[{"role":"user","content":"a"}],"temperature":1,"random_seed":7})");
  EXPECT_EQ(lost(out->lost), "text.verbosity;metadata.user_id-silent;");
  request.give(chat::Field::kLogprobs, "responseLogprobs", "true");
  const auto refused = compose(request, target);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().param, "responseLogprobs");
}

TEST(Respell, AHugeBody) {
  constexpr int kCount = 20'000;
  std::string given = "[", expected = "[";
  for (int i = 0; i < kCount; ++i) {
    const std::string content = std::string(100, 'x') + std::to_string(i);
    given += (i == 0 ? "" : ",") + (R"({"role":"developer","name":"n","content":")" + content + R"("})");
    expected += (i == 0 ? "" : ",") + (R"({"role":"system","content":")" + content + R"("})");
  }
  EXPECT_TRUE(messages(given + "]", kMistral) == expected + "]");
}

}  // namespace
}  // namespace sluice::dialect::openai::respell_test
