#include "dialect/gemini/answer.h"

#include "dialect/gemini/fixture_test.h"
#include "dialect/gemini/gemini.h"
#include "json/reader.h"

namespace sluice::dialect::gemini::answer_test {
namespace {

using chat::EventKind;
using chat::FinishReason;
using testing::Case;
using testing::cases;
using testing::find_case;
using testing::Heard;

// An answer's outcome, owned, so that outcomes of several cuttings can be compared.
struct Outcome {
  Heard heard;
  std::string wire;
  std::vector<EventKind> kinds;
  chat::Usage usage;
  std::string model, id, tier, finish_reason;
  FinishReason finish = FinishReason::kNone;
  bool complete = false;
  std::optional<FaultKind> fault;
  Meaning meaning = Meaning::kUnknown;
  std::string told;
  bool operator==(const Outcome&) const = default;
};

void note(const chat::Learned& learned, Outcome& outcome) {
  outcome.usage = learned.usage;
  outcome.model = learned.model;
  outcome.id = learned.id;
  outcome.tier = learned.service_tier;
  outcome.finish_reason = learned.finish_reason;
  outcome.finish = learned.finish;
}

Outcome replay(std::string_view stream, std::size_t size = 0, ReadOptions options = {}) {
  json::Reader reader;
  chat::Learned learned;
  Answer answer(options, learned, reader);
  Outcome outcome;
  auto take = [&](const Result<std::span<const chat::Event>>& result) {
    for (const chat::Event& event : answer.last_events()) {
      outcome.wire += event.wire;
      outcome.kinds.push_back(event.kind);
      for (const chat::Piece& piece : event.pieces) outcome.heard.add(piece);
    }
    if (result) return true;
    outcome.fault = result.error().kind;
    outcome.meaning = result.error().meaning;
    outcome.told = result.error().told;
    return false;
  };
  bool going = true;
  if (size == 0) size = std::max<std::size_t>(stream.size(), 1);
  for (; going && !stream.empty(); stream.remove_prefix(std::min(size, stream.size()))) {
    const std::string chunk(stream.substr(0, size));  // so that a view into an older chunk is found by the sanitizer
    going = take(answer.feed(chunk));
  }
  if (going) take(answer.finish());
  note(learned, outcome);
  outcome.complete = answer.complete();
  return outcome;
}

Outcome read_whole(std::string_view body) {
  json::Reader reader;
  chat::Learned learned;
  Answer answer({}, learned, reader);
  Outcome outcome;
  const std::string padded = testing::padded(body);
  const auto event = answer.read_whole(padded);
  if (event) {
    outcome.wire = event->wire;
    outcome.kinds.push_back(event->kind);
    for (const chat::Piece& piece : event->pieces) outcome.heard.add(piece);
  } else {
    outcome.fault = event.error().kind;
    outcome.meaning = event.error().meaning;
    outcome.told = event.error().told;
  }
  note(learned, outcome);
  return outcome;
}

std::string framed(std::string_view json) {
  return "data: " + std::string(json) + "\r\n\r\n";
}
std::string part(std::string_view part, std::string_view more = "") {
  return R"({"candidates":[{"content":{"parts":[)" + std::string(part) + R"(],"role":"model"},"index":0)" +
         std::string(more) + R"(}],"responseId":"r1"})";
}
constexpr std::string_view kStop = R"(,"finishReason":"STOP")";

void expect_usage(const Case& test, const Outcome& outcome) {
  if (!test.number("/usage/input")) return;
  EXPECT_EQ(outcome.usage.source, chat::UsageSource::kProvider);
  EXPECT_EQ(outcome.usage.input, test.number("/usage/input"));
  EXPECT_EQ(outcome.usage.output, test.number("/usage/output"));
  EXPECT_EQ(outcome.usage.cache_read, test.number("/usage/cache_read"));
  EXPECT_EQ(outcome.usage.reasoning, test.number("/usage/reasoning"));
  EXPECT_EQ(outcome.usage.tool_input, test.number("/usage/tool_prompt"));
  EXPECT_EQ(outcome.usage.input + outcome.usage.output, test.number("/usage/total"));
}

void expect_calls(const Case& test, const Outcome& outcome) {
  testing::dom::array calls;
  if (test.expect.at_pointer("/tool_calls").get(calls)) {
    EXPECT_TRUE(outcome.heard.calls.empty());
    return;
  }
  ASSERT_EQ(outcome.heard.calls.size(), calls.size());
  std::size_t i = 0;
  for (testing::dom::element call : calls) {
    const Heard::Call& heard = outcome.heard.calls[i++];
    std::string_view id;
    if (!call["id"].get(id)) {
      EXPECT_EQ(heard.id, id);
      EXPECT_FALSE(heard.made_up);
      std::string_view state;
      if (!test.expect.at_pointer("/tool_signatures/" + std::string(id)).get(state)) EXPECT_EQ(heard.state, state);
    } else {
      EXPECT_TRUE(heard.made_up);
      EXPECT_EQ(heard.id, "call_" + outcome.id + "_0");
    }
    EXPECT_EQ(heard.name, std::string_view(call["name"].value()));
    EXPECT_EQ(testing::sorted(heard.arguments), testing::sorted(call["arguments"].value()));
  }
}

void expect_content(const Case& test, const Outcome& outcome) {
  auto said = [](const auto& map) { return map.contains(0) ? map.at(0) : std::string(); };
  EXPECT_EQ(said(outcome.heard.texts), test.text("/text").value_or(""));
  EXPECT_EQ(said(outcome.heard.reasoning), test.text("/reasoning").value_or(""));
  if (auto signature = test.text("/reasoning_signature")) {
    EXPECT_TRUE(
        std::ranges::any_of(outcome.heard.states, [&](const std::string& s) { return s.ends_with(*signature); }));
  }
  if (auto finish = test.text("/finish")) EXPECT_EQ(chat::name(outcome.finish), *finish);
  if (auto raw = test.text("/finish_raw")) EXPECT_EQ(outcome.finish_reason, *raw);
  if (auto url = test.text("/citations/0/url")) {
    ASSERT_EQ(outcome.heard.citations.size(), 1u);
    EXPECT_EQ(outcome.heard.citations[0], *url + " " + *test.text("/citations/0/title"));
  }
}

TEST(GeminiAnswer, ReadsEveryFixture) {
  std::size_t read = 0;
  for (const auto& test : cases()) {
    SCOPED_TRACE(test->id);
    if (test->status != 200 || test->number("/input_tokens") || test->number("/embeddings")) continue;
    ++read;
    const Outcome outcome = test->stream ? replay(test->body) : read_whole(test->body);
    if (test->id == "stream_no_finish") {
      EXPECT_EQ(outcome.fault, FaultKind::kTruncated);
      continue;
    }
    if (test->is_error()) {
      EXPECT_EQ(outcome.fault, FaultKind::kProviderError);
      EXPECT_EQ(outcome.meaning, Meaning::kOverloaded);
      EXPECT_EQ(outcome.heard.texts.at(0), test->text("/text_before_error"));
      EXPECT_FALSE(outcome.complete);
      continue;
    }
    EXPECT_FALSE(outcome.fault) << outcome.told;
    expect_content(*test, outcome);
    expect_calls(*test, outcome);
    expect_usage(*test, outcome);
    EXPECT_EQ(outcome.wire, test->body);
  }
  EXPECT_GT(read, 20u);
}

TEST(GeminiAnswer, ReadsTheSameHoweverItIsCut) {
  for (const auto& test : cases()) {
    if (!test->stream || test->status != 200) continue;
    SCOPED_TRACE(test->id);
    const Outcome whole = replay(test->body);
    for (const std::size_t size : {1, 2, 3, 7, 64, 1000}) EXPECT_EQ(replay(test->body, size), whole) << size;
    std::string spaced = test->body;
    for (std::size_t at = 0; (at = spaced.find("\r\n", at)) != std::string::npos;) spaced.replace(at, 2, "\n");
    EXPECT_EQ(replay(spaced, 1).heard, whole.heard);
  }
}

TEST(GeminiAnswer, IsTruncatedWhereverItIsCutOff) {
  for (const auto& test : cases()) {
    if (!test->stream || test->status != 200 || test->is_error()) continue;
    SCOPED_TRACE(test->id);
    // Its last response is whole with its last brace, the array with its bracket.
    const std::string_view body = test->body;
    const std::size_t last = body.rfind(body.starts_with('[') ? ']' : '}');
    for (std::size_t at = 0; at <= last; ++at) {
      const Outcome outcome = replay(body.substr(0, at));
      EXPECT_EQ(outcome.fault, FaultKind::kTruncated) << at;
      EXPECT_FALSE(outcome.complete);
    }
    EXPECT_FALSE(replay(body.substr(0, last + 1)).fault);
  }
}

TEST(GeminiAnswer, MakesNoPiecesWhereNoneAreWanted) {
  for (const auto& test : cases()) {
    if (!test->stream || test->status != 200) continue;
    SCOPED_TRACE(test->id);
    const Outcome with = replay(test->body);
    const Outcome without = replay(test->body, 5, {.pieces = ReadOptions::Pieces::kSkip});
    EXPECT_EQ(without.heard, Heard());
    EXPECT_EQ(without.kinds, with.kinds);
    EXPECT_EQ(without.usage, with.usage);
    EXPECT_EQ(without.finish, with.finish);
    EXPECT_EQ(without.wire, with.wire);
  }
}

TEST(GeminiAnswer, TellsKindsOfEvents) {
  auto kind = [](std::string_view json) { return replay(framed(json)).kinds.at(0); };
  EXPECT_EQ(kind(part(R"({"text":"Hi"})")), EventKind::kContent);
  EXPECT_EQ(kind(part(R"({"text":"Hi"})", kStop)), EventKind::kContent);
  EXPECT_EQ(kind(part(R"({"text":""})")), EventKind::kPreamble);
  EXPECT_EQ(kind(part(R"({"text":""})", kStop)), EventKind::kFinish);
  EXPECT_EQ(kind(R"({"usageMetadata":{"promptTokenCount":3}})"), EventKind::kPreamble);
  EXPECT_EQ(kind(R"({"promptFeedback":{"blockReason":"SAFETY"}})"), EventKind::kFinish);
  EXPECT_EQ(kind("5"), EventKind::kPreamble);
}

TEST(GeminiAnswer, ReasoningEndsWithAState) {
  const Outcome outcome =
      replay(framed(part(R"({"text":"a","thought":true})")) + framed(part(R"({"text":"b","thought":true})")) +
             framed(part(R"({"text":"c"})", kStop)));
  EXPECT_EQ(outcome.heard.reasoning.at(0), "ab");
  const std::string plain = std::to_string(static_cast<int>(chat::State::Kind::kPlain));
  EXPECT_EQ(outcome.heard.states, std::vector{plain});
  const Outcome alone = replay(framed(part(R"({"text":"a","thought":true})", kStop)));
  EXPECT_EQ(alone.heard.states, std::vector{plain});
  const Outcome with = replay(framed(part(R"({"text":"a","thought":true,"thoughtSignature":"AA=="})", kStop)));
  EXPECT_EQ(with.heard.states.at(0).substr(1), "AA==");
  EXPECT_EQ(with.heard.states.size(), 1u);
}

TEST(GeminiAnswer, CallsAndTheirEndInDifferentEvents) {
  const std::string call = R"({"functionCall":{"name":"f","args":{ "a" : [1, "x y"] }}})";
  const Outcome outcome = replay(framed(part(call + "," + call)) + framed(part(R"({"text":""})", kStop)));
  ASSERT_EQ(outcome.heard.calls.size(), 2u);
  EXPECT_EQ(outcome.heard.calls[0].arguments, R"({"a":[1,"x y"]})");
  EXPECT_EQ(outcome.heard.calls[0].id, "call_r1_0");
  EXPECT_EQ(outcome.heard.calls[1].id, "call_r1_1");
  EXPECT_EQ(outcome.finish, FinishReason::kToolCalls);
}

TEST(GeminiAnswer, PartialArgumentsAreCutOffWhereTheAnswerIs) {
  const std::string begin = framed(part(R"({"functionCall":{"name":"f","id":"1","willContinue":true}})"));
  const std::string more = framed(part(
      R"({"functionCall":{"partialArgs":[{"jsonPath":"$.a[0].b","stringValue":"x"},{"jsonPath":"$['c']","numberValue":1.50},)"
      R"({"jsonPath":"$.d","nullValue":"NULL_VALUE"}],"willContinue":true}})"));
  const Outcome cut = replay(begin + more + framed(part(R"({"text":""})", R"(,"finishReason":"MAX_TOKENS")")));
  ASSERT_EQ(cut.heard.calls.size(), 1u);
  EXPECT_EQ(cut.heard.calls[0].arguments, R"({"a":[{"b":"x"}],"c":1.50,"d":null)");
  EXPECT_EQ(cut.finish, FinishReason::kLength);
  const Outcome text = replay(begin + more + framed(part(R"({"text":"done"})", kStop)));
  EXPECT_EQ(text.heard.calls.at(0).arguments, R"({"a":[{"b":"x"}],"c":1.50,"d":null})");
  const Outcome wrong =
      replay(begin + framed(part(R"({"functionCall":{"partialArgs":[{"jsonPath":"a","stringValue":"x"}]}})")));
  EXPECT_EQ(wrong.fault, FaultKind::kProviderProtocol);
}

TEST(GeminiAnswer, PartsOfOtherKinds) {
  const Outcome outcome = read_whole(part(
      R"({"inlineData":{"mimeType":"image/png","data":"AAAA"},"thoughtSignature":"sig"},{"executableCode":{"code":"1"}},)"
      R"({"toolCall":{"toolType":"URL_CONTEXT"}},{"thoughtSignature":"last"})",
      kStop));
  EXPECT_EQ(outcome.heard.media, std::vector<std::string>{"image/png:AAAA"});
  EXPECT_EQ(outcome.heard.items.size(), 2u);
  EXPECT_EQ(outcome.heard.items[0], R"({"executableCode":{"code":"1"}})");
  ASSERT_EQ(outcome.heard.states.size(), 2u);
  EXPECT_EQ(outcome.heard.states[0].substr(1), "sig");
  EXPECT_EQ(outcome.heard.states[1].substr(1), "last");
}

TEST(GeminiAnswer, SketchesOfThoughtAreNoAnswer) {
  const Outcome outcome =
      read_whole(part(R"({"inlineData":{"mimeType":"image/png","data":"AAAA"},"thought":true},{"text":"x"})", kStop));
  EXPECT_TRUE(outcome.heard.media.empty());
  EXPECT_EQ(outcome.heard.items.size(), 1u);
}

TEST(GeminiAnswer, Candidates) {
  const Outcome outcome = read_whole(find_case("candidates2_logprobs").body);
  EXPECT_EQ(outcome.heard.texts.at(0), "Blue");
  EXPECT_EQ(outcome.heard.texts.at(1), "Green");
  EXPECT_EQ(outcome.heard.finish.size(), 2u);
  ASSERT_EQ(outcome.heard.logprobs.size(), 1u);
  EXPECT_EQ(outcome.heard.logprobs[0],
            R"({"content":[{"token":"Blue","logprob":-0.1,"bytes":[66,108,117,101],"top_logprobs":[{"token":"Blue",)"
            R"("logprob":-0.1,"bytes":[66,108,117,101]}]}],"refusal":null})");
  // One of two has not ended.
  const Outcome half = replay(framed(
      R"({"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"},{"index":1,"content":{"parts":[{"text":"b"}]}}]})"));
  EXPECT_EQ(half.fault, FaultKind::kTruncated);
}

TEST(GeminiAnswer, UsageByModalityAndTier) {
  const Outcome outcome = read_whole(
      R"({"candidates":[],"usageMetadata":{"promptTokenCount":"100","candidatesTokenCount":50,"cachedContentTokenCount":500,)"
      R"("promptTokensDetails":[{"modality":"AUDIO","tokenCount":30},{"modality":"IMAGE","tokenCount":20}],)"
      R"("candidatesTokensDetails":[{"modality":"IMAGE","tokenCount":40}],"trafficType":"ON_DEMAND_PRIORITY"}})");
  EXPECT_EQ(outcome.usage.input, 100u);
  EXPECT_EQ(outcome.usage.cache_read, 100u);  // within its total
  EXPECT_EQ(outcome.usage.audio_input, 30u);
  EXPECT_EQ(outcome.usage.image_input, 20u);
  EXPECT_EQ(outcome.usage.image_output, 40u);
  EXPECT_EQ(outcome.tier, "priority");
  EXPECT_EQ(read_whole(find_case("service_tier").body).tier, "flex");
}

TEST(GeminiAnswer, UsageStaysWhereALaterOneDoesNotTellIt) {
  const auto told = [](std::string_view usage) {
    return framed(R"({"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}],"usageMetadata":)" +
                  std::string(usage) + "}");
  };
  const chat::Usage usage{.source = chat::UsageSource::kProvider, .input = 100, .output = 25, .reasoning = 5};
  EXPECT_EQ(
      replay(told(R"({"promptTokenCount":100,"thoughtsTokenCount":5})") + told(R"({"candidatesTokenCount":20})")).usage,
      usage);
  EXPECT_EQ(replay(told(R"({"promptTokenCount":100,"thoughtsTokenCount":5,"totalTokenCount":105})") +
                   told(R"({"promptTokenCount":0,"candidatesTokenCount":20,"thoughtsTokenCount":0})"))
                .usage,
            usage);
  EXPECT_EQ(replay(told(R"({"promptTokenCount":100,"totalTokenCount":110})") +
                   told(R"({"promptTokenCount":100,"totalTokenCount":140})"))
                .usage.output,
            40u)
      << "told by the total alone";
  EXPECT_EQ(replay(told(R"({"candidatesTokenCount":20,"totalTokenCount":120})")).usage.input, 100u);
  // What the total proves to be all of it takes the place of all.
  EXPECT_EQ(replay(told(R"({"promptTokenCount":100,"candidatesTokenCount":1,"totalTokenCount":101})") +
                   told(R"({"promptTokenCount":100,"thoughtsTokenCount":9,"totalTokenCount":109})"))
                .usage.output,
            9u);
}

TEST(GeminiAnswer, ErrorsInArrays) {
  for (const std::string_view stream : {R"([{"error":{"code":503,"message":"m","status":"UNAVAILABLE"}}])",
                                        R"([[{"error":{"code":503,"message":"m","status":"UNAVAILABLE"}}]])",
                                        R"({"error":{"code":503,"message":"m","status":"UNAVAILABLE"}})"}) {
    const Outcome outcome = replay(stream, 3);
    EXPECT_EQ(outcome.fault, FaultKind::kProviderError) << stream;
    EXPECT_EQ(outcome.meaning, Meaning::kOverloaded);
    EXPECT_EQ(outcome.told, "m");
  }
  const Outcome whole = read_whole(R"({"error":{"code":400,"message":"no","status":"INVALID_ARGUMENT"}})");
  EXPECT_EQ(whole.fault, FaultKind::kProviderError);
  EXPECT_EQ(whole.meaning, Meaning::kInvalidRequest);
}

TEST(GeminiAnswer, WhatIsNoStreamOfThisApi) {
  for (const std::string_view stream : {"data: {\"a\":\r\n\r\n", "[1]", "[{\"a\":}]", "[{} x", "{} {} ,"}) {
    EXPECT_EQ(replay(stream, 1).fault, FaultKind::kProviderProtocol) << stream;
    EXPECT_EQ(replay(stream).fault, FaultKind::kProviderProtocol) << stream;
  }
  const Outcome late = replay(framed(part(R"({"text":"x"})", kStop)) + "data: {\r\n\r\n");
  EXPECT_EQ(late.fault, FaultKind::kProviderProtocol);
  EXPECT_FALSE(late.complete);
  EXPECT_EQ(replay("").fault, FaultKind::kTruncated);
  EXPECT_EQ(replay(" \r\n ").fault, FaultKind::kTruncated);
  EXPECT_EQ(replay("[").fault, FaultKind::kTruncated);
  EXPECT_EQ(read_whole("<html>").fault, FaultKind::kProviderProtocol);
}

TEST(GeminiAnswer, EventsHaveALimit) {
  const std::string big = "[" + part(R"({"text":")" + std::string(2000, 'x') + R"("})") + "]";
  const ReadOptions options{.max_event_bytes = 1000};
  EXPECT_EQ(replay(big, 0, options).fault, FaultKind::kProviderProtocol);
  EXPECT_EQ(replay(big, 10, options).told, "An event of the provider's stream is larger than 1000B (limits.event).");
  EXPECT_EQ(replay(std::string(2000, ' '), 10, options).fault, FaultKind::kProviderProtocol);
}

TEST(GeminiAnswer, Counts) {
  json::Reader reader;
  const std::string body = testing::padded(find_case("count_tokens").body);
  EXPECT_EQ(client().read_count(body, reader).value(), find_case("count_tokens").number("/input_tokens"));
  const std::string none = testing::padded("{}");
  EXPECT_FALSE(client().read_count(none, reader));
}

}  // namespace
}  // namespace sluice::dialect::gemini::answer_test
