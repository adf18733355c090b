#include "dialect/asked.h"

#include <gtest/gtest.h>

#include "dialect/openai/endpoint.h"
#include "dialect/openai/fixture_test.h"
#include "dialect/responses/endpoint.h"
#include "json/reader.h"

namespace sluice::dialect::asked_test {
namespace {

using openai::Kind;

constexpr std::string_view kJson = "application/json";

Result<Asked> read(std::string body, std::string_view type = kJson, Kind kind = Kind::kChat) {
  json::pad(body);
  json::Reader reader;
  return read_asked(openai::facts(kind), {}, type, body, reader);
}

std::string joined(const OutgoingBody& body) {
  std::string out;
  for (std::string_view piece : body.pieces) out += piece;
  EXPECT_EQ(out.size(), body.size());
  return out;
}

std::string written(std::string body, const Changes& changes, std::string_view type = kJson, Kind kind = Kind::kChat) {
  json::pad(body);
  json::Reader reader;
  auto asked = read_asked(openai::facts(kind), {}, type, body, reader);
  if (!asked) return "refused: " + asked.error().told;
  return joined(write_asked(*asked, body, changes));
}

std::string told(const Result<Asked>& asked) {
  return asked ? "" : asked.error().told;
}

std::string param(const Result<Asked>& asked) {
  return asked ? "none" : asked.error().param;
}

TEST(ReadRequest, ReadsTheFactsRoutingNeeds) {
  auto asked = read(
      R"({"model":"gpt","messages":[{"model":"inner","stream":false}],"stream":true,"stream_options":{"include_usage":true}})");
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->model, "gpt");
  EXPECT_TRUE(asked->stream);
  EXPECT_TRUE(asked->usage_wanted);
}

TEST(ReadRequest, SpeechIsStreamedByItsFormat) {
  const auto streams = [](std::string_view more, Kind kind) {
    auto asked = read(R"({"model":"m")" + std::string(more) + "}", kJson, kind);
    return asked && asked->stream;
  };
  EXPECT_TRUE(streams(R"(,"stream_format":"sse")", Kind::kSpeech));
  EXPECT_TRUE(streams(R"(,"stream_format":"sse","stream":false)", Kind::kSpeech));
  EXPECT_TRUE(streams(R"(,"stream":true)", Kind::kSpeech));
  EXPECT_FALSE(streams(R"(,"stream_format":"audio")", Kind::kSpeech));
  EXPECT_FALSE(streams("", Kind::kSpeech));
  EXPECT_FALSE(streams(R"(,"stream_format":"sse")", Kind::kChat));
}

TEST(ReadRequest, ReadsEveryRecordedRequest) {
  for (const auto& test : openai::testing::cases()) {
    auto asked = read(test->request);
    ASSERT_TRUE(asked) << test->id << told(asked);
    EXPECT_FALSE(asked->model.empty()) << test->id;
    EXPECT_EQ(asked->stream, test->stream) << test->id;
  }
}

TEST(ReadRequest, ComparesKeysAndReadsTheModelUnescaped) {
  auto asked = read(R"({"mod\u0065l":"g\u0070t","str\u0065am":true})");
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->model, "gpt");
  EXPECT_TRUE(asked->stream);
}

TEST(ReadRequest, TakesJsonTypesAndBodiesThatLookLikeJson) {
  for (std::string_view type :
       {"application/json; charset=utf-8", "Application/JSON", "application/vnd.api+json", "", "text/json"}) {
    EXPECT_TRUE(read(" {\"model\":\"m\"}", type)) << type;
  }
  EXPECT_EQ(param(read("model=m", "")), "content-type");
  EXPECT_EQ(param(read("{\"model\":\"m\"}", "application/x-www-form-urlencoded")), "content-type");
  EXPECT_EQ(param(read("{\"model\":\"m\"}", "multipart/form-data; boundary=b")), "content-type");
  EXPECT_EQ(param(read("{\"model\":\"m\"}", kJson, Kind::kTranscriptions)), "content-type");
}

TEST(ReadRequest, TellsWhereABodyStopsBeingJson) {
  EXPECT_EQ(told(read("{\"model\":\"m\",\n \"messages\": [1 2]}")),
            "The request body is not valid JSON: a comma or ']' is expected, at byte 30 (line 2).");
  EXPECT_EQ(told(read("{\"model\":\"m\"}\nx")),
            "The request body is not valid JSON: nothing may follow the value, at byte 14 (line 2).");
  EXPECT_EQ(told(read("{\"model\":\"m\",\"x\":\"\xff\"}")),
            "The request body is not valid JSON: the bytes are not UTF-8, at byte 18 (line 1).");
  for (std::string_view body :
       {"", " ", "{", "{\"model\":\"m\"", "{\"model\":\"m", "nonsense", "{\"model\":tru}", "{\"model\":\"m\"}}"}) {
    auto asked = read(std::string(body));
    ASSERT_FALSE(asked) << body;
    EXPECT_EQ(asked.error().kind, FaultKind::kInvalidRequest) << body;
    EXPECT_EQ(asked.error().code, "invalid_json") << body;
  }
}

TEST(ReadRequest, RefusesEveryCutOfABody) {
  const std::string body =
      R"({"model":"m","messages":[{"role":"user","content":"a\"b"}],"stream_options":{"include_usage":false}})";
  for (std::size_t size = 0; size < body.size(); ++size) EXPECT_FALSE(read(body.substr(0, size))) << size;
}

TEST(ReadRequest, RefusesWhatItCannotRoute) {
  EXPECT_EQ(told(read("[]")), "The request body is JSON, but not an object.");
  EXPECT_EQ(param(read("{}")), "model");
  EXPECT_EQ(param(read(R"({"model":""})")), "model");
  EXPECT_EQ(param(read(R"({"model":null})")), "model");
  EXPECT_EQ(told(read(R"({"model":7})")), "'model' must be a string.");
  EXPECT_EQ(told(read(R"({"model":"a\n"})")), "'model' holds control characters.");
  EXPECT_EQ(told(read(R"({"model":"a\x"})")), "'model' holds a broken escape.");
  EXPECT_EQ(told(read(R"({"model":"a","mod\u0065l":"b"})")), "'model' is given twice.");
  EXPECT_EQ(told(read(R"({"model":"a","stream":null,"stream":true})")), "'stream' is given twice.");
  EXPECT_EQ(told(read(R"({"model":"a","stream_options":null,"stream_options":{}})")),
            "'stream_options' is given twice.");
  EXPECT_EQ(told(read(R"({"model":"a","stream_options":{"include_usage":true,"include_usage":false}})")),
            "'stream_options.include_usage' is given twice.");
  EXPECT_EQ(param(read(R"({"model":"a","stream":"true"})")), "stream");
  EXPECT_EQ(param(read(R"({"model":"a","stream_options":7})")), "stream_options");
  EXPECT_EQ(told(read("{\"model\":\"" + std::string(kMaxModelBytes + 1, 'm') + "\"}")),
            "'model' is longer than 1024 bytes.");
  EXPECT_EQ(told(read("{\"model\":\"" + std::string(100000, 'm') + "\"}")), "'model' is longer than 1024 bytes.");
}

TEST(ReadRequest, UsesTheEndpointsModelWhenNoneIsNamed) {
  EXPECT_EQ(read(R"({"input":"x"})", kJson, Kind::kModerations)->model, "omni-moderation-latest");
  EXPECT_EQ(read(R"({"model":null})", kJson, Kind::kImageGenerations)->model, "dall-e-2");
}

TEST(ReadRequest, TellsWhetherTheProviderKeepsTheAnswer) {
  for (const auto& [members, expected] : std::vector<std::pair<std::string, bool>>{
           {"", true},
           {R"(,"store":true)", true},
           {R"(,"store":null)", true},
           {R"(,"store":"false")", true},
           {R"(,"store":false)", false},
           {R"(,"st\u006fre":false)", false},
           {R"(,"store":false,"store":true)", true},
           {R"(,"input":{"store":false})", true},
       }) {
    auto body = R"({"model":"m")" + members + "}";
    json::pad(body);
    json::Reader reader;
    auto asked = read_asked(responses::facts(responses::Kind::kResponses), {}, kJson, body, reader);
    ASSERT_TRUE(asked) << body;
    EXPECT_EQ(asked->is_kept, expected) << body;
  }
  EXPECT_TRUE(read(R"({"model":"m","store":false})")->is_kept) << "it is no such request";
}

TEST(WriteRequest, ChangesTheModelAndNoOtherByte) {
  EXPECT_EQ(written(R"( { "a" : 1e0, "model" : "x\u0079" , "a":[ ] } )", {.model = "up/\"q\""}),
            R"( { "a" : 1e0, "model" : "up/\"q\"" , "a":[ ] } )");
}

TEST(WriteRequest, LeavesARequestThatNamesTheSameModelInOnePiece) {
  std::string body = R"({"model":"m","x":1})";
  json::pad(body);
  json::Reader reader;
  const OutgoingBody out =
      write_asked(*read_asked(openai::facts(Kind::kChat), {}, kJson, body, reader), body, {.model = "m"});
  ASSERT_EQ(out.pieces.size(), 1u);
  EXPECT_EQ(out.pieces[0].data(), body.data());
}

TEST(WriteRequest, PointsIntoLargeBodies) {
  std::string body = R"({"model":"m","x":")" + std::string(1 << 20, 'x') + "\"}";
  json::pad(body);
  json::Reader reader;
  const OutgoingBody out =
      write_asked(*read_asked(openai::facts(Kind::kChat), {}, kJson, body, reader), body, {.model = "other"});
  ASSERT_EQ(out.pieces.size(), 3u);
  EXPECT_EQ(out.pieces[0].data(), body.data());
  EXPECT_EQ(out.pieces[2].data() + out.pieces[2].size(), body.data() + body.size());
}

TEST(WriteRequest, AddsAnAbsentModel) {
  EXPECT_EQ(written("{}", {.model = "m"}, kJson, Kind::kModerations), R"({"model":"m"})");
  EXPECT_EQ(written(R"({"input":"x" } )", {.model = "m"}, kJson, Kind::kModerations), R"({"input":"x" ,"model":"m"} )");
  EXPECT_EQ(written(R"({"model":null})", {.model = "m"}, kJson, Kind::kModerations), R"({"model":"m"})");
}

TEST(WriteRequest, AsksForUsage) {
  const auto asking = [](std::string_view rest) {
    return written("{\"model\":\"m\"" + std::string(rest) + "}", {.model = "m", .add_usage = true});
  };
  EXPECT_EQ(asking(""), R"({"model":"m","stream_options":{"include_usage":true}})");
  EXPECT_EQ(asking(R"(,"stream_options":null)"), R"({"model":"m","stream_options":{"include_usage":true}})");
  EXPECT_EQ(asking(R"(,"stream_options":{})"), R"({"model":"m","stream_options":{"include_usage":true}})");
  EXPECT_EQ(asking(R"(,"stream_options":{ })"), R"({"model":"m","stream_options":{"include_usage":true }})");
  EXPECT_EQ(asking(R"(,"stream_options":{"include_obfuscation":false})"),
            R"({"model":"m","stream_options":{"include_usage":true,"include_obfuscation":false}})");
  EXPECT_EQ(asking(R"(,"stream_options":{"a":1,"include_usage":false})"),
            R"({"model":"m","stream_options":{"a":1,"include_usage":true}})");
  EXPECT_EQ(asking(R"(,"stream_options":{"include_usage": null})"),
            R"({"model":"m","stream_options":{"include_usage": true}})");
  EXPECT_EQ(asking(R"(,"stream_options":{"include_usage":true})"),
            R"({"model":"m","stream_options":{"include_usage":true}})");
}

TEST(WriteRequest, DropsStreamOptionsWithItsComma) {
  const Changes drop{.model = "m", .add_usage = true, .drop_stream_options = true};
  EXPECT_EQ(written(R"({"stream_options":{"a":[1]}, "model":"m"})", drop), R"({"model":"m"})");
  EXPECT_EQ(written(R"({"model":"m" , "stream_options":{} ,"x":1})", drop), R"({"model":"m" ,"x":1})");
  EXPECT_EQ(written(R"({"model":"m","stream_options":null})", drop), R"({"model":"m"})");
  EXPECT_EQ(written(R"({"model":"m"})", drop), R"({"model":"m"})");
}

TEST(WriteRequest, LeavesStreamOptionsAloneWhereTheApiHasNone) {
  const Changes drop{.model = "m", .add_usage = true, .drop_stream_options = true};
  EXPECT_EQ(written(R"({"stream_options":{},"model":"m"})", drop, kJson, Kind::kModerations),
            R"({"stream_options":{},"model":"m"})");
}

TEST(WriteRequest, RenamesTheTokenLimitAndOnlyItsKey) {
  using enum Changes::TokenLimit;
  EXPECT_EQ(written(R"({"max_tokens" : 5.0,"model":"m"})", {.model = "m", .token_limit = kMaxCompletionTokens}),
            R"({"max_completion_tokens" : 5.0,"model":"m"})");
  EXPECT_EQ(written(R"({"model":"m","max_completion_tokens":5})", {.model = "n", .token_limit = kMaxTokens}),
            R"({"model":"n","max_tokens":5})");
  EXPECT_EQ(written(R"({"model":"m","max_tokens":5})", {.model = "m", .token_limit = kMaxTokens}),
            R"({"model":"m","max_tokens":5})");
  EXPECT_EQ(
      written(R"({"model":"m","max_tokens":5,"max_completion_tokens":6})", {.model = "m", .token_limit = kMaxTokens}),
      R"({"model":"m","max_tokens":5,"max_completion_tokens":6})");
}

TEST(WriteRequest, MakesAllEditsAtOnceInAnyOrderOfTheirPlaces) {
  using enum Changes::TokenLimit;
  const Changes all{.model = "up", .add_usage = true, .token_limit = kMaxCompletionTokens};
  EXPECT_EQ(written(R"({"stream_options":{"include_usage":false},"max_tokens":1,"model":"m"})", all),
            R"({"stream_options":{"include_usage":true},"max_completion_tokens":1,"model":"up"})");
  EXPECT_EQ(written(R"({"model":"m","max_tokens":1})", all),
            R"({"model":"up","max_completion_tokens":1,"stream_options":{"include_usage":true}})");
}

TEST(WriteRequest, KeepsEveryRecordedRequestButForTheModel) {
  for (const auto& test : openai::testing::cases()) {
    auto asked = read(test->request);
    ASSERT_TRUE(asked) << test->id;
    const auto [begin, end] = *asked->model_value;
    std::string expected = test->request;
    expected.replace(begin, end - begin, "\"upstream\"");
    EXPECT_EQ(written(test->request, {.model = "upstream"}), expected) << test->id;
  }
}

constexpr std::string_view kFormType = "multipart/form-data; boundary=b1";

std::string form(std::string_view parts) {
  return std::string(parts) + "--b1--\r\n";
}

std::string field(std::string_view name, std::string_view value) {
  return "--b1\r\nContent-Disposition: form-data; name=\"" + std::string(name) + "\"\r\n\r\n" + std::string(value) +
         "\r\n";
}

TEST(Forms, AreReadAndWrittenWithAnotherModel) {
  const std::string body = form(field("file", "RIFF\r\n--x") + field("model", "whisper-1") + field("stream", "true"));
  auto asked = read(body, kFormType, Kind::kTranscriptions);
  ASSERT_TRUE(asked) << told(asked);
  EXPECT_EQ(asked->model, "whisper-1");
  EXPECT_TRUE(asked->stream);
  EXPECT_EQ(written(body, {.model = "up"}, kFormType, Kind::kTranscriptions),
            form(field("file", "RIFF\r\n--x") + field("model", "up") + field("stream", "true")));
}

TEST(Forms, GetAModelWhenTheyHaveNone) {
  const std::string body = "preamble\r\n" + form(field("image", "x"));
  EXPECT_EQ(read(body, kFormType, Kind::kImageVariations)->model, "dall-e-2");
  EXPECT_EQ(written(body, {.model = "up"}, kFormType, Kind::kImageVariations),
            "preamble\r\n" + form(field("model", "up") + field("image", "x")));
  EXPECT_EQ(param(read(body, kFormType, Kind::kTranscriptions)), "model");
}

TEST(Forms, AreRefusedWhenBroken) {
  EXPECT_EQ(param(read("", "multipart/form-data", Kind::kTranscriptions)), "content-type");
  EXPECT_EQ(told(read(field("model", "m"), kFormType, Kind::kTranscriptions)),
            "The form ends before its closing boundary.");
  EXPECT_EQ(told(read(form(field("model", "m") + field("model", "n")), kFormType, Kind::kTranscriptions)),
            "'model' is given twice.");
  EXPECT_EQ(told(read(form(field("model", "a\r\nb")), kFormType, Kind::kTranscriptions)),
            "'model' holds control characters.");
  EXPECT_EQ(told(read(form(field("model", "caf\xe9")), kFormType, Kind::kTranscriptions)), "'model' is not UTF-8.");
  EXPECT_EQ(param(read(form(field("model", "")), kFormType, Kind::kTranscriptions)), "model");
}

TEST(ReadRequest, TakesTheModelAndTheStreamFromThePathWhereTheApiHasThemThere) {
  constexpr Endpoint kEndpoint{.dialect = "x",
                               .code = 0,
                               .operation = Operation::kChat,
                               .name = "x",
                               .method = "POST",
                               .path = "/models/{model}:go",
                               .form = BodyForm::kJson,
                               .streaming = Streaming::kByPath};
  std::string body = R"({"model":5,"stream":"no"})";
  json::pad(body);
  json::Reader reader;
  auto asked = read_asked(kEndpoint, {.model = "team%2Ffast", .id = {}}, kJson, body, reader);
  ASSERT_TRUE(asked) << told(asked);
  EXPECT_EQ(asked->model, "team/fast");
  EXPECT_FALSE(asked->model_value);
  EXPECT_EQ(told(read_asked(kEndpoint, {.model = "a%", .id = {}}, kJson, body, reader)),
            "The model's name in the path is not coded correctly.");
}

TEST(Endpoints, AreFoundByTheirPath) {
  EXPECT_EQ(match_path("/chat/completions", "/chat/completions")->model, "");
  EXPECT_FALSE(match_path("/chat/completions", "/chat/completions/"));
  EXPECT_EQ(match_path("/models/{model}:go", "/models/a/b:go")->model, "a/b");
  EXPECT_FALSE(match_path("/models/{model}:go", "/models/:go"));
  EXPECT_EQ(match_path("/responses/{id}/cancel", "/responses/r1/cancel")->id, "r1");
  EXPECT_FALSE(match_path("/responses/{id}", "/responses/r1/cancel"));
}

TEST(Endpoints, FillTheirPath) {
  EXPECT_EQ(fill_path("/models/{model}:go", "a b/c", ""), "/models/a%20b%2Fc:go");
  EXPECT_EQ(fill_path("/responses/{id}/cancel", "m", "r%201"), "/responses/r%201/cancel");
  EXPECT_EQ(fill_path("/chat", "m", "r"), "/chat");
}

}  // namespace
}  // namespace sluice::dialect::asked_test
