#include "sim/simulator.h"

#include <gtest/gtest.h>

#include "sim/test_peer.h"

namespace sluice::sim::simulator_test {
namespace {

namespace bj = boost::json;

std::string content(const Seen& seen) {
  return std::string(seen.json().at("choices").at(0).at("message").at("content").as_string());
}

TEST(Simulator, EchoesTheLastUserText) {
  TestSim sim({.name = "east"});
  auto seen = sim.call("POST", "/v1/chat/completions", kHello);
  EXPECT_EQ(seen.status, 200);
  EXPECT_EQ(content(seen), "You said: hello there");
  EXPECT_EQ(seen.headers["x-sim-name"], "east");
  EXPECT_EQ(seen.headers["content-type"], "application/json");
  EXPECT_EQ(seen.json().at("system_fingerprint").as_string(), "east");
}

TEST(Simulator, CountsOneTokenForFourBytes) {
  TestSim sim;
  auto usage = sim.chat(kHello).json().at("usage");
  EXPECT_EQ(usage.at("prompt_tokens").as_int64(), 3);      // "hello there" has 11 bytes
  EXPECT_EQ(usage.at("completion_tokens").as_int64(), 6);  // "You said: hello there" has 21
  EXPECT_EQ(usage.at("total_tokens").as_int64(), 9);
}

TEST(Simulator, JoinsTheTextPartsOfTheLastUserMessage) {
  TestSim sim;
  auto seen = sim.chat(R"({"model":"m","messages":[{"role":"user","content":"old"},{"role":"assistant","content":"x"},
    {"role":"user","content":[{"type":"text","text":"a\u00e9\n"},{"type":"text","text":"b"}]}]})");
  EXPECT_EQ(content(seen), "You said: a\u00e9\nb");
}

TEST(Simulator, StreamsOneWordAnEvent) {
  TestSim sim;
  auto seen = sim.chat(kHelloStream);
  EXPECT_EQ(seen.headers["content-type"], "text/event-stream; charset=utf-8");
  auto events = seen.events();
  ASSERT_EQ(events.size(), 7U);  // role, four words, finish, [DONE]
  EXPECT_EQ(bj::parse(events[0]).at("choices").at(0).at("delta").at("role").as_string(), "assistant");
  std::string text;
  for (int i = 1; i < 5; ++i) text += bj::parse(events[i]).at("choices").at(0).at("delta").at("content").as_string();
  EXPECT_EQ(text, "You said: hello there");
  EXPECT_EQ(bj::parse(events[5]).at("choices").at(0).at("finish_reason").as_string(), "stop");
  EXPECT_EQ(events[6], "[DONE]");
  EXPECT_EQ(seen.chunks.size(), 7U);
  EXPECT_TRUE(seen.complete);
}

TEST(Simulator, SendsUsageInAStreamOnlyWhenAskedFor) {
  TestSim sim;
  EXPECT_EQ(sim.chat(kHelloStream).body.find("usage"), std::string::npos);
  auto events = sim.chat(kHelloStreamUsage).events();
  ASSERT_EQ(events.size(), 8U);
  EXPECT_TRUE(bj::parse(events[5]).at("usage").is_null());
  auto last = bj::parse(events[6]);
  EXPECT_TRUE(last.at("choices").as_array().empty());
  EXPECT_EQ(last.at("usage").at("total_tokens").as_int64(), 9);
}

TEST(Simulator, AnswersEveryChoiceAskedFor) {
  TestSim sim;
  constexpr std::string_view kTwo = R"({"model":"m","n":2,"messages":[{"role":"user","content":"a"}]})";
  auto seen = sim.chat(kTwo);
  EXPECT_EQ(seen.json().at("choices").as_array().size(), 2U);
  EXPECT_EQ(seen.json().at("choices").at(1).at("index").as_int64(), 1);
}

constexpr std::string_view kWithTools =
    R"({"model":"m","messages":[{"role":"user","content":"please call:look_up,add now"}],"tools":[)"
    R"({"type":"function","function":{"name":"look_up"}},{"type":"function","function":{"name":"add"}}]})";

TEST(Simulator, CallsTheToolsTheUserNames) {
  TestSim sim;
  auto choice = sim.chat(kWithTools).json().at("choices").at(0);
  EXPECT_TRUE(choice.at("message").at("content").is_null());
  EXPECT_EQ(choice.at("finish_reason").as_string(), "tool_calls");
  auto& calls = choice.at("message").at("tool_calls").as_array();
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_EQ(calls[0].at("function").at("name").as_string(), "look_up");
  EXPECT_EQ(bj::parse(calls[1].at("function").at("arguments").as_string()).at("text").as_string(),
            "please call:look_up,add now");
}

TEST(Simulator, AnswersInWordsOnceTheToolHasAnswered) {
  TestSim sim;
  auto seen = sim.chat(R"({"model":"m","tools":[{"type":"function","function":{"name":"f"}}],"messages":[
    {"role":"user","content":"call:f"},
    {"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]},
    {"role":"tool","tool_call_id":"c1","content":"42"}]})");
  EXPECT_EQ(content(seen), "You said: call:f");
}

TEST(Simulator, DoesNotCallAToolTheRequestLacks) {
  TestSim sim;
  auto seen = sim.chat(R"({"model":"m","tools":[{"type":"function","function":{"name":"f"}}],
    "messages":[{"role":"user","content":"call:g"}]})");
  EXPECT_EQ(content(seen), "You said: call:g");
}

TEST(Simulator, CallsACustomToolWithThePlainText) {
  TestSim sim;
  auto call = sim.chat(R"({"model":"m","tools":[{"type":"custom","custom":{"name":"sql"}}],
    "messages":[{"role":"user","content":"call:sql"}]})")
                  .json()
                  .at("choices")
                  .at(0)
                  .at("message")
                  .at("tool_calls")
                  .at(0);
  EXPECT_EQ(call.at("type").as_string(), "custom");
  EXPECT_EQ(call.at("custom").at("input").as_string(), "call:sql");
}

TEST(Simulator, ServesLegacyCompletionsStreamedAndNot) {
  TestSim sim;
  auto seen = sim.call("POST", "/v1/completions", R"({"model":"m","prompt":"hi"})");
  EXPECT_EQ(seen.json().at("choices").at(0).at("text").as_string(), "You said: hi");
  EXPECT_EQ(seen.json().at("object").as_string(), "text_completion");
  auto events = sim.call("POST", "/v1/completions", R"({"model":"m","prompt":"hi","stream":true})").events();
  ASSERT_EQ(events.size(), 5U);
  EXPECT_EQ(bj::parse(events[0]).at("choices").at(0).at("text").as_string(), "You");
}

TEST(Simulator, ServesEmbeddingsAsNumbersAndAsBase64) {
  TestSim sim;
  auto seen = sim.call("POST", "/v1/embeddings", R"({"model":"m","input":["a","b"],"dimensions":4})");
  ASSERT_EQ(seen.json().at("data").as_array().size(), 2U);
  EXPECT_EQ(seen.json().at("data").at(0).at("embedding").as_array().size(), 4U);
  EXPECT_NE(seen.json().at("data").at(0).at("embedding"), seen.json().at("data").at(1).at("embedding"));
  EXPECT_EQ(seen.json().at("usage").at("total_tokens").as_int64(), 1);
  auto packed =
      sim.call("POST", "/v1/embeddings", R"({"model":"m","input":[1,2,3],"dimensions":3,"encoding_format":"base64"})");
  EXPECT_EQ(packed.json().at("data").at(0).at("embedding").as_string().size(), 16U);
  EXPECT_EQ(packed.json().at("usage").at("prompt_tokens").as_int64(), 3);
}

TEST(Simulator, ServesModerationsImagesSpeechAndModels) {
  TestSim sim;
  auto moderation = sim.call("POST", "/v1/moderations", R"({"input":"x"})");
  EXPECT_FALSE(moderation.json().at("results").at(0).at("flagged").as_bool());
  auto images = sim.call("POST", "/v1/images/generations", R"({"prompt":"a cat","n":2})");
  EXPECT_EQ(images.json().at("data").as_array().size(), 2U);
  auto speech =
      sim.call("POST", "/v1/audio/speech", R"({"model":"m","input":"hi","voice":"ash","response_format":"wav"})");
  EXPECT_EQ(speech.headers["content-type"], "audio/wav");
  EXPECT_EQ(speech.body, "audio of: hi");
  auto models = sim.call("GET", "/v1/models");
  EXPECT_FALSE(models.json().at("data").as_array().empty());
}

constexpr std::string_view kForm =
    "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n"
    "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\nContent-Type: "
    "audio/wav\r\n\r\nRIFF\r\n"
    "--b--\r\n";
constexpr std::string_view kFormType = "content-type: multipart/form-data; boundary=b\r\n";

TEST(Simulator, ServesFormsOfAudioAndImages) {
  TestSim sim({.record = SimOptions::Record::kOn});
  auto seen = sim.call("POST", "/v1/audio/transcriptions", kForm, kFormType);
  EXPECT_EQ(seen.json().at("text").as_string(), "You said: a.wav");
  EXPECT_EQ(sim.ledger().at(0).at("model").as_string(), "whisper-1");
  auto edits = sim.call("POST", "/v1/images/edits", kForm, kFormType);
  EXPECT_EQ(edits.status, 400);
  EXPECT_EQ(edits.json().at("error").at("param").as_string(), "image");
}

TEST(Simulator, ServesAzurePathsAndTakesTheModelFromThem) {
  TestSim sim;
  constexpr std::string_view kBody = R"({"messages":[{"role":"user","content":"x"}]})";
  auto seen = sim.call("POST", "/openai/deployments/my%2Dgpt/chat/completions?api-version=2024-10-21", kBody);
  EXPECT_EQ(seen.json().at("model").as_string(), "my-gpt");
  EXPECT_EQ(sim.call("POST", "/openai/deployments/my-gpt/chat/completions", kBody).status, 404);
}

TEST(Simulator, RefusesOtherKeysWith401) {
  TestSim sim({.key = Secret("right")});
  auto with = [&](std::string_view header) { return sim.call("POST", "/v1/chat/completions", kHello, header); };
  EXPECT_EQ(with("authorization: Bearer right\r\n").status, 200);
  EXPECT_EQ(with("").status, 401);
  auto wrong = with("authorization: Bearer wrong\r\n");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(wrong.json().at("error").at("code").as_string(), "invalid_api_key");
  EXPECT_EQ(
      sim.call("POST", "/openai/deployments/d/chat/completions?api-version=1", kHello, "api-key: right\r\n").status,
      200);
}

TEST(Simulator, SaysWhichPathsAndMethodsItHas) {
  TestSim sim;
  EXPECT_EQ(sim.call("POST", "/v1/nothing").status, 404);
  auto seen = sim.call("GET", "/v1/chat/completions");
  EXPECT_EQ(seen.status, 405);
  EXPECT_EQ(seen.headers["allow"], "POST");
  EXPECT_EQ(sim.call("POST", "/v1/models").status, 405);
}

TEST(Simulator, RefusesWhatTheProviderRefuses) {
  TestSim sim;
  auto seen = sim.chat(R"({"model":"m","messages":[],"frequency":1})");
  EXPECT_EQ(seen.status, 400);
  EXPECT_EQ(seen.json().at("error").at("type").as_string(), "invalid_request_error");
  EXPECT_EQ(sim.chat(R"({"model":"m","messages":[{"role":"user","content":"x"}],"frequency":1})", R"({"strict":false})")
                .status,
            200);
}

TEST(Simulator, KeepsConnectionsAlive) {
  TestSim sim;
  TestPeer peer(sim.port);
  for (int i = 0; i < 3; ++i) {
    peer.request("POST", "/v1/chat/completions", i == 1 ? kHelloStream : kHello);
    EXPECT_EQ(peer.answer().status, 200);
  }
}

TEST(Simulator, ExaminesLargeBodiesToo) {
  TestSim sim;
  std::string text(1 << 20, 'a');
  auto seen = sim.chat(R"({"model":"m","messages":[{"role":"user","content":")" + text + R"("}]})");
  EXPECT_EQ(content(seen), "You said: " + text);
}

TEST(Simulator, StartsAndStopsAgainAndAgainBesideOthers) {
  TestSim other;
  Simulator simulator({.name = "again", .threads = 2});
  for (int i = 0; i < 3; ++i) {
    auto port = simulator.start();
    ASSERT_TRUE(port);
    EXPECT_FALSE(simulator.start());
    TestPeer peer(*port);
    peer.request("POST", "/v1/chat/completions", kHello, "x-sim: {\"delay_ms\":60000}\r\n");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    simulator.stop();
  }
  EXPECT_EQ(other.call("POST", "/v1/chat/completions", kHello).status, 200);
}

TEST(Simulator, RefusesBadOptions) {
  EXPECT_EQ(Simulator({.name = "a b"}).start().error().kind, FaultKind::kInvalidConfig);
  EXPECT_EQ(Simulator({.threads = 0}).start().error().kind, FaultKind::kInvalidConfig);
  EXPECT_EQ(Simulator({.host = "nowhere"}).start().error().kind, FaultKind::kInvalidConfig);
}

TEST(Simulator, ServesFromSeveralThreads) {
  TestSim sim({.threads = 3});
  std::vector<std::jthread> threads;
  std::atomic<int> good{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) good += sim.call("POST", "/v1/chat/completions", kHello).status == 200 ? 1 : 0;
    });
  }
  threads.clear();
  EXPECT_EQ(good, 80);
  auto stats = sim.stats();
  EXPECT_EQ(stats.at("requests").as_int64(), 80);
  EXPECT_EQ(stats.at("completed").as_int64(), 80);
  EXPECT_EQ(stats.at("connections").as_int64(), 81);  // the one that asks is counted
}

}  // namespace
}  // namespace sluice::sim::simulator_test
