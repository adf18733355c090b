#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "sim/gemini/thought.h"
#include "sim/test_fixtures.h"
#include "sim/test_peer.h"

namespace sluice::sim::gemini_test {
namespace {

namespace bj = boost::json;

constexpr std::string_view kModel = "/v1beta/models/gemini-3.8-flash";
constexpr std::string_view kVertex = "/v1/projects/p1/locations/global/publishers/google/models/gemini-3.8-flash";
constexpr std::string_view kHello = R"({"contents":[{"role":"user","parts":[{"text":"hello there"}]}]})";
constexpr std::string_view kTools = R"("tools":[{"functionDeclarations":[{"name":"look"},{"name":"find"}]}])";
constexpr std::string_view kThink = R"("generationConfig":{"thinkingConfig":{"includeThoughts":true}})";

std::string target(std::string_view verb, std::string_view model = kModel) {
  return std::string(model) + ":" + std::string(verb);
}

std::string scripted(std::string_view script) {
  return "x-sim: " + std::string(script) + "\r\n";
}

std::string user(std::string_view text) {
  return R"({"role":"user","parts":[{"text":")" + std::string(text) + R"("}]})";
}

std::string asking(std::string_view contents, std::string_view more = "") {
  return R"({"contents":[)" + std::string(contents) + "]" + (more.empty() ? "" : ",") + std::string(more) + "}";
}

const bj::value& part(const bj::value& response, std::size_t at) {
  return response.at_pointer("/candidates/0/content/parts").at(at);
}

std::size_t part_count(const bj::value& response) {
  return response.at_pointer("/candidates/0/content/parts").as_array().size();
}

std::string message_of(const Seen& seen) {
  auto json = seen.json();
  const bj::value& error = json.is_array() ? json.at(0).at("error") : json.at("error");
  return std::string(error.at("message").as_string());
}

// All text of a stream's chunks, thoughts or not.
std::string text_of(const std::vector<std::string>& events, bool thoughts) {
  std::string text;
  for (const auto& event : events) {
    auto chunk = bj::parse(event);
    for (const auto& one : chunk.at_pointer("/candidates/0/content/parts").as_array()) {
      if (one.as_object().contains("text") && one.as_object().contains("thought") == thoughts) {
        text += one.at("text").as_string();
      }
    }
  }
  return text;
}

bj::array parts_of(const std::vector<std::string>& events) {
  bj::array parts;
  for (const auto& event : events) {
    auto chunk = bj::parse(event);
    for (const auto& one : chunk.at_pointer("/candidates/0/content/parts").as_array()) parts.push_back(one);
  }
  return parts;
}

// A recorded signature is the real provider's, and no simulator can vouch for that one: its own takes its place.
void sign_anew(bj::value& body) {
  auto* contents = body.as_object().if_contains("contents");
  if (!contents) return;
  for (auto& content : contents->as_array()) {
    for (auto& one : content.at("parts").as_array()) {
      if (!one.as_object().contains("thoughtSignature")) continue;
      const auto& call = one.at("functionCall");
      auto said = said_by_call(std::string(call.at("name").as_string()), bj::serialize(call.at("args")));
      one.as_object()["thoughtSignature"] = sign_thought(Signed::kCall, said, "");
    }
  }
}

TEST(GeminiSim, AcceptsEveryRecordedRequestThatWasGood) {
  TestSim sim;
  std::size_t accepted = 0;
  for (auto& one : recorded("gemini")) {
    if (one.at("response").at("status").to_number<int>() != 200) continue;
    auto& request = one.at("request");
    sign_anew(request.at("body"));
    auto seen = sim.call(std::string_view(request.at("method").as_string()),
                         std::string_view(request.at("path").as_string()), bj::serialize(request.at("body")));
    EXPECT_EQ(seen.status, 200) << one.at("id") << ": " << seen.body;
    ++accepted;
  }
  EXPECT_GT(accepted, 25U);
}

TEST(GeminiSim, RefusesARecordedSignatureOfAnother) {
  TestSim sim;
  auto refused = fixture("gemini/function_response_turn.json");
  auto seen = sim.call("POST", target("generateContent"), bj::serialize(refused.at("request").at("body")));
  EXPECT_EQ(seen.status, 400);
  EXPECT_EQ(message_of(seen), "Corrupted thought signature.");
}

TEST(GeminiSim, AnswersAsAWhole) {
  TestSim sim;
  auto seen = sim.call("POST", target("generateContent"), kHello);
  ASSERT_EQ(seen.status, 200) << seen.body;
  EXPECT_EQ(seen.headers["content-type"], "application/json; charset=UTF-8");
  auto json = seen.json();
  EXPECT_EQ(part_count(json), 1U);
  EXPECT_EQ(part(json, 0), bj::parse(R"({"text":"You said: hello there"})"));
  EXPECT_EQ(json.at_pointer("/candidates/0/finishReason"), "STOP");
  EXPECT_EQ(json.at_pointer("/candidates/0/content/role"), "model");
  EXPECT_EQ(json.at("modelVersion"), "gemini-3.8-flash");
  EXPECT_EQ(json.at("usageMetadata"), bj::parse(R"({"promptTokenCount":3,"candidatesTokenCount":6,"totalTokenCount":9,)"
                                                R"("promptTokensDetails":[{"modality":"TEXT","tokenCount":3}]})"));
}

TEST(GeminiSim, AnswersSeveralCandidates) {
  TestSim sim;
  auto seen =
      sim.call("POST", target("generateContent"), asking(user("a"), R"("generationConfig":{"candidateCount":2})"));
  auto json = seen.json();
  ASSERT_EQ(json.at("candidates").as_array().size(), 2U);
  EXPECT_EQ(json.at_pointer("/candidates/1/index"), 1);
}

TEST(GeminiSim, StreamsEventsThatSayTheSame) {
  TestSim sim(SimOptions{.record = SimOptions::Record::kOn});
  auto seen = sim.call("POST", target("streamGenerateContent?alt=sse"), kHello, scripted(R"({"nonce":"!"})"));
  ASSERT_EQ(seen.status, 200);
  EXPECT_TRUE(seen.headers["content-type"].starts_with("text/event-stream"));
  EXPECT_TRUE(seen.body.ends_with("}\r\n\r\n"));
  auto events = seen.events();
  ASSERT_EQ(events.size(), 5U);  // four words and the end
  EXPECT_EQ(text_of(events, false), "You! said:! hello! there!");
  auto first = bj::parse(events.front());
  EXPECT_FALSE(first.at("candidates").at(0).as_object().contains("finishReason"));
  EXPECT_EQ(first.at_pointer("/usageMetadata/candidatesTokenCount"), 1);
  auto last = bj::parse(events.back());
  EXPECT_EQ(last.at_pointer("/candidates/0/finishReason"), "STOP");
  EXPECT_EQ(last.at_pointer("/usageMetadata/candidatesTokenCount"), 6);
  auto told = bj::parse(std::string(sim.ledger().at(0).at("answer").as_string()));
  EXPECT_EQ(part(told, 0).at("text"), "You said: hello there!");
  EXPECT_EQ(told.at("usageMetadata"), last.at("usageMetadata"));
}

TEST(GeminiSim, StreamsAnArrayElementByElement) {
  TestSim sim;
  auto seen = sim.call("POST", target("streamGenerateContent"), kHello);
  EXPECT_EQ(seen.headers["content-type"], "application/json; charset=UTF-8");
  auto list = seen.json().as_array();
  ASSERT_EQ(list.size(), 5U);
  EXPECT_EQ(seen.chunks.size(), 7U);  // with the brackets
  EXPECT_EQ(list.back().at_pointer("/candidates/0/finishReason"), "STOP");
  EXPECT_FALSE(
      sim.call("POST", target("streamGenerateContent"), kHello, scripted(R"({"no_done":true})")).body.ends_with("]"));
}

TEST(GeminiSim, ShowsThoughtsOnlyWhenAsked) {
  TestSim sim;
  auto script = scripted(R"({"reasoning":"let me see","text":"yes"})");
  auto hidden = sim.call("POST", target("generateContent"), kHello, script).json();
  EXPECT_EQ(part_count(hidden), 1U);
  EXPECT_TRUE(part(hidden, 0).as_object().contains("thoughtSignature"));
  EXPECT_EQ(hidden.at_pointer("/usageMetadata/thoughtsTokenCount"), 3);
  EXPECT_EQ(hidden.at_pointer("/usageMetadata/totalTokenCount"), 3 + 4);

  auto shown = sim.call("POST", target("generateContent"), asking(user("a"), kThink), script).json();
  ASSERT_EQ(part_count(shown), 2U);
  EXPECT_EQ(part(shown, 0), bj::parse(R"({"text":"let me see","thought":true})"));
  EXPECT_EQ(part(shown, 1).at("text"), "yes");

  auto events = sim.call("POST", target("streamGenerateContent?alt=sse"), asking(user("a"), kThink), script).events();
  EXPECT_EQ(text_of(events, true), "let me see");
  EXPECT_EQ(text_of(events, false), "yes");
  auto last = bj::parse(events.back());
  EXPECT_EQ(part(last, 0).at("text"), "");
  EXPECT_TRUE(part(last, 0).as_object().contains("thoughtSignature"));
}

TEST(GeminiSim, CallsTwoFunctions) {
  TestSim sim;
  auto body = asking(user("call:look,find"), kTools);
  auto whole = sim.call("POST", target("generateContent"), body).json();
  ASSERT_EQ(part_count(whole), 2U);
  EXPECT_EQ(part(whole, 0).at_pointer("/functionCall/name"), "look");
  EXPECT_EQ(part(whole, 0).at_pointer("/functionCall/args/text"), "call:look,find");
  EXPECT_TRUE(part(whole, 0).as_object().contains("thoughtSignature"));
  EXPECT_FALSE(part(whole, 1).as_object().contains("thoughtSignature"));
  EXPECT_NE(part(whole, 0).at_pointer("/functionCall/id"), part(whole, 1).at_pointer("/functionCall/id"));
  EXPECT_EQ(whole.at_pointer("/candidates/0/finishReason"), "STOP");

  auto events = sim.call("POST", target("streamGenerateContent?alt=sse"), body).events();
  ASSERT_EQ(events.size(), 3U);
  auto second = bj::parse(events[1]);
  EXPECT_EQ(part(second, 0).at_pointer("/functionCall/name"), "find");

  auto older = sim.call("POST", "/v1/models/gemini-2.5-flash:generateContent", body).json();
  EXPECT_FALSE(part(older, 0).at("functionCall").as_object().contains("id"));
  EXPECT_FALSE(part(older, 0).as_object().contains("thoughtSignature"));
}

TEST(GeminiSim, PutsCallsTogetherAsTheScriptSays) {
  TestSim sim;
  auto body = asking(user("call:look,find"), kTools);
  auto path = target("streamGenerateContent?alt=sse");
  EXPECT_EQ(sim.call("POST", path, body, scripted(R"({"tool_style":"together"})")).events().size(), 2U);
  EXPECT_EQ(sim.call("POST", path, body, scripted(R"({"tool_style":"with_finish"})")).events().size(), 1U);
}

TEST(GeminiSim, CannotTellArgumentsThatAreNoObject) {
  TestSim sim;
  auto json = sim.call("POST", target("generateContent"), asking(user("a"), kTools),
                       scripted(R"({"tool_calls":[{"name":"look","arguments":"{\"a\":"}]})"))
                  .json();
  EXPECT_EQ(json.at_pointer("/candidates/0/finishReason"), "MALFORMED_FUNCTION_CALL");
  EXPECT_EQ(part_count(json), 0U);
}

TEST(GeminiSim, StreamsArgumentsInPiecesOnVertexWhenAsked) {
  TestSim sim;
  auto body = asking(user("a"), std::string(kTools) +
                                    R"(,"toolConfig":{"functionCallingConfig":{"streamFunctionCallArguments":true}})");
  auto script = scripted(
      R"({"tool_calls":[{"name":"look","arguments":{"city":"Longyearbyen","at":[1,true,null],"x y":{"z":"ü"}}}]})");
  auto events = sim.call("POST", target("streamGenerateContent?alt=sse", kVertex), body, script).events();
  auto parts = parts_of(events);
  ASSERT_EQ(parts.size(), 9U);
  EXPECT_EQ(parts[0].at_pointer("/functionCall/willContinue"), true);
  EXPECT_TRUE(parts[0].as_object().contains("thoughtSignature"));
  EXPECT_EQ(parts[1].at_pointer("/functionCall/partialArgs/0"),
            bj::parse(R"({"jsonPath":"$.city","stringValue":"Longyear","willContinue":true})"));
  EXPECT_EQ(parts[2].at_pointer("/functionCall/partialArgs/0"),
            bj::parse(R"({"jsonPath":"$.city","stringValue":"byen"})"));
  EXPECT_EQ(parts[3].at_pointer("/functionCall/partialArgs/0/numberValue"), 1);
  EXPECT_EQ(parts[5].at_pointer("/functionCall/partialArgs/0/nullValue"), "NULL_VALUE");
  EXPECT_EQ(parts[6].at_pointer("/functionCall/partialArgs/0/jsonPath"), "$['x y'].z");
  EXPECT_EQ(parts[7], bj::parse(R"({"functionCall":{}})"));
  EXPECT_EQ(bj::parse(events.back()).at_pointer("/usageMetadata/trafficType"), "ON_DEMAND");
  EXPECT_EQ(sim.call("POST", target("streamGenerateContent?alt=sse"), body).status, 400);
}

TEST(GeminiSim, SaysWhatIsWrongWithAScript) {
  TestSim sim;
  auto seen = sim.call("POST", target("generateContent"), kHello, scripted(R"({"nope":1})"));
  EXPECT_EQ(seen.status, 400);
  EXPECT_EQ(seen.json().at_pointer("/error/details/0/reason"), "invalid_script");
  auto rejected = sim.call("POST", target("generateContent"), kHello, scripted(R"({"reject":["contents"]})"));
  EXPECT_EQ(rejected.json().at_pointer("/error/details/0/reason"), "unsupported_parameter");
}

TEST(GeminiSim, CountsTokensAndEmbeds) {
  TestSim sim;
  auto counted = sim.call("POST", target("countTokens"), kHello).json();
  EXPECT_EQ(counted.at("totalTokens"), 3);
  auto wrapped =
      R"({"generateContentRequest":{"model":"models/gemini-3.8-flash",)" + std::string(kHello.substr(1)) + "}";
  EXPECT_EQ(sim.call("POST", target("countTokens"), wrapped).json(), counted);

  std::string_view embedder = "/v1beta/models/gemini-embedding-001";
  auto one = sim.call("POST", target("embedContent", embedder), R"({"content":{"parts":[{"text":"a"}]}})").json();
  EXPECT_EQ(one.at_pointer("/embedding/values").as_array().size(), 16U);
  auto many = sim.call("POST", target("batchEmbedContents", embedder),
                       R"({"requests":[{"model":"models/gemini-embedding-001","content":{"parts":[{"text":"a"}]}},)"
                       R"({"model":"models/gemini-embedding-001","content":{"parts":[{"text":"b"}]}}]})")
                  .json();
  EXPECT_EQ(many.at_pointer("/embeddings/0"), one.at("embedding"));
  EXPECT_NE(many.at_pointer("/embeddings/1"), one.at("embedding"));
}

TEST(GeminiSim, ListsModels) {
  TestSim sim;
  auto seen = sim.call("GET", "/v1beta/models?pageSize=50");
  ASSERT_EQ(seen.status, 200) << seen.body;
  EXPECT_EQ(seen.json().at_pointer("/models/0/name"), "models/gemini-3.8-flash");
}

TEST(GeminiSim, TakesTheKeyWhereItBelongs) {
  TestSim sim(SimOptions{.key = Secret("k")});
  auto path = target("generateContent");
  EXPECT_EQ(sim.call("POST", path, kHello, "x-goog-api-key: k\r\n").status, 200);
  EXPECT_EQ(sim.call("POST", path + "?key=k", kHello).status, 200);
  auto absent = sim.call("POST", path, kHello, "authorization: Bearer k\r\n");
  EXPECT_EQ(absent.status, 403);
  EXPECT_EQ(absent.json().at_pointer("/error/status"), "PERMISSION_DENIED");
  auto wrong = sim.call("POST", path, kHello, "x-goog-api-key: x\r\n");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(wrong.json().at_pointer("/error/details/0/reason"), "API_KEY_INVALID");

  auto vertex = target("generateContent", kVertex);
  EXPECT_EQ(sim.call("POST", vertex, kHello, "authorization: Bearer k\r\n").status, 200);
  auto refused = sim.call("POST", vertex, kHello, "x-goog-api-key: k\r\n");
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.json().at_pointer("/error/status"), "UNAUTHENTICATED");
  EXPECT_TRUE(refused.headers.contains("www-authenticate"));
}

TEST(GeminiSim, TellsErrorsByStatus) {
  TestSim sim;
  struct Case {
    int status;
    std::string_view name;
  };
  for (auto [status, name] : {Case{400, "INVALID_ARGUMENT"}, Case{404, "NOT_FOUND"}, Case{429, "RESOURCE_EXHAUSTED"},
                              Case{500, "INTERNAL"}, Case{503, "UNAVAILABLE"}, Case{504, "DEADLINE_EXCEEDED"}}) {
    auto script = scripted(R"({"status":)" + std::to_string(status) + "}");
    auto seen = sim.call("POST", target("generateContent"), kHello, script);
    EXPECT_EQ(seen.status, status);
    EXPECT_EQ(seen.json().at_pointer("/error/code"), status);
    EXPECT_EQ(seen.json().at_pointer("/error/status").as_string(), name);
    auto list = sim.call("POST", target("streamGenerateContent"), kHello, script).json();
    EXPECT_EQ(list.at(0).at_pointer("/error/code"), status);
  }
  auto quota = sim.call("POST", target("generateContent"), kHello, scripted(R"({"status":429})")).json();
  EXPECT_EQ(quota.at_pointer("/error/details/1/retryDelay"), "1s");
  auto vertex = sim.call("POST", target("generateContent", kVertex), kHello, scripted(R"({"status":429})")).json();
  EXPECT_FALSE(vertex.at("error").as_object().contains("details"));
}

TEST(GeminiSim, BreaksAStreamWithAnError) {
  TestSim sim;
  auto events =
      sim.call("POST", target("streamGenerateContent?alt=sse"), kHello, scripted(R"({"error_after":2})")).events();
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(bj::parse(events.back()).at_pointer("/error/status"), "UNAVAILABLE");
  for (std::string_view after : {"0", "2", "9"}) {
    auto script = scripted(R"({"error":{"code":500,"message":"m","status":"INTERNAL"},"error_after":)" +
                           std::string(after) + "}");
    auto list = sim.call("POST", target("streamGenerateContent"), kHello, script).json().as_array();
    EXPECT_EQ(list.back().at_pointer("/error/message"), "m") << after;
  }
}

}  // namespace
}  // namespace sluice::sim::gemini_test
