// Every row of the script table, as a peer sees it.
#include "sim/delivery.h"

#include <gtest/gtest.h>

#include <chrono>

#include "http/coding.h"
#include "sim/test_peer.h"

namespace sluice::sim::delivery_test {
namespace {

namespace bj = boost::json;
using Clock = std::chrono::steady_clock;

std::int64_t ms_since(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count();
}

// The deltas of a stream's events, [DONE] and usage left out.
std::vector<bj::value> deltas(const Seen& seen) {
  std::vector<bj::value> found;
  for (const auto& event : seen.events()) {
    if (event == "[DONE]") continue;
    auto value = bj::parse(event);
    auto* choices = value.as_object().if_contains("choices");
    if (choices && !choices->as_array().empty()) found.push_back(choices->at(0).at("delta"));
  }
  return found;
}

std::vector<std::string> contents(const Seen& seen) {
  std::vector<std::string> found;
  for (const auto& delta : deltas(seen)) {
    auto* content = delta.as_object().if_contains("content");
    if (content && content->is_string() && !delta.as_object().contains("role"))
      found.emplace_back(content->as_string());
  }
  return found;
}

TEST(Script, DelayMsComesBeforeTheFirstByte) {
  TestSim sim;
  auto start = Clock::now();
  EXPECT_EQ(sim.chat(kHello, R"({"delay_ms":100})").status, 200);
  EXPECT_GE(ms_since(start), 95);
}

TEST(Script, EventDelayMsComesBetweenEvents) {
  TestSim sim;
  auto start = Clock::now();
  auto seen = sim.chat(kHelloStream, R"({"event_delay_ms":20,"text":"a b"})");
  EXPECT_EQ(seen.events().size(), 5U);
  EXPECT_GE(ms_since(start), 75);
}

TEST(Script, EventsIsTheNumberOfContentEvents) {
  TestSim sim;
  EXPECT_EQ(contents(sim.chat(kHelloStream, R"({"events":64})")).size(), 64U);
  EXPECT_EQ(contents(sim.chat(kHelloStream, R"({"events":2,"text":"a b c d"})")),
            (std::vector<std::string>{"a b", " c d"}));
  EXPECT_EQ(contents(sim.chat(kHelloStream, R"({"events":3,"text":"ab"})")), (std::vector<std::string>{"a", "b", ""}));
  EXPECT_EQ(contents(sim.chat(kHelloStream, R"({"events":0})")).size(), 0U);
}

TEST(Script, TextReplacesTheEcho) {
  TestSim sim;
  EXPECT_EQ(sim.chat(kHello, R"({"text":"so"})").json().at("choices").at(0).at("message").at("content").as_string(),
            "so");
}

TEST(Script, SizeMakesATextOfSoManyBytes) {
  TestSim sim;
  auto seen = sim.chat(kHello, R"({"size":100000})");
  EXPECT_EQ(seen.json().at("choices").at(0).at("message").at("content").as_string(), std::string(100000, 'x'));
}

TEST(Script, NonceIsInEveryContentEvent) {
  TestSim sim;
  EXPECT_EQ(contents(sim.chat(kHelloStream, R"({"text":"a b","nonce":"#7"})")),
            (std::vector<std::string>{"a#7", " b#7"}));
}

TEST(Script, ReasoningComesBeforeTheContent) {
  TestSim sim;
  auto found = deltas(sim.chat(kHelloStream, R"({"text":"a","reasoning":"let me"})"));
  ASSERT_EQ(found.size(), 5U);
  EXPECT_EQ(found[1].at("reasoning_content").as_string(), "let");
  EXPECT_EQ(found[2].at("reasoning_content").as_string(), " me");
  EXPECT_EQ(found[3].at("content").as_string(), "a");
  auto message = sim.chat(kHello, R"({"text":"a","reasoning":"let me"})").json().at("choices").at(0).at("message");
  EXPECT_EQ(message.at("reasoning_content").as_string(), "let me");
}

// The arguments of each call, put together from the fragments of a stream.
std::map<std::int64_t, std::string> arguments(const Seen& seen, std::size_t& events) {
  std::map<std::int64_t, std::string> found;
  events = 0;
  for (const auto& delta : deltas(seen)) {
    auto* calls = delta.as_object().if_contains("tool_calls");
    if (!calls) continue;
    ++events;
    for (const auto& call : calls->as_array()) {
      found[call.at("index").as_int64()] += call.at("function").at("arguments").as_string();
    }
  }
  return found;
}

TEST(Script, ToolStyleDecidesHowCallsAreCutIntoEvents) {
  TestSim sim;
  struct Case {
    std::string style;
    std::size_t events;
  };
  // {"city":"Oslo"} has 15 bytes: two fragments; "{}" has one; each call has an opening event.
  for (const Case& one : {Case{"fragments", 5}, Case{"whole", 2}, Case{"with_finish", 1}, Case{"together", 1}}) {
    auto script =
        R"({"tool_calls":[{"name":"a","arguments":{"city":"Oslo"}},{"name":"b","arguments":"{}"}],"tool_style":")" +
        one.style + "\"}";
    auto seen = sim.chat(kHelloStream, script);
    std::size_t events = 0;
    auto found = arguments(seen, events);
    EXPECT_EQ(events, one.events) << one.style;
    EXPECT_EQ(found[0], R"({"city":"Oslo"})") << one.style;
    EXPECT_EQ(found[1], "{}") << one.style;
    auto list = seen.events();
    auto finish = bj::parse(list[list.size() - 2]).at("choices").at(0);
    EXPECT_EQ(finish.at("finish_reason").as_string(), "tool_calls");
    EXPECT_EQ(finish.at("delta").as_object().contains("tool_calls"), one.style == "with_finish");
  }
}

TEST(Script, FinishReasonIsAsSaid) {
  TestSim sim;
  EXPECT_EQ(
      sim.chat(kHello, R"({"finish_reason":"length"})").json().at("choices").at(0).at("finish_reason").as_string(),
      "length");
}

TEST(Script, UsageIsAsSaidOrLeftOut) {
  TestSim sim;
  EXPECT_EQ(sim.chat(kHello, R"({"usage":{"prompt_tokens":7}})").json().at("usage").at("prompt_tokens").as_int64(), 7);
  EXPECT_FALSE(sim.chat(kHello, R"({"usage":null})").json().as_object().contains("usage"));
  EXPECT_EQ(sim.chat(kHelloStreamUsage, R"({"usage":null})").body.find("usage"), std::string::npos);
}

TEST(Script, UsageStyleDecidesWhereItStands) {
  TestSim sim;
  auto finish = sim.chat(kHelloStreamUsage, R"({"usage_style":"finish","text":"a"})").events();
  ASSERT_EQ(finish.size(), 4U);
  EXPECT_EQ(bj::parse(finish[2]).at("usage").at("prompt_tokens").as_int64(), 3);
  auto always = sim.chat(kHelloStream, R"({"usage_style":"always","text":"a"})").events();
  ASSERT_EQ(always.size(), 5U);
  EXPECT_EQ(bj::parse(always[3]).at("usage").at("prompt_tokens").as_int64(), 3);
  EXPECT_FALSE(bj::parse(always[1]).as_object().contains("usage"));
}

TEST(Script, StatusAnswersWithAnErrorBody) {
  TestSim sim;
  auto seen = sim.chat(kHello, R"({"status":429,"headers":{"retry-after":"3","x-request-id":"mine"}})");
  EXPECT_EQ(seen.status, 429);
  EXPECT_EQ(seen.json().at("error").at("code").as_string(), "rate_limit_exceeded");
  EXPECT_EQ(seen.headers["retry-after"], "3");
  EXPECT_EQ(seen.headers["x-request-id"], "mine");
  EXPECT_EQ(sim.chat(kHello, R"({"status":599})").json().at("error").at("type").as_string(), "server_error");
}

TEST(Script, ErrorIsTheBody) {
  TestSim sim;
  auto object = sim.chat(kHello, R"({"status":400,"error":{"message":"flat"}})");
  EXPECT_EQ(object.body, R"({"message":"flat"})");
  auto html = sim.chat(kHello, R"({"status":502,"error":"<html>bad</html>"})");
  EXPECT_EQ(html.status, 502);
  EXPECT_EQ(html.headers["content-type"], "text/html");
  EXPECT_EQ(html.body, "<html>bad</html>");
}

TEST(Script, ErrorAfterSendsAnErrorEventAndCloses) {
  TestSim sim;
  TestPeer peer(sim.port);
  peer.request("POST", "/v1/chat/completions", kHelloStream,
               "x-sim: {\"error_after\":2,\"error\":{\"message\":\"oh\"}}\r\n");
  auto seen = peer.answer();
  auto events = seen.events();
  ASSERT_EQ(events.size(), 4U);
  EXPECT_EQ(events[3], R"({"error":{"message":"oh"}})");
  EXPECT_TRUE(seen.complete);
  EXPECT_TRUE(peer.read_some().empty());
  EXPECT_FALSE(peer.timed_out());
  EXPECT_EQ(sim.chat(kHelloStream, R"({"error_after":0})").events().size(), 2U);
}

TEST(Script, BodyIsSentAsItIs) {
  TestSim sim;
  auto seen = sim.chat(kHello, R"({"body":"not json","content_type":"text/x"})");
  EXPECT_EQ(seen.body, "not json");
  EXPECT_EQ(seen.headers["content-type"], "text/x");
}

TEST(Script, SseIsSentAsItIs) {
  TestSim sim;
  auto seen = sim.chat(kHelloStream, R"({"sse":"data: a\r\n\r\n: c\n\n"})");
  EXPECT_EQ(seen.body, "data: a\r\n\r\n: c\n\n");
  EXPECT_EQ(seen.headers["content-type"], "text/event-stream; charset=utf-8");
}

TEST(Script, ChunkWritesTheBodyInPieces) {
  TestSim sim;
  auto whole = sim.chat(kHelloStream, R"({"text":"a b"})");
  auto seen = sim.chat(kHelloStream, R"({"text":"a b","chunk":7})");
  EXPECT_EQ(seen.body.size(), whole.body.size());
  ASSERT_GT(seen.chunks.size(), 10U);
  for (std::size_t i = 0; i + 1 < seen.chunks.size(); ++i) EXPECT_EQ(seen.chunks[i].size(), 7U);
  EXPECT_EQ(sim.chat(kHello, R"({"chunk":1})").json().at("object").as_string(), "chat.completion");
}

TEST(Script, ChunkDelayMsComesBetweenThePieces) {
  TestSim sim;
  auto start = Clock::now();
  sim.chat(kHello, R"({"body":"abcd","chunk":1,"chunk_delay_ms":25})");
  EXPECT_GE(ms_since(start), 70);
}

TEST(Script, SplitCutsTheBodyOnce) {
  TestSim sim;
  auto seen = sim.chat(kHelloStream, R"({"sse":"data: abc\n\n","split":3})");
  EXPECT_EQ(seen.chunks.size(), 0U);  // a body of known length
  EXPECT_EQ(seen.body, "data: abc\n\n");
  EXPECT_EQ(sim.chat(kHelloStream, R"({"split":30})").chunks.at(0).size(), 30U);
}

TEST(Script, BreakAtAcceptGivesNoByte) {
  TestSim sim;
  auto closed = sim.chat(kHello, R"({"break":{"at":"accept","how":"close"}})");
  EXPECT_EQ(closed.status, 0);
  EXPECT_FALSE(closed.reset);
  auto reset = sim.chat(kHello, R"({"break":{"at":"accept","how":"reset"}})");
  EXPECT_EQ(reset.status, 0);
  EXPECT_TRUE(reset.reset);
}

TEST(Script, BreakAtHeadGivesTheHeadAlone) {
  TestSim sim;
  for (auto body : {kHello, kHelloStream}) {
    auto seen = sim.chat(body, R"({"break":{"at":"head","how":"close"}})");
    EXPECT_EQ(seen.status, 200);
    EXPECT_EQ(seen.body, "");
    EXPECT_FALSE(seen.complete);
    EXPECT_TRUE(sim.chat(body, R"({"break":{"at":"head","how":"end"}})").complete);
  }
}

TEST(Script, BreakAtBodyGivesSoManyContentEvents) {
  TestSim sim;
  auto closed = sim.chat(kHelloStream, R"({"break":{"at":"body","after":2,"how":"close"}})");
  EXPECT_EQ(contents(closed).size(), 2U);
  EXPECT_FALSE(closed.complete);
  auto ended = sim.chat(kHelloStream, R"({"break":{"at":"body","after":2,"how":"end"}})");
  EXPECT_EQ(contents(ended).size(), 2U);
  EXPECT_TRUE(ended.complete);
  EXPECT_EQ(ended.body.find("[DONE]"), std::string::npos);
  auto reset = sim.chat(kHelloStream, R"({"break":{"at":"body","after":9,"how":"reset"}})");
  EXPECT_FALSE(reset.complete);
  EXPECT_EQ(reset.body.find("finish_reason\":\"stop"), std::string::npos);
}

TEST(Script, BreakAtBodyCutsAWholeBody) {
  TestSim sim;
  auto closed = sim.chat(kHello, R"({"break":{"at":"body","after":10,"how":"close"}})");
  EXPECT_EQ(closed.body.size(), 10U);
  EXPECT_FALSE(closed.complete);
  auto ended = sim.chat(kHello, R"({"break":{"at":"body","after":10,"how":"end"}})");
  EXPECT_EQ(ended.body.size(), 10U);
  EXPECT_TRUE(ended.complete);
}

TEST(Script, AHangingBreakEndsWhenThePeerLeaves) {
  TestSim sim;
  std::int64_t aborted = 0;
  for (std::string at : {"accept", "head", "body"}) {
    TestPeer peer(sim.port);
    peer.request("POST", "/v1/chat/completions", kHelloStream,
                 R"(x-sim: {"break":{"at":")" + at + "\",\"how\":\"hang\"}}\r\n");
    ASSERT_TRUE(sim.reaches("in_flight", 1)) << at;
    peer.leave();
    ASSERT_TRUE(sim.reaches("aborted", ++aborted)) << at;
    EXPECT_EQ(sim.stats().at("in_flight").as_int64(), 0);
  }
  EXPECT_GT(sim.stats().at("last_abort_us").as_int64(), 0);
}

TEST(Script, ALeavingPeerIsNoticedDuringDelays) {
  TestSim sim;
  std::int64_t aborted = 0;
  for (std::string_view script : {R"({"delay_ms":60000})", R"({"event_delay_ms":60000})", R"({"silence":60000})",
                                  R"({"chunk":1,"chunk_delay_ms":60000})"}) {
    TestPeer peer(sim.port);
    peer.request("POST", "/v1/chat/completions", kHelloStream, "x-sim: " + std::string(script) + "\r\n");
    ASSERT_TRUE(sim.reaches("in_flight", 1)) << script;
    peer.leave();
    EXPECT_TRUE(sim.reaches("aborted", ++aborted)) << script;
  }
}

std::string unzip(const Seen& seen) {
  return http::decode_all("gzip", seen.body, 1 << 20).value_or("cannot decode");
}

TEST(Script, GzipWholeCompressesTheBody) {
  TestSim sim;
  for (auto body : {kHello, kHelloStream}) {
    auto seen = sim.chat(body, R"({"gzip":"whole"})");
    EXPECT_EQ(seen.headers["content-encoding"], "gzip");
    EXPECT_NE(unzip(seen).find("hello"), std::string::npos);
  }
}

TEST(Script, GzipEventCanBeDecodedAfterEveryEvent) {
  TestSim sim;
  auto seen = sim.chat(kHelloStream, R"({"gzip":"event","text":"a b"})");
  ASSERT_EQ(seen.chunks.size(), 5U);
  auto decoder = http::make_decoder("gzip", 1 << 20);
  std::string text;
  for (const auto& chunk : seen.chunks) {
    ASSERT_TRUE(decoder->feed(chunk, text));
    EXPECT_TRUE(text.ends_with("\n\n"));
  }
  EXPECT_TRUE(decoder->ended());
}

TEST(Script, ContentLengthIsSentWhateverTheLengthIs) {
  TestSim sim;
  auto seen = sim.chat(kHello, R"({"body":"abc","content_length":10})");
  EXPECT_EQ(seen.headers["content-length"], "10");
  EXPECT_EQ(seen.body, "abc");
  EXPECT_FALSE(seen.complete);
}

TEST(Script, SilenceSendsCommentsOnly) {
  TestSim sim;
  TestPeer peer(sim.port);
  peer.request("POST", "/v1/chat/completions", kHelloStream, "x-sim: {\"silence\":20}\r\n");
  std::string got;
  while (got.size() < 500) {
    auto bytes = peer.read_some();
    ASSERT_FALSE(bytes.empty());
    got += bytes;
  }
  EXPECT_EQ(got.find("data:"), std::string::npos);
  EXPECT_NE(got.find(": silence\n\n"), std::string::npos);
}

TEST(Script, RejectRefusesFieldsThatArePresent) {
  TestSim sim;
  auto seen = sim.chat(kHelloStreamUsage, R"({"reject":["stream_options"]})");
  EXPECT_EQ(seen.status, 400);
  EXPECT_EQ(seen.json().at("error").at("code").as_string(), "unsupported_parameter");
  EXPECT_EQ(seen.json().at("error").at("param").as_string(), "stream_options");
  EXPECT_EQ(sim.chat(kHelloStream, R"({"reject":["stream_options"]})").status, 200);
}

TEST(Script, NoDoneLeavesOutTheEnd) {
  TestSim sim;
  auto seen = sim.chat(kHelloStream, R"({"no_done":true})");
  EXPECT_TRUE(seen.complete);
  EXPECT_EQ(seen.body.find("[DONE]"), std::string::npos);
}

TEST(Script, SequenceGoesOnWithEachRequestAndRepeatsItsLast) {
  TestSim sim;
  constexpr std::string_view kScript = R"({"text":"t","sequence":[{"status":500},{"status":503},{}]})";
  EXPECT_EQ(sim.chat(kHello, kScript).status, 500);
  EXPECT_EQ(sim.chat(kHello, kScript).status, 503);
  EXPECT_EQ(sim.chat(kHello, kScript).status, 200);
  auto last = sim.chat(kHello, kScript);
  EXPECT_EQ(last.json().at("choices").at(0).at("message").at("content").as_string(), "t");
}

TEST(Script, ComesInTheModelNameToo) {
  TestSim sim;
  auto seen = sim.call("POST", "/v1/chat/completions",
                       R"({"model":"sim:{\"text\":\"hey\"}","messages":[{"role":"user","content":"x"}]})");
  EXPECT_EQ(seen.json().at("choices").at(0).at("message").at("content").as_string(), "hey");
}

TEST(Script, MistakesAreSaid) {
  TestSim sim;
  auto seen = sim.chat(kHello, R"({"evnts":1})");
  EXPECT_EQ(seen.status, 400);
  EXPECT_EQ(seen.json().at("error").at("code").as_string(), "invalid_script");
  EXPECT_NE(seen.body.find("evnts"), std::string::npos);
}

}  // namespace
}  // namespace sluice::sim::delivery_test
