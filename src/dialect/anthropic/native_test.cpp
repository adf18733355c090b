#include "dialect/anthropic/native.h"

#include <gtest/gtest.h>

#include "dialect/anthropic/fixture_test.h"

namespace sluice::dialect::anthropic::testing::native_test {
namespace {

std::string text_of(const OutgoingBody& body) {
  std::string out;
  for (std::string_view piece : body.pieces) out += piece;
  return out;
}

std::string sent(Host host, std::string_view body, Kind kind = Kind::kMessages, http::Headers headers = {}) {
  return text_of(write_native(host, kind, body, {.model = "new"}, headers));
}

const std::string kVertex = R"({"anthropic_version":"vertex-2023-10-16")";
const std::string kBedrock = R"({"anthropic_version":"bedrock-2023-05-31")";

TEST(AnthropicNative, TakesOutWhatThePathSays) {
  EXPECT_EQ(sent(Host::kVertex, R"({"model":"m","a": 1 })"), kVertex + R"(,"a": 1 })");
  EXPECT_EQ(sent(Host::kVertex, R"({ "a":1e400 , "model":"m" , "stream":true})"),
            kVertex + R"(, "a":1e400 , "stream":true})");
  EXPECT_EQ(sent(Host::kVertex, R"({"model":"m"})"), kVertex + "}");
  EXPECT_EQ(sent(Host::kVertex, R"({})"), kVertex + "}");
  EXPECT_EQ(sent(Host::kBedrock, R"({"model":"m","stream":true,"a":1,"a":2})"), kBedrock + R"(,"a":1,"a":2})");
  EXPECT_EQ(sent(Host::kBedrock, R"({"a":{"model":"x","stream":1},"stream":true,"model":"m"})"),
            kBedrock + R"(,"a":{"model":"x","stream":1}})");
  EXPECT_EQ(sent(Host::kBedrock, R"({"anthropic_version":"x","a":1})"), kBedrock + R"(,"a":1})");
}

TEST(AnthropicNative, CountsOfTokensNameTheModelInTheBody) {
  EXPECT_EQ(sent(Host::kVertex, R"({"model" : "m","a":1})", Kind::kCountTokens),
            kVertex + R"(,"model" : "new","a":1})");
  EXPECT_EQ(sent(Host::kVertex, R"({"a":1,"model":"m"})", Kind::kCountTokens), kVertex + R"(,"a":1,"model":"new"})");
}

TEST(AnthropicNative, BetasBecomeAMemberForBedrock) {
  http::Headers headers{{"anthropic-beta", "a-1, b-2"}};
  EXPECT_EQ(text_of(write_native(Host::kBedrock, Kind::kMessages, R"({"x":1})", {.model = "m"}, headers)),
            kBedrock + R"(,"anthropic_beta":["a-1","b-2"],"x":1})");
  EXPECT_FALSE(headers.has("anthropic-beta"));
  EXPECT_EQ(sent(Host::kBedrock, R"({"anthropic_beta":["c"],"x":1})", Kind::kMessages, {{"anthropic-beta", "a"}}),
            kBedrock + R"(,"anthropic_beta":["c","a"],"x":1})");
  http::Headers kept{{"anthropic-beta", "a"}};
  write_native(Host::kVertex, Kind::kMessages, "{}", {.model = "m"}, kept);
  EXPECT_TRUE(kept.has("anthropic-beta"));
}

TEST(AnthropicNative, WhatAHostDoesNotKnowIsCutAndTold) {
  const std::string body =
      R"({ "made_up": {"a":[1, 2]}, "model":"m" ,"max_tokens":1.0e1, "new-\u0065r" : 2,"system":"s","last":null})";
  json::Reader reader;
  auto spelled = without_unknown(body, {.model = "new"}, reader);
  ASSERT_EQ(spelled.lost.size(), 3U);
  EXPECT_EQ(spelled.lost[0].path, "made_up");
  EXPECT_EQ(spelled.lost[1].path, "new-er");
  EXPECT_EQ(spelled.lost[2].path, "last");
  for (const Host host : {Host::kVertex, Host::kBedrock}) {
    http::Headers headers;
    const std::string begin = host == Host::kVertex ? kVertex : kBedrock;
    EXPECT_EQ(text_of(write_native(host, Kind::kMessages, body, spelled.changes, headers)),
              begin + R"( ,"max_tokens":1.0e1,"system":"s"})");
  }
  EXPECT_TRUE(without_unknown(R"({"anthropic_beta":["a"],"anthropic_version":"x"})", {}, reader).lost.empty());
  EXPECT_TRUE(without_unknown("[]", {}, reader).lost.empty());
}

TEST(AnthropicNative, ManyUnknownMembersCostNoMoreThanTheirLength) {
  std::string body = R"({"system":"s")";
  for (int i = 0; i < 300'000; ++i) body += R"(,"u":1)";
  body += '}';
  json::Reader reader;
  auto spelled = without_unknown(body, {.model = "new"}, reader);
  EXPECT_EQ(spelled.lost.size(), 300'000U);
  http::Headers headers;
  EXPECT_EQ(text_of(write_native(Host::kVertex, Kind::kMessages, body, spelled.changes, headers)),
            std::string(kVertex) + R"(,"system":"s"})");
}

TEST(AnthropicNative, EveryFixtureStaysAsItIsButForThat) {
  for (const auto& test : cases()) {
    if (host_of(*test) != Host::kAnthropic || kind_of(*test) != Kind::kMessages) continue;
    SCOPED_TRACE(test->id);
    const std::string body = sent(Host::kVertex, test->request);
    dom::parser parser;
    const dom::object object = parser.parse(body).value();
    dom::parser other;
    const dom::object asked = other.parse(test->request).value();
    EXPECT_EQ(object.size(), asked.size());
    for (auto [key, value] : asked) {
      if (key != "model") EXPECT_EQ(sorted(object.at_key(key).value()), sorted(value));
    }
  }
}

TEST(AnthropicNative, ABodyForAHostGoesToTheApi) {
  http::Headers headers;
  const std::string_view body =
      R"({ "anthropic_version": "vertex-2023-10-16", "max_tokens": 1.0e1 ,"stream":true, "x": [] })";
  std::string sent;
  for (auto piece : write_native(Host::kAnthropic, Kind::kMessages, body, {.model = "claude \"x\""}, headers).pieces)
    sent += piece;
  EXPECT_EQ(sent, R"({"model":"claude \"x\"", "max_tokens": 1.0e1 ,"stream":true, "x": [] })");
  EXPECT_EQ(headers.get("anthropic-version"), "2023-06-01");
}

TEST(AnthropicNative, Paths) {
  const Endpoint& messages = endpoints()[0];
  const Endpoint& count = endpoints()[1];
  auto path = [](const Client& client, const Endpoint& endpoint, std::string_view model, bool stream) {
    return client.native_path(endpoint, {}, {.provider = "p", .model = model, .stream = stream});
  };
  EXPECT_EQ(path(client(), messages, "m", true), "/messages");
  EXPECT_EQ(path(client(), count, "m", false), "/messages/count_tokens");
  EXPECT_EQ(
      "/v1/projects/fx-proj/locations/global" + path(vertex_client(), messages, "claude-sonnet-4-5@20250929", false),
      find_case("vertex_raw_predict").path);
  EXPECT_EQ(path(vertex_client(), messages, "m", true), "/publishers/anthropic/models/m:streamRawPredict");
  EXPECT_EQ(path(vertex_client(), count, "m", false), "/publishers/anthropic/models/count-tokens:rawPredict");
  const std::string bedrock = "anthropic.claude-sonnet-4-5-20250929-v1:0";
  EXPECT_EQ(path(bedrock_client(), messages, bedrock, false), find_case("bedrock_invoke_model").path);
  EXPECT_EQ(path(bedrock_client(), messages, bedrock, true), find_case("bedrock_invoke_stream").path);
  EXPECT_EQ(path(bedrock_client(), messages, "arn:aws:x/y", false), "/model/arn%3Aaws%3Ax%2Fy/invoke");
  EXPECT_EQ(path(bedrock_client(), count, bedrock, false),
            "/model/anthropic.claude-sonnet-4-5-20250929-v1%3A0/count-tokens");
  EXPECT_TRUE(bedrock_client().passes(count));
  EXPECT_FALSE(bedrock_client().answers_as(count));
  EXPECT_TRUE(bedrock_client().answers_as(messages));
  EXPECT_TRUE(vertex_client().passes(count));
  EXPECT_TRUE(vertex_client().answers_as(count));
  EXPECT_TRUE(bedrock_client().passes(messages));
}

}  // namespace
}  // namespace sluice::dialect::anthropic::testing::native_test
