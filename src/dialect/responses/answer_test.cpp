#include "dialect/responses/answer.h"

#include <gtest/gtest.h>

#include "dialect/responses/endpoint.h"
#include "dialect/responses/fixture_test.h"
#include "dialect/responses/replay_test.h"

namespace sluice::dialect::responses::answer_test {
namespace {

using namespace testing;

constexpr std::string_view kCompleted = R"("sequence_number":9,"response":{"id":"resp_1","status":"completed"})";

// ---- the cases

std::string unquoted(const std::string& json) {
  return json.size() >= 2 && json.front() == '"' ? json.substr(1, json.size() - 2) : json;
}

std::string lines_of(const std::string& pieces, std::string_view kind) {
  std::string out;
  std::size_t at = 0;
  while (at < pieces.size()) {
    const auto end = std::min(pieces.find('\n', at), pieces.size());
    const std::string line = pieces.substr(at, end - at);
    if (line.starts_with(std::string(kind) + ": ")) out += line.substr(kind.size() + 2);
    at = end + 1;
  }
  return out;
}

void check_usage(const Case& test, const chat::Usage& usage) {
  if (at(test.expect, "/usage").empty()) return;
  EXPECT_EQ(std::to_string(usage.input), at(test.expect, "/usage/input"));
  EXPECT_EQ(std::to_string(usage.cache_read), at(test.expect, "/usage/cache_read"));
  EXPECT_EQ(std::to_string(usage.cache_write), at(test.expect, "/usage/cache_write"));
  EXPECT_EQ(std::to_string(usage.output), at(test.expect, "/usage/output"));
  EXPECT_EQ(std::to_string(usage.reasoning), at(test.expect, "/usage/reasoning"));
}

void check_calls(const Case& test, const std::string& pieces) {
  std::string expected;
  for (int i = 0; !at(test.expect, "/tool_calls/" + std::to_string(i)).empty(); ++i) {
    const std::string call = "/tool_calls/" + std::to_string(i);
    const std::string custom = at(test.expect, call + "/custom_input");
    expected += "call: " + unquoted(at(test.expect, call + "/id")) + " " + unquoted(at(test.expect, call + "/name")) +
                (custom.empty() ? "" : " custom") + "\narguments: " +
                (custom.empty() ? json::escape(at(test.expect, call + "/arguments")) : unquoted(custom)) + "\n";
  }
  EXPECT_NE(pieces.find(expected), std::string::npos) << expected << "\n\n" << pieces;
}

void check(const Case& test, const Outcome& outcome) {
  SCOPED_TRACE(test.id);
  const std::string error = at(test.expect, "/error");
  EXPECT_EQ(outcome.fault.has_value(), !error.empty());
  if (!error.empty()) {
    ASSERT_TRUE(outcome.fault);
    EXPECT_EQ(outcome.fault->kind, FaultKind::kProviderError);
    EXPECT_EQ(outcome.fault->code, unquoted(at(test.expect, "/error/code")));
    EXPECT_EQ(name(outcome.fault->meaning), unquoted(at(test.expect, "/error/kind")));
    EXPECT_EQ(lines_of(outcome.pieces, "text"), unquoted(at(test.expect, "/text_before_error")));
    EXPECT_FALSE(outcome.complete);
    return;
  }
  EXPECT_TRUE(outcome.complete);
  EXPECT_EQ(lines_of(outcome.pieces, "text"), unquoted(at(test.expect, "/text")));
  EXPECT_EQ(lines_of(outcome.pieces, "refusal"), unquoted(at(test.expect, "/refusal")));
  EXPECT_EQ(lines_of(outcome.pieces, "reasoning"), unquoted(at(test.expect, "/reasoning")));
  EXPECT_EQ(lines_of(outcome.pieces, "finish"), unquoted(at(test.expect, "/finish")));
  const std::string signature = unquoted(at(test.expect, "/reasoning_signature"));
  EXPECT_TRUE(outcome.pieces.find(signature) != std::string::npos) << outcome.pieces;
  check_calls(test, outcome.pieces);
  check_usage(test, outcome.learned.usage);
}

TEST(ResponsesAnswer, CasesReadAsTheyAreMeant) {
  int seen = 0;
  for (const auto& test : cases()) {
    if (test->status != 200) continue;
    ++seen;
    check(*test, test->stream ? replay(test->body) : read_whole(test->body));
  }
  EXPECT_EQ(seen, 21);
}

TEST(ResponsesAnswer, StreamsAreTheSameHoweverTheyAreCut) {
  for (const auto& test : cases()) {
    if (!test->stream) continue;
    SCOPED_TRACE(test->id);
    const Outcome whole = replay(test->body);
    for (std::size_t chunk : {1UL, 7UL, 100UL}) {
      const Outcome cut = replay(test->body, chunk);
      EXPECT_EQ(cut.pieces, whole.pieces);
      EXPECT_EQ(cut.wire, whole.wire);
      EXPECT_EQ(cut.kinds, whole.kinds);
      EXPECT_EQ(cut.learned.usage, whole.learned.usage);
    }
    if (!whole.fault) EXPECT_EQ(whole.wire, test->body);
  }
}

TEST(ResponsesAnswer, AStreamThatEndsEarlyIsTruncated) {
  for (const auto& test : cases()) {
    if (!test->stream || !at(test->expect, "/error").empty()) continue;
    SCOPED_TRACE(test->id);
    for (auto end = test->body.find("\n\n"); end + 2 < test->body.size(); end = test->body.find("\n\n", end + 1)) {
      const Outcome cut = replay(std::string_view(test->body).substr(0, end + 2));
      ASSERT_TRUE(cut.fault);
      EXPECT_EQ(cut.fault->kind, FaultKind::kTruncated);
      EXPECT_FALSE(cut.complete);
    }
  }
}

TEST(ResponsesAnswer, WithoutPiecesTheSameIsLearned) {
  for (const auto& test : cases()) {
    if (!test->stream) continue;
    SCOPED_TRACE(test->id);
    const Outcome made = replay(test->body);
    const Outcome skipped = replay(test->body, 1 << 20, [](auto, const auto&) {}, ReadOptions::Pieces::kSkip);
    EXPECT_EQ(skipped.pieces, "");
    EXPECT_EQ(skipped.wire, made.wire);
    EXPECT_EQ(skipped.learned.usage, made.learned.usage);
    EXPECT_EQ(skipped.learned.finish, made.learned.finish);
    EXPECT_EQ(skipped.learned.next_sequence, made.learned.next_sequence);
    EXPECT_EQ(skipped.complete, made.complete);
  }
}

// ---- what is learned

TEST(ResponsesAnswer, LearnsWhoAnswered) {
  const Outcome outcome = replay(find_case("text_stream").body);
  EXPECT_EQ(outcome.learned.id, "resp_fx0003");
  EXPECT_EQ(outcome.learned.model, "gpt-5.5-2026-04-23");
  EXPECT_EQ(outcome.learned.service_tier, "default");
  EXPECT_EQ(outcome.learned.created, 1793000000);
  EXPECT_EQ(outcome.learned.finish_reason, "completed");
  EXPECT_EQ(outcome.learned.next_sequence, 11U);
}

TEST(ResponsesAnswer, LearnsTermsOfCacheWritesAndSearches) {
  EXPECT_EQ(read_whole(find_case("cached_usage").body).learned.usage.cache_write_1h, 700U);
  EXPECT_EQ(read_whole(find_case("web_search_call").body).learned.usage.tool_requests, 1U);
}

TEST(ResponsesAnswer, EventsAreOfTheirKinds) {
  // created, in_progress, item, part, three deltas, three that end, completed
  EXPECT_EQ(replay(find_case("text_stream").body).kinds, "00031113332");
}

// ---- items

TEST(ResponsesAnswer, CallsThatComeMixedComeOutOneAfterTheOther) {
  const Outcome outcome = replay(find_case("function_calls_parallel_stream").body);
  EXPECT_EQ(outcome.pieces,
            "call: call_fx_pa get_weather\n"
            R"(arguments: {\"city\":\"Oslo\",\"unit\":\"c\"})"
            "\ncall: call_fx_pb get_weather\n"
            R"(arguments: {\"city\":\"Bergen\",\"unit\":\"c\"})"
            "\nfinish: tool_calls");
}

TEST(ResponsesAnswer, AnItemThatIsOnlyEndedIsWhole) {
  const std::string events =
      event("response.output_item.done",
            R"("output_index":0,"item":{"type":"reasoning","id":"rs_1","encrypted_content":"E==","summary":[{"type":)"
            R"("summary_text","text":"a"},{"type":"summary_text","text":"b"}]})") +
      event("response.output_item.done",
            R"("output_index":1,"item":{"type":"message","content":[{"type":"output_text","text":"Hi","annotations":)"
            R"([{"type":"url_citation","url":"https://a.b","title":"T","start_index":0,"end_index":2}]}]})") +
      event("response.output_item.done",
            R"("output_index":2,"item":{"type":"function_call","call_id":"c1","name":"f","arguments":"{}"})") +
      event("response.completed", kCompleted);
  EXPECT_EQ(replay(events).pieces,
            "reasoning: a\\n\\nb\nstate: 3 E== rs_1\ntext: Hi\ncitation: https://a.b T\ncall: c1 f\narguments: {}\n"
            "finish: tool_calls");
}

TEST(ResponsesAnswer, TextThatComesWithItsEndOnlyIsSaidOnce) {
  const std::string events =
      event("response.output_item.added", R"("output_index":0,"item":{"type":"message","id":"m","content":[]})") +
      event("response.output_text.done", R"("output_index":0,"content_index":0,"text":"Hi")") +
      event("response.output_item.done",
            R"("output_index":0,"item":{"type":"message","content":[{"type":"output_text","text":"Hi"}]})") +
      event("response.completed", kCompleted);
  EXPECT_EQ(replay(events).pieces, "text: Hi\nfinish: stop");
}

TEST(ResponsesAnswer, ArgumentsThatComeWithTheirEndOnlyAreNotLost) {
  const std::string added =
      event("response.output_item.added",
            R"("output_index":0,"item":{"type":"function_call","call_id":"c1","name":"f","arguments":""})");
  const std::string done =
      event("response.function_call_arguments.done", R"("output_index":0,"arguments":"{\"a\":1}")");
  const std::string end = event("response.completed", kCompleted);
  EXPECT_EQ(replay(added + done + end).pieces, "call: c1 f\narguments: {\\\"a\\\":1}\nfinish: tool_calls");
}

TEST(ResponsesAnswer, AnAnswerThatIsOnlyCompletedIsRead) {
  const std::string events = event(
      "response.completed",
      R"("response":{"status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"Hi"}]}]})");
  EXPECT_EQ(replay(events).pieces, "text: Hi\nfinish: stop");
}

TEST(ResponsesAnswer, ServersThatLeaveIndexesOutAreRead) {
  const std::string events =
      event("response.output_item.added", R"("item":{"type":"message","content":[]})") +
      event("response.output_text.delta", R"("delta":"a")") + event("response.output_text.delta", R"("delta":"b")") +
      event("response.output_item.done",
            R"("item":{"type":"message","content":[{"type":"output_text","text":"ab"}]})") +
      event("response.output_item.added", R"("item":{"type":"function_call","call_id":"c","name":"f"})") +
      event("response.function_call_arguments.delta", R"("delta":"{}")") + event("response.completed", kCompleted);
  EXPECT_EQ(replay(events).pieces, "text: ab\ncall: c f\narguments: {}\nfinish: tool_calls");
}

TEST(ResponsesAnswer, SummariesAndReasoningOfOpenModelsAreReasoning) {
  const std::string part = R"("output_index":0,"item_id":"r",)";
  const std::string events =
      event("response.output_item.added", R"("output_index":0,"item":{"type":"reasoning","id":"r","summary":[]})") +
      event("response.reasoning_summary_part.added", part + R"("summary_index":0)") +
      event("response.reasoning_summary_text.delta", part + R"("summary_index":0,"delta":"a")") +
      event("response.reasoning_summary_part.added", part + R"("summary_index":1)") +
      event("response.reasoning_summary_text.delta", part + R"("summary_index":1,"delta":"b")") +
      event("response.output_item.done", R"("output_index":0,"item":{"type":"reasoning","id":"r","summary":[]})") +
      event("response.output_item.added", R"("output_index":1,"item":{"type":"reasoning","id":"q","summary":[]})") +
      event("response.reasoning_text.delta", R"("output_index":1,"content_index":0,"delta":"c")") +
      event("response.completed", kCompleted);
  EXPECT_EQ(replay(events).pieces, "reasoning: a\\n\\nb\nstate: 5  r\nreasoning: c\nstate: 5  \nfinish: stop");
}

TEST(ResponsesAnswer, LogprobsAreOfTheirText) {
  const std::string events =
      event("response.output_text.delta",
            R"("output_index":0,"delta":"Hi","logprobs":[{"token":"Hi","logprob":-0.1,"top_logprobs":[]}])") +
      event("response.completed", kCompleted);
  EXPECT_EQ(replay(events).pieces,
            R"(text: Hi
logprobs: {"content":[{"token":"Hi","logprob":-0.1,"top_logprobs":[]}],"refusal":null}
finish: stop)");
}

TEST(ResponsesAnswer, ItemsOfBuiltInToolsComeAsTheyAre) {
  const std::string item = R"({"type":"web_search_call","id":"ws","status":"completed","action":{}})";
  const Outcome outcome = replay(event("response.output_item.added", R"("output_index":0,"item":)" + item) +
                                 event("response.output_item.done", R"("output_index":0,"item":)" + item) +
                                 event("response.completed", kCompleted));
  EXPECT_EQ(outcome.pieces, "server: " + item + "\nfinish: stop");
  EXPECT_EQ(outcome.learned.usage.tool_requests, 1U);
}

TEST(ResponsesAnswer, CountsCallsThatAreChargedAlsoOfAStreamThatBreaksOff) {
  const auto added = [](int index, std::string_view item) {
    return event("response.output_item.added", fmt::format(R"("output_index":{},"item":{})", index, item));
  };
  const std::string begun = added(0, R"({"type":"file_search_call","id":"fs","status":"in_progress"})") +
                            added(1, R"({"type":"code_interpreter_call","id":"ci","status":"in_progress"})") +
                            added(2, R"({"type":"web_search_call","id":"ws","status":"in_progress"})") +
                            added(3, R"({"type":"function_call","id":"f","call_id":"c","name":"f"})");
  for (const auto& events : {begun, begun + event("response.completed", kCompleted)}) {
    const auto usage = replay(events).learned.usage;
    EXPECT_EQ(usage.file_searches, 1U);
    EXPECT_EQ(usage.tool_calls, 1U);
    EXPECT_EQ(usage.tool_requests, 1U);
  }
}

TEST(ResponsesAnswer, LateEventsOfAnEndedItemAreNothing) {
  const std::string done =
      event("response.output_item.done",
            R"("output_index":0,"item":{"type":"message","content":[{"type":"output_text","text":"a"}]})");
  const std::string late = event("response.output_text.delta", R"("output_index":0,"delta":"b")");
  const std::string next = event("response.output_text.delta", R"("output_index":1,"delta":"c")");
  EXPECT_EQ(replay(done + late + next + event("response.completed", kCompleted)).pieces, "text: ac\nfinish: stop");
}

// ---- ends

TEST(ResponsesAnswer, EndsForItsReasons) {
  const auto finish = [](std::string_view reason) {
    return replay(event("response.incomplete", R"("response":{"status":"incomplete","incomplete_details":{"reason":")" +
                                                   std::string(reason) + R"("}})"))
        .learned;
  };
  EXPECT_EQ(finish("max_output_tokens").finish, chat::FinishReason::kLength);
  EXPECT_EQ(finish("max_output_tokens").finish_reason, "max_output_tokens");
  EXPECT_EQ(finish("content_filter").finish, chat::FinishReason::kContentFilter);
  EXPECT_EQ(finish("steered").finish, chat::FinishReason::kStop);
}

// What it uses is told elsewhere, and later.
TEST(ResponsesAnswer, ABackgroundAnswerGoesOn) {
  EXPECT_TRUE(read_whole(R"({"id":"resp_1","status":"queued","background":true,"output":[]})").learned.goes_on);
  EXPECT_TRUE(read_whole(R"({"id":"resp_1","status":"in_progress","background":true,"output":[]})").learned.goes_on);
  EXPECT_FALSE(read_whole(R"({"id":"resp_1","status":"completed","background":true,"output":[]})").learned.goes_on);
  const auto begun = [](std::string_view background) {
    return std::string(
               "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"resp_1\",") +
           "\"status\":\"queued\",\"background\":" + std::string(background) + "}}\n\n";
  };
  EXPECT_TRUE(replay(begun("true")).learned.goes_on) << "also when nobody reads it to its end";
  EXPECT_FALSE(replay(begun("false")).learned.goes_on);
  const std::string ended =
      "event: response.completed\ndata: {\"type\":\"response.completed\"," + std::string(kCompleted) + "}\n\n";
  EXPECT_FALSE(replay(begun("true") + ended).learned.goes_on);
}

TEST(ResponsesAnswer, DoneIsNoEnd) {
  EXPECT_EQ(replay("data: [DONE]\n\n").fault->kind, FaultKind::kTruncated);
  EXPECT_FALSE(replay(event("response.completed", kCompleted) + "data: [DONE]\n\n").fault);
}

TEST(ResponsesAnswer, AFailedAnswerInsideOfASuccessIsAFault) {
  const Outcome outcome =
      read_whole(R"({"id":"resp_1","status":"failed","error":{"code":"server_error","message":"No."},"output":[]})");
  ASSERT_TRUE(outcome.fault);
  EXPECT_EQ(outcome.fault->kind, FaultKind::kProviderError);
  EXPECT_EQ(outcome.fault->told, "No.");
  EXPECT_EQ(outcome.fault->code, "server_error");
  EXPECT_EQ(outcome.fault->meaning, Meaning::kServerError);
}

TEST(ResponsesAnswer, AFailedAnswerMeansWhatItsCodeSays) {
  const auto fault = [](std::string_view code) {
    const std::string response =
        R"({"id":"resp_1","status":"failed","error":{"code":")" + std::string(code) + R"(","message":"No."}})";
    const Fault whole = *read_whole(response).fault;
    const Fault streamed = *replay(event("response.failed", R"("response":)" + response)).fault;
    EXPECT_EQ(whole.meaning, streamed.meaning);
    EXPECT_EQ(whole.retry, streamed.retry);
    return streamed;
  };
  EXPECT_EQ(fault("rate_limit_exceeded").meaning, Meaning::kRateLimit);
  EXPECT_EQ(fault("rate_limit_exceeded").retry, Retry::kSame);
  EXPECT_EQ(fault("insufficient_quota").meaning, Meaning::kQuotaExhausted);
  EXPECT_EQ(fault("insufficient_quota").retry, Retry::kOther);
  EXPECT_EQ(fault("server_error").meaning, Meaning::kServerError);
}

TEST(ResponsesAnswer, AFailedAnswerThatIsAskedForAgainIsTheAnswer) {
  json::Reader reader;
  chat::Learned learned;
  const std::string body =
      padded(R"({"id":"resp_1","status":"failed","error":{"code":"server_error","message":"No."}})");
  for (Kind kind : {Kind::kRetrieve, Kind::kCancel}) {
    auto answer = client().read_answer(Operation::kNative, &facts(kind), {}, learned, reader);
    EXPECT_TRUE(answer->read_whole(body));
  }
  auto answer = client().read_answer(Operation::kNative, &facts(Kind::kRetrieveStream), {}, learned, reader);
  EXPECT_TRUE(answer->feed(event("response.failed", R"("response":{"status":"failed","error":{"message":"No."}})")));
  EXPECT_TRUE(answer->finish());
}

TEST(ResponsesAnswer, WhatCannotBeReadIsAProtocolFault) {
  EXPECT_EQ(read_whole("<html>").fault->kind, FaultKind::kProviderProtocol);
  EXPECT_EQ(replay("data: {\"type\":\n\n").fault->kind, FaultKind::kProviderProtocol);
  std::string many;
  for (int i = 0; i < 300; ++i) {
    many += event("response.output_item.added",
                  R"("output_index":)" + std::to_string(i) + R"(,"item":{"type":"message","content":[]})");
  }
  EXPECT_EQ(replay(many).fault->kind, FaultKind::kProviderProtocol);
}

TEST(ResponsesAnswer, ShapesThatNobodyKnowsAreNoFault) {
  const std::string odd = event("response.output_item.added", R"("output_index":"x","item":[])") +
                          event("response.output_item.done", R"("item":"x")") +
                          event("response.output_text.delta", R"("delta":{"a":1},"content_index":-1)") +
                          event("response.new_thing", R"("x":[1,2])") + event("response.created", R"("response":7)") +
                          "data: 7\n\n" +
                          event("response.completed", R"("response":{"status":"completed","output":7})");
  EXPECT_FALSE(replay(odd).fault);
  EXPECT_FALSE(read_whole("[]").fault);
}

TEST(ResponsesAnswer, CountsTokens) {
  json::Reader reader;
  EXPECT_EQ(*client().read_count(padded(R"({"object":"response.input_tokens","input_tokens":12})"), reader), 12U);
  EXPECT_FALSE(client().read_count(padded("{}"), reader));
}

}  // namespace
}  // namespace sluice::dialect::responses::answer_test
