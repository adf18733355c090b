#include "dialect/openai/answer.h"

#include <gtest/gtest.h>

#include "dialect/openai/answer_fixture_test.h"
#include "json/reader.h"

namespace sluice::dialect::openai::answer_test {
namespace {

using chat::EventKind;
using View = ReadOptions::Usage;
using testing::Case;
using testing::cases;
using testing::expect_finish;
using testing::expect_usage;

constexpr std::size_t kLimit = 1 << 20;

// A stream's outcome, owned, so that outcomes of several cuttings can be compared.
struct Outcome {
  std::vector<std::pair<EventKind, std::string>> events;
  chat::Usage usage;
  std::string model, id, tier, finish_reason;
  bool complete = false;
  std::optional<FaultKind> fault;
  std::string told, code;
  bool operator==(const Outcome&) const = default;

  std::string wire() const {
    std::string out;
    for (const auto& [kind, wire] : events) out += wire;
    return out;
  }
};

Outcome replay(std::string_view stream, const std::vector<std::size_t>& sizes = {}, View view = View::kShow,
               Kind kind = Kind::kChat) {
  json::Reader reader;
  chat::Learned learned;
  Answer answer(kind, {.usage = view, .pieces = ReadOptions::Pieces::kSkip, .max_event_bytes = kLimit}, learned,
                reader);
  Outcome outcome;
  auto note = [&](const Result<std::span<const chat::Event>>& result) {
    for (const chat::Event& event : answer.last_events()) outcome.events.emplace_back(event.kind, event.wire);
    if (result) return true;
    outcome.fault = result.error().kind;
    outcome.told = result.error().told;
    outcome.code = result.error().code;
    return false;
  };
  bool going = true;
  auto feed = [&](std::string_view bytes) {
    const std::string copy(bytes);  // so that a view into an older chunk is found by the sanitizer
    going = going && note(answer.feed(copy));
  };
  for (std::size_t size : sizes) {
    feed(stream.substr(0, size));
    stream.remove_prefix(std::min(size, stream.size()));
  }
  if (!stream.empty()) feed(stream);
  if (going) note(answer.finish());
  outcome.usage = learned.usage;
  outcome.model = learned.model;
  outcome.id = learned.id;
  outcome.tier = learned.service_tier;
  outcome.finish_reason = learned.finish_reason;
  outcome.complete = answer.complete();
  return outcome;
}

std::string framed(std::string_view json) {
  return "data: " + std::string(json) + "\n\n";
}

EventKind kind_of(std::string_view json, Kind kind = Kind::kChat) {
  const Outcome outcome = replay(framed(json), {}, View::kShow, kind);
  EXPECT_EQ(outcome.events.size(), outcome.fault ? 1u : 2u) << json;  // the end of a whole stream is made
  return outcome.events.empty() ? EventKind::kOther : outcome.events[0].first;
}

EventKind kind_of_delta(std::string_view delta) {
  return kind_of(R"({"choices":[{"index":0,"delta":)" + std::string(delta) + R"(,"finish_reason":null}]})");
}

TEST(OpenAiAnswer, ReadsEveryRecordedStream) {
  std::size_t streams = 0;
  for (const auto& test : cases()) {
    if (!test->stream) continue;
    ++streams;
    const Outcome outcome = replay(test->body);
    const auto error = test->expect["error"];
    if (error.error()) {
      EXPECT_FALSE(outcome.fault) << test->id << outcome.told;
      EXPECT_TRUE(outcome.complete) << test->id;
      EXPECT_EQ(outcome.wire(), test->body) << test->id;
      EXPECT_EQ(outcome.events.back(), std::pair(EventKind::kFinish, std::string("data: [DONE]\n\n"))) << test->id;
      expect_usage(*test, outcome.usage);
      expect_finish(*test, outcome.finish_reason);
    } else if (test->text("/error/kind") == "truncated") {
      EXPECT_EQ(outcome.fault, FaultKind::kTruncated) << test->id;
      EXPECT_EQ(outcome.wire(), test->body) << test->id;
    } else {
      EXPECT_EQ(outcome.fault, FaultKind::kProviderError) << test->id;
      EXPECT_EQ(outcome.code, test->text("/error/code").value_or("")) << test->id;
      EXPECT_TRUE(test->body.starts_with(outcome.wire())) << test->id;
    }
  }
  EXPECT_EQ(streams, 12u);
}

TEST(OpenAiAnswer, GivesTheSameForEveryCutting) {
  for (const auto& test : cases()) {
    if (!test->stream) continue;
    for (View view : {View::kShow, View::kHide}) {
      const Outcome whole = replay(test->body, {}, view);
      EXPECT_EQ(replay(test->body, std::vector<std::size_t>(test->body.size(), 1), view), whole) << test->id;
      for (std::size_t cut = 0; cut <= test->body.size(); ++cut) {
        ASSERT_EQ(replay(test->body, {cut}, view), whole) << test->id << " cut at " << cut;
      }
    }
  }
}

TEST(OpenAiAnswer, NeverTakesABrokenOffStreamForAWholeOne) {
  for (const auto& test : cases()) {
    if (!test->stream || !test->expect["error"].error()) continue;
    const std::size_t finish = test->body.rfind("\"finish_reason\":\"");
    for (std::size_t size = 0; size < finish; size += 3) {
      EXPECT_EQ(replay(test->body.substr(0, size)).fault, FaultKind::kTruncated) << test->id << " after " << size;
    }
  }
}

TEST(OpenAiAnswer, HidesUsageAndNothingElse) {
  const Case& test = testing::find_case("openai-chat/text_stream");
  std::string expected = test.body;
  for (std::size_t at; (at = expected.find(",\"usage\":null")) != std::string::npos;) expected.erase(at, 13);
  const std::size_t chunk = expected.rfind("data: {");
  expected.erase(chunk, expected.rfind("data: [DONE]") - chunk);
  const Outcome outcome = replay(test.body, {}, View::kHide);
  EXPECT_EQ(outcome.wire(), expected);
  expect_usage(test, outcome.usage);
}

TEST(OpenAiAnswer, CutsUsageFromAChunkThatHoldsMore) {
  const auto hidden = [](std::string_view json) { return replay(framed(json), {}, View::kHide).wire(); };
  EXPECT_EQ(hidden(R"({"choices":[{"delta":{}}],"usage":{"prompt_tokens":1}})"),
            framed(R"({"choices":[{"delta":{}}]})"));
  EXPECT_EQ(hidden(R"({"usage":null, "choices":[{"delta":{}}]})"), framed(R"({"choices":[{"delta":{}}]})"));
  EXPECT_EQ(hidden(R"({"a":1 , "usage" : null , "choices":[{}]})"), framed(R"({"a":1 , "choices":[{}]})"));
  EXPECT_EQ(hidden(R"({"choices":[],"usage":null})"), framed(R"({"choices":[]})"));
  for (auto usage : {"{}", R"({"prompt_tokens":-1})", R"({"prompt_tokens":"?"})"})
    EXPECT_EQ(hidden(R"({"choices":[],"usage":)" + std::string(usage) + "}"), "") << usage;
  EXPECT_EQ(hidden(R"({"usage":null})"), framed("{}"));
  EXPECT_EQ(hidden(R"({"us\u0061ge":null,"x":1})"), framed(R"({"x":1})"));
  EXPECT_EQ(hidden(R"({"choices":[{"delta":{"content":"\"usage\":null"}}]})"),
            framed(R"({"choices":[{"delta":{"content":"\"usage\":null"}}]})"));
}

TEST(OpenAiAnswer, CutsUsageFromDataOfSeveralLinesAndKeepsFraming) {
  EXPECT_EQ(replay("event: e\r\ndata: {\"a\":1,\r\ndata: \"usage\":null}\r\n\r\n", {}, View::kHide).wire(),
            "event: e\ndata: {\"a\":1}\n\n");
  EXPECT_EQ(replay(": c\r\ndata:{\"a\":1,\"usage\":null}\r\n\r\n", {}, View::kHide).wire(),
            ": c\r\ndata:{\"a\":1}\r\n\r\n");
}

TEST(OpenAiAnswer, HidesUsageOnlyWhereItCanBeAskedFor) {
  const std::string stream = framed(R"({"type":"speech.audio.done","usage":{"input_tokens":1,"output_tokens":2}})");
  EXPECT_EQ(replay(stream, {}, View::kHide, Kind::kSpeech).wire(), stream);
}

TEST(OpenAiAnswer, TellsPreambleFromContent) {
  for (std::string_view delta : {"{}", R"({"role":"assistant"})", R"({"role":"assistant","content":"","refusal":null})",
                                 R"({"content":null})", R"({"content":[]})", R"({"reasoning_content":""})",
                                 R"({"tool_calls":[ ]})", R"({"function_call":null})", "null"}) {
    EXPECT_EQ(kind_of_delta(delta), EventKind::kPreamble) << delta;
  }
  for (std::string_view delta :
       {R"({"content":"a"})", R"({"content":[{"type":"thinking"}]})", R"({"reasoning_content":"a"})",
        R"({"reasoning":"a"})", R"({"refusal":"a"})", R"({"tool_calls":[{"index":0}]})",
        R"({"function_call":{"name":"f"}})", R"({"audio":{"id":"a"}})", R"({"content":"","new_thing":{"a":1}})"}) {
    EXPECT_EQ(kind_of_delta(delta), EventKind::kContent) << delta;
  }
  EXPECT_EQ(kind_of(R"({"choices":[],"prompt_filter_results":[{}]})"), EventKind::kPreamble);
  const std::string usage = R"({"choices":[],"usage":{"prompt_tokens":1}})";
  EXPECT_EQ(kind_of(usage), EventKind::kPreamble);
  EXPECT_EQ(replay(framed(R"({"choices":[{"index":0,"delta":{}}]})") + framed(usage)).events.back().first,
            EventKind::kOther);
  EXPECT_EQ(kind_of(R"({"choices":[{"index":0,"content_filter_offsets":{}}]})"), EventKind::kOther);
  EXPECT_EQ(kind_of(R"({"choices":[{"delta":{},"finish_reason":"stop"}]})"), EventKind::kFinish);
  EXPECT_EQ(kind_of(R"({"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]})"), EventKind::kContent);
  EXPECT_EQ(kind_of(R"({"choices":[{"text":"a","finish_reason":null}]})", Kind::kCompletions), EventKind::kContent);
  EXPECT_EQ(replay(": keep-alive\n\n").events[0].first, EventKind::kPreamble);
  EXPECT_EQ(kind_of("7"), EventKind::kPreamble);
  EXPECT_EQ(replay("data:\n\n").events[0].first, EventKind::kOther);
}

TEST(OpenAiAnswer, IsCompleteWhenEachBegunChoiceEnded) {
  const std::string begin = framed(R"({"choices":[{"index":0,"delta":{}},{"index":1,"delta":{}}]})");
  const std::string end0 = framed(R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})");
  const std::string end1 = framed(R"({"choices":[{"index":1,"delta":{},"finish_reason":"length"}]})");
  EXPECT_EQ(replay(begin + end0).fault, FaultKind::kTruncated);
  EXPECT_EQ(replay(begin + end0 + end0).fault, FaultKind::kTruncated);
  EXPECT_FALSE(replay(begin + end0 + end1).fault);
  EXPECT_EQ(replay(begin + end0 + end1).wire(), begin + end0 + end1 + "data: [DONE]\n\n");
  EXPECT_FALSE(replay(begin + "data: [DONE]\n\n").fault);
  EXPECT_EQ(replay("").fault, FaultKind::kTruncated);
  EXPECT_EQ(replay(framed(R"({"choices":[{"index":0,"delta":{},"finish_reason":""}]})")).fault, FaultKind::kTruncated);
}

TEST(OpenAiAnswer, IsNoneWithoutAnyChoice) {
  const std::string done = "data: [DONE]\n\n";
  const std::string usage = framed(R"({"choices":[],"usage":{"prompt_tokens":4,"completion_tokens":2}})");
  for (const std::string& stream : {done, ": ping\n\n" + done, framed("{}") + done, framed(R"({"choices":[]})") + done,
                                    framed(R"({"choices":null})") + done, usage + done}) {
    for (Kind kind : {Kind::kChat, Kind::kCompletions}) {
      const Outcome outcome = replay(stream, {}, View::kShow, kind);
      EXPECT_EQ(outcome.fault, FaultKind::kProviderProtocol) << stream;
      EXPECT_EQ(outcome.wire().find("[DONE]"), std::string::npos) << stream;
      for (const auto& event : outcome.events) EXPECT_EQ(event.first, EventKind::kPreamble) << stream;
    }
  }
  EXPECT_EQ(replay("data: [DONE]").fault, FaultKind::kTruncated);
  const std::string silent = R"({"choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}]})";
  EXPECT_FALSE(replay(framed(silent) + done).fault);
}

TEST(OpenAiAnswer, IsNoneOfOtherEndpointsWithoutAnyContent) {
  const std::string done = "data: [DONE]\n\n";
  const std::pair<Kind, std::string> kContents[]{
      {Kind::kSpeech, R"({"type":"speech.audio.delta","audio":"aaaa"})"},
      {Kind::kTranscriptions, R"({"type":"transcript.text.delta","delta":"a"})"},
      {Kind::kImageGenerations, R"({"type":"image_generation.partial_image","b64_json":"a"})"},
      {Kind::kImageEdits, R"({"type":"image_edit.completed","b64_json":"a"})"}};
  for (const auto& [kind, content] : kContents) {
    for (const std::string& stream : {done, framed(R"({"type":"unknown"})") + done}) {
      EXPECT_EQ(replay(stream, {}, View::kShow, kind).fault, FaultKind::kProviderProtocol) << content;
    }
    EXPECT_FALSE(replay(framed(content) + done, {}, View::kShow, kind).fault) << content;
  }
}

TEST(OpenAiAnswer, FollowsOnlySoManyChoices) {
  std::string stream;
  for (int i = 0; i < 2000; ++i) {
    stream += framed(R"({"choices":[{"index":)" + std::to_string(i) + R"(,"delta":{},"finish_reason":"stop"}]})");
  }
  EXPECT_EQ(replay(stream).fault, FaultKind::kTruncated);
  EXPECT_FALSE(replay(stream + "data: [DONE]\n\n").fault);
}

TEST(OpenAiAnswer, KnowsTheTerminalEventsOfOtherEndpoints) {
  const std::pair<Kind, std::string> kEnds[]{
      {Kind::kSpeech, R"({"type":"speech.audio.done","usage":{"input_tokens":3,"output_tokens":9,"total_tokens":12}})"},
      {Kind::kTranscriptions,
       R"({"type":"transcript.text.done","text":"x","usage":{"type":"tokens","input_tokens":3,"output_tokens":9,"input_token_details":{"audio_tokens":2}}})"},
      {Kind::kImageGenerations,
       R"({"type":"image_generation.completed","b64_json":"x","usage":{"input_tokens":3,"output_tokens":9}})"},
      {Kind::kImageEdits,
       R"({"type":"image_edit.completed","b64_json":"x","usage":{"input_tokens":3,"output_tokens":9}})"},
  };
  for (const auto& [kind, json] : kEnds) {
    const Outcome outcome = replay(framed(json), {}, View::kShow, kind);
    EXPECT_FALSE(outcome.fault) << json;
    EXPECT_EQ(outcome.usage.input, 3u) << json;
    EXPECT_EQ(outcome.usage.output, 9u) << json;
    EXPECT_EQ(outcome.usage.audio_input, kind == Kind::kTranscriptions ? 2u : 0u) << json;
  }
  EXPECT_EQ(kind_of(R"({"type":"transcript.text.delta","delta":"a"})", Kind::kTranscriptions), EventKind::kContent);
  EXPECT_EQ(kind_of(R"({"type":"image_edit.partial_image","b64_json":"a"})", Kind::kImageEdits), EventKind::kContent);
  EXPECT_EQ(replay(framed(R"({"type":"speech.audio.done"})")).fault, FaultKind::kTruncated) << "no chat stream ends so";
}

TEST(OpenAiAnswer, ReportsErrorsInTheShapesSeen) {
  for (std::string_view event :
       {R"(data: {"error":{"message":"Boom sk-abcdefgh12345678","code":502}})",
        R"(data: {"error":"Boom sk-abcdefgh12345678","code":502})",
        R"(data: {"object":"error","message":"Boom sk-abcdefgh12345678","code":502})",
        R"(data: {"choices":[],"x_groq":{"error":{"message":"Boom sk-abcdefgh12345678","code":502}}})",
        "event: error\ndata: {\"message\":\"Boom sk-abcdefgh12345678\",\"code\":502}"}) {
    const Outcome outcome = replay(framed(R"({"choices":[]})") + std::string(event) + "\n\n" + "data: [DONE]\n\n");
    EXPECT_EQ(outcome.fault, FaultKind::kProviderError) << event;
    EXPECT_EQ(outcome.told, "Boom ***") << event;
    EXPECT_EQ(outcome.code, "502") << event;
    EXPECT_EQ(outcome.events.size(), 1u) << event;
  }
  EXPECT_FALSE(replay(framed(R"({"choices":[{"delta":{}}],"error":null})") + "data: [DONE]\n\n").fault);
  EXPECT_FALSE(replay(framed(R"({"choices":[{"delta":{}}],"error":{}})") + "data: [DONE]\n\n").fault);
}

TEST(OpenAiAnswer, RefusesWhatIsNotJsonAndEventsAboveTheLimit) {
  EXPECT_EQ(replay("data: {\"a\":\n\n").fault, FaultKind::kProviderProtocol);
  EXPECT_EQ(replay("data: {\"a\":1}}\n\n").fault, FaultKind::kProviderProtocol);
  EXPECT_EQ(replay("data: {\"a\":[1 2]}\n\n").fault, FaultKind::kProviderProtocol);
  const Outcome large = replay("data: " + std::string(kLimit, ' ') + "\n\n");
  EXPECT_EQ(large.fault, FaultKind::kProviderProtocol);
  EXPECT_EQ(large.told, "An event of the provider's stream is larger than 1MiB (limits.event).");
}

TEST(OpenAiAnswer, ReadsALastEventWithoutItsBlankLineAndClosesIt) {
  const std::string end = R"(data: {"choices":[{"delta":{},"finish_reason":"stop"}],"usage":null})";
  const Outcome outcome = replay(end);
  EXPECT_FALSE(outcome.fault);
  EXPECT_EQ(outcome.wire(), end + "\n\ndata: [DONE]\n\n");
  EXPECT_EQ(replay(end + "\n").wire(), end + "\n\ndata: [DONE]\n\n");
  EXPECT_EQ(replay(end, {}, View::kHide).wire(),
            "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");
  const std::string begin = framed(R"({"choices":[{"index":0,"delta":{}}]})");
  EXPECT_FALSE(replay(begin + "data: [DONE]").fault);
  EXPECT_EQ(replay(begin + "data: [DONE]\r\r").wire(), begin + "data: [DONE]\r\r");
  EXPECT_EQ(replay(end.substr(0, 40)).fault, FaultKind::kTruncated);
  EXPECT_EQ(replay(end.substr(0, 40)).wire(), "");
}

TEST(OpenAiUsage, IsFoundInGroqsOwnPlace) {
  const Outcome groq = replay(framed(
      R"({"choices":[{"delta":{},"finish_reason":"stop"}],"x_groq":{"usage":{"prompt_tokens":4,"completion_tokens":2}}})"));
  EXPECT_EQ(groq.usage.input, 4u);
  EXPECT_EQ(groq.usage.output, 2u);
}

TEST(OpenAiUsage, TheLastOneCountsButForAnEmptyOne) {
  const auto chunk = [](int tokens) {
    return framed(R"({"choices":[],"usage":{"prompt_tokens":)" + std::to_string(tokens) +
                  R"(,"completion_tokens":0}})");
  };
  EXPECT_EQ(replay(chunk(0) + chunk(3) + chunk(7) + chunk(0)).usage.input, 7u);
  EXPECT_EQ(replay(chunk(0)).usage.source, chat::UsageSource::kProvider);
}

TEST(OpenAiUsage, StaysWhereALaterOneDoesNotTellIt) {
  const auto chunk = [](std::string_view usage) {
    return framed(R"({"choices":[],"usage":)" + std::string(usage) + "}");
  };
  const chat::Usage usage{.source = chat::UsageSource::kProvider, .input = 100, .output = 20};
  EXPECT_EQ(replay(chunk(R"({"prompt_tokens":100})") + chunk(R"({"completion_tokens":20})")).usage, usage);
  EXPECT_EQ(replay(chunk(R"({"prompt_tokens":100})") + chunk(R"({"completion_tokens":20,"total_tokens":120})")).usage,
            usage);
  EXPECT_EQ(replay(chunk(R"({"completion_tokens":20})") + chunk(R"({"prompt_tokens":100})")).usage, usage);
  EXPECT_EQ(replay(chunk(R"({"prompt_tokens":100,"completion_tokens":1})") +
                   chunk(R"({"prompt_tokens":0,"completion_tokens":20})"))
                .usage,
            usage);
  EXPECT_EQ(replay(chunk(R"({"prompt_tokens":150,"completion_tokens":30})") +
                   chunk(R"({"prompt_tokens":100,"completion_tokens":20})"))
                .usage,
            usage)
      << "corrected";
}

TEST(OpenAiAnswer, AMessageBesideADeltaIsNoContent) {
  const std::string message = R"("message":{"content":"ab"})";
  const std::string delta = R"("delta":{"content":""},"finish_reason":"stop")";
  for (const std::string& choice : {delta + "," + message, message + "," + delta}) {
    EXPECT_EQ(kind_of(R"({"choices":[{)" + choice + "}]}"), EventKind::kFinish);
  }
}

}  // namespace
}  // namespace sluice::dialect::openai::answer_test
