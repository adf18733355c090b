#include "dialect/openai/writer.h"

#include <gtest/gtest.h>

#include "chat/reply.h"
#include "chat/seal.h"
#include "dialect/openai/answer.h"
#include "dialect/openai/chat_reader.h"
#include "dialect/openai/fixture_test.h"
#include "json/reader.h"

namespace sluice::dialect::openai {
namespace {

using chat::FinishReason;
using chat::Part;
using chat::PartKind;
using chat::Piece;
using chat::PieceKind;
using chat::State;
using testing::cases;

Piece piece(PieceKind kind, std::string_view text = {}, std::uint32_t choice = 0) {
  Piece piece;
  piece.kind = kind;
  piece.text = {text};
  piece.choice = choice;
  return piece;
}
Piece state(State::Kind kind, std::string_view data = {}) {
  Piece made = piece(PieceKind::kState);
  made.state = {.kind = kind, .data = {data}};
  return made;
}
Piece call(std::string_view id, std::string_view name = "f") {
  Piece made = piece(PieceKind::kCall);
  made.id = {id};
  made.name = {name};
  return made;
}
Piece finish(FinishReason reason, std::uint32_t choice = 0) {
  Piece made = piece(PieceKind::kFinish, {}, choice);
  made.finish = reason;
  return made;
}

class OpenAiWriter : public ::testing::Test {
 protected:
  OpenAiWriter() {
    learned_.id = "msg_1";
    learned_.model = "claude";
    learned_.usage = {
        .source = chat::UsageSource::kProvider, .input = 10, .cache_read = 4, .output = 5, .reasoning = 2};
    request_.usage_wanted = false;
  }
  WriteOptions options(bool streams) {
    return {.request = &request_,
            .asked_model = "fast",
            .origin = "p",
            .exchange_id = "x1",
            .created = 7,
            .stream = streams};
  }
  std::string written(const std::vector<Piece>& pieces, bool streams) {
    auto writer = make_writer(options(streams));
    std::string out;
    writer->write(pieces, learned_, out);
    writer->finish(learned_, out);
    return out;
  }
  // The deltas of a stream, and what ends it, without what all chunks have.
  std::string deltas(const std::vector<Piece>& pieces) {
    std::string out = written(pieces, true);
    for (std::string_view same :
         {R"("id":"msg_1","object":"chat.completion.chunk","created":7,"model":"claude","system_fingerprint":null,)",
          R"("choices":[{"index":0,"delta":)", R"(,"logprobs":null,"finish_reason":null}])", "data: ", "\n\n"}) {
      for (std::size_t at; (at = out.find(same)) != std::string::npos;) out.erase(at, same.size());
    }
    return out;
  }
  std::string message(const std::vector<Piece>& pieces) {
    const std::string out = written(pieces, false);
    const auto begin = out.find(R"("message":)") + 10;
    return out.substr(begin, out.find(R"(,"logprobs")") - begin);
  }
  // The same pieces as read back by the dialect's own reader, collected.
  chat::Choice reread(const std::vector<Piece>& pieces, bool streams) {
    body_ = written(pieces, streams);
    json::pad(body_);
    json::Reader reader;
    chat::Learned learned;
    answers_.push_back(std::make_unique<Answer>(Kind::kChat, ReadOptions{}, learned, reader));
    Answer& answer = *answers_.back();
    collector_ = {};
    if (streams) {
      EXPECT_TRUE(answer.feed(body_)) << body_;
      for (const chat::Event& event : answer.last_events()) collector_.add(event.pieces);
      EXPECT_TRUE(answer.finish());
    } else {
      auto event = answer.read_whole(body_);
      EXPECT_TRUE(event) << body_;
      if (event) collector_.add(event->pieces);
    }
    return collector_.choices().front();
  }
  // The assistant's message of an answer as it is when a client sends it back, after unseal().
  std::vector<Part> returned(const std::string& message) {
    body_ = R"({"messages":[)" + message + "]}";
    json::pad(body_);
    auto request = read_chat(body_, reader_);
    EXPECT_TRUE(request) << (request ? "" : request.error().told);
    if (!request) return {};
    returned_ = std::move(*request);
    chat::unseal(returned_, "p", chat::StateOf::kOtherDialect);
    EXPECT_TRUE(returned_.lost.empty() || returned_.lost[0].path.ends_with("annotations"));
    return returned_.turns.empty() ? std::vector<Part>() : returned_.turns[0].parts;
  }

  chat::Learned learned_;
  chat::Request request_, returned_;
  json::Reader reader_;
  std::string body_;
  std::vector<std::unique_ptr<Answer>> answers_;
  chat::Collector collector_;
};

TEST_F(OpenAiWriter, StreamsChunks) {
  EXPECT_EQ(written({piece(PieceKind::kText, R"(Hi \"you\" \u00e9)"), finish(FinishReason::kStop)}, true),
            R"(data: {"id":"msg_1","object":"chat.completion.chunk","created":7,"model":"claude",)"
            R"("system_fingerprint":null,"choices":[{"index":0,"delta":{"role":"assistant","content":""},)"
            R"("logprobs":null,"finish_reason":null}]})"
            "\n\n"
            R"(data: {"id":"msg_1","object":"chat.completion.chunk","created":7,"model":"claude",)"
            R"("system_fingerprint":null,"choices":[{"index":0,"delta":{"content":"Hi \"you\" \u00e9"},)"
            R"("logprobs":null,"finish_reason":null}]})"
            "\n\n"
            R"(data: {"id":"msg_1","object":"chat.completion.chunk","created":7,"model":"claude",)"
            R"("system_fingerprint":null,"choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]})"
            "\n\ndata: [DONE]\n\n");
}

TEST_F(OpenAiWriter, TellsUsageOnlyWhereItIsAskedFor) {
  EXPECT_FALSE(written({piece(PieceKind::kText, "a")}, true).contains("usage"));
  request_.usage_wanted = true;
  const std::string out = written({piece(PieceKind::kText, "a"), finish(FinishReason::kStop)}, true);
  EXPECT_TRUE(out.contains(R"("finish_reason":null}],"usage":null})"));
  EXPECT_TRUE(out.ends_with(
      R"("choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_tokens_details":)"
      R"({"cached_tokens":4,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":2,"audio_tokens":0}}})"
      "\n\ndata: [DONE]\n\n"))
      << out;
  learned_.usage = {};
  EXPECT_FALSE(written({}, true).contains("prompt_tokens")) << "nothing is known";
}

TEST_F(OpenAiWriter, StreamsCallsOneAfterTheOther) {
  EXPECT_EQ(deltas({call("a"), piece(PieceKind::kArguments, R"({\"x\":)"), piece(PieceKind::kArguments, "1}"),
                    call("b", "g"), finish(FinishReason::kStop)}),
            R"({{"role":"assistant","content":""}})"
            R"({{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}]}})"
            R"({{"tool_calls":[{"index":0,"function":{"arguments":"{\"x\":"}}]}})"
            R"({{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]}})"
            R"({{"tool_calls":[{"index":1,"id":"b","type":"function","function":{"name":"g","arguments":""}}]}})"
            R"({{"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]}})"
            R"({{},"logprobs":null,"finish_reason":"tool_calls"}]}[DONE])");
}

TEST_F(OpenAiWriter, WritesCustomToolsAndUnwrapsThem) {
  request_.tools.push_back({.kind = chat::ToolKind::kCustom, .name = {"sql"}});
  Piece custom = call("a", "other");
  custom.tool = chat::ToolKind::kCustom;
  const std::vector<Piece> pieces{custom,
                                  piece(PieceKind::kArguments, R"(x\n)"),
                                  call("b", "sql"),
                                  piece(PieceKind::kArguments, R"({\"input\":)"),
                                  piece(PieceKind::kArguments, R"(\"y\\n\"})"),
                                  finish(FinishReason::kToolCalls)};
  EXPECT_EQ(message(pieces), R"({"role":"assistant","content":null,"refusal":null,"annotations":[],"tool_calls":[)"
                             R"({"id":"a","type":"custom","custom":{"name":"other","input":"x\n"}},)"
                             R"({"id":"b","type":"custom","custom":{"name":"sql","input":"y\n"}}]})");
  const std::string streamed = deltas(pieces);
  EXPECT_TRUE(streamed.contains(R"({"index":0,"custom":{"input":"x\n"}})")) << streamed;
  EXPECT_TRUE(streamed.contains(R"({"index":1,"custom":{"input":"y\n"}})")) << streamed;
}

TEST_F(OpenAiWriter, AnswersTheOlderFunctionsInTheirForm) {
  request_.give(chat::Field::kTools, "functions");
  const std::vector<Piece> pieces{call("a"), piece(PieceKind::kArguments, "{}"), finish(FinishReason::kToolCalls)};
  EXPECT_EQ(deltas(pieces),
            R"({{"role":"assistant","content":""}}{{"function_call":{"name":"f","arguments":""}}})"
            R"({{"function_call":{"arguments":"{}"}}}{{},"logprobs":null,"finish_reason":"function_call"}]}[DONE])");
  const std::string whole = written(pieces, false);
  EXPECT_TRUE(whole.contains(R"("function_call":{"name":"f","arguments":"{}"})")) << whole;
  EXPECT_TRUE(whole.contains(R"("finish_reason":"function_call")")) << whole;
}

TEST_F(OpenAiWriter, WritesWholeAnswers) {
  learned_.service_tier = "default";
  EXPECT_EQ(written({piece(PieceKind::kReasoning, "Hm"), state(State::Kind::kNone), piece(PieceKind::kText, "a"),
                     piece(PieceKind::kText, "b"), finish(FinishReason::kLength), piece(PieceKind::kText, "c", 1),
                     finish(FinishReason::kStop, 1)},
                    false)
                .substr(0, 164),
            R"({"id":"msg_1","object":"chat.completion","created":7,"model":"claude","choices":[{"index":0,"message":)"
            R"({"role":"assistant","content":"ab","refusal":null,"reasoning_c)");
  learned_ = {};
  EXPECT_EQ(
      written({}, false),
      R"({"id":"chatcmpl-x1","object":"chat.completion","created":7,"model":"fast","choices":[{"index":0,"message":)"
      R"({"role":"assistant","content":"","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],)"
      R"("system_fingerprint":null})");
}

TEST_F(OpenAiWriter, SaysWhyTheAnswerEnded) {
  const auto word = [&](FinishReason reason, Piece said = piece(PieceKind::kText, "a")) {
    const std::string out = written({std::move(said), finish(reason)}, true);
    const auto at = out.rfind(R"("finish_reason":")") + 17;
    const std::string streamed = out.substr(at, out.find('"', at) - at);
    EXPECT_TRUE(written({piece(PieceKind::kText, "a"), finish(reason)}, false).contains(R"("finish_reason":")"));
    return streamed;
  };
  EXPECT_EQ(word(FinishReason::kStopSequence), "stop");
  EXPECT_EQ(word(FinishReason::kLength), "length");
  EXPECT_EQ(word(FinishReason::kContextWindow), "length");
  EXPECT_EQ(word(FinishReason::kContentFilter), "content_filter");
  EXPECT_EQ(word(FinishReason::kRefusal), "content_filter");
  EXPECT_EQ(word(FinishReason::kRefusal, piece(PieceKind::kRefusal, "No")), "stop");
  EXPECT_EQ(word(FinishReason::kPause), "stop");
  EXPECT_EQ(word(FinishReason::kModelError), "error");
  EXPECT_EQ(word(FinishReason::kStop, call("a")), "tool_calls");
  EXPECT_EQ(word(FinishReason::kLength, call("a")), "length") << "a call that was cut off";
}

TEST_F(OpenAiWriter, CarriesReasoningInTheIdOfTheNextCall) {
  const std::vector<Piece> pieces{piece(PieceKind::kReasoning, "Hm \\u00e9"),
                                  state(State::Kind::kSignature, "s1"),
                                  state(State::Kind::kRedacted, "r1"),
                                  piece(PieceKind::kText, "Said."),
                                  call("toolu_1"),
                                  piece(PieceKind::kArguments, "{}"),
                                  call("toolu_2"),
                                  finish(FinishReason::kToolCalls)};
  // A client keeps what the API has: text and calls.
  for (bool streams : {false, true}) {
    const chat::Choice choice = reread(pieces, streams);
    std::string calls;
    for (const Part& part : choice.parts) {
      if (part.kind != PartKind::kCall) continue;
      calls += calls.empty() ? "" : ",";
      calls +=
          R"({"type":"function","id":")" + std::string(part.id.raw) + R"(","function":{"name":"f","arguments":"{}"}})";
    }
    const auto parts = returned(R"({"role":"assistant","content":"Said.","tool_calls":[)" + calls + "]}");
    ASSERT_EQ(parts.size(), 5u) << streams;
    EXPECT_EQ(json::plain(parts[0].text), "Hm \xc3\xa9");
    EXPECT_EQ(parts[0].state.kind, State::Kind::kSignature);
    EXPECT_EQ(parts[0].state.data.raw, "s1");
    EXPECT_EQ(parts[1].state.kind, State::Kind::kRedacted);
    EXPECT_EQ(parts[2].text.raw, "Said.");
    EXPECT_EQ(parts[3].id.raw, "toolu_1");
    EXPECT_EQ(parts[4].id.raw, "toolu_2");
  }
}

TEST_F(OpenAiWriter, CarriesAMadeUpIdAndACallsOwnState) {
  Piece made = call("call_0");
  made.made_up_id = true;
  made.state = {.kind = State::Kind::kThought, .data = {"c2ln"}};
  const std::vector<Piece> pieces{made, finish(FinishReason::kToolCalls)};
  const auto parts = returned(message(pieces));
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts[0].id.raw, "call_0");
  EXPECT_TRUE(parts[0].made_up_id);
  EXPECT_EQ(parts[0].state.data.raw, "c2ln");
}

TEST_F(OpenAiWriter, PutsReasoningIntoDetailsWhereNoCallFollows) {
  const std::vector<Piece> pieces{piece(PieceKind::kReasoning, "Hm"), state(State::Kind::kEncrypted, "e1"),
                                  piece(PieceKind::kText, "Said."), state(State::Kind::kThought, "t1"),
                                  finish(FinishReason::kStop)};
  const auto parts = returned(message(pieces));
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].kind, PartKind::kReasoning);
  EXPECT_EQ(parts[0].text.raw, "Hm");
  EXPECT_EQ(parts[0].state.data.raw, "e1");
  EXPECT_EQ(parts[1].kind, PartKind::kText);
  EXPECT_EQ(parts[1].state.data.raw, "t1");
  const std::string streamed = deltas(pieces);
  const auto at = streamed.find(R"("reasoning_details":)");
  ASSERT_NE(at, std::string::npos);
  EXPECT_LT(streamed.find("Said."), at);
  EXPECT_EQ(streamed.substr(at, 300).substr(0, 60),
            message(pieces).substr(message(pieces).find(R"("reasoning_details":)"), 60));
}

TEST_F(OpenAiWriter, ShowsReasoning) {
  const std::vector<Piece> pieces{piece(PieceKind::kReasoning, "a"), piece(PieceKind::kReasoning, "b"),
                                  state(State::Kind::kPlain), piece(PieceKind::kText, "c"),
                                  finish(FinishReason::kStop)};
  EXPECT_TRUE(deltas(pieces).contains(R"({{"reasoning_content":"a"}}{{"reasoning_content":"b"}}{{"content":"c"}})"));
  EXPECT_TRUE(message(pieces).contains(R"("reasoning_content":"ab")"));
  const auto parts = returned(message(pieces));
  EXPECT_EQ(parts[0].state.kind, State::Kind::kPlain);
  EXPECT_EQ(parts[0].text.raw, "ab");
}

TEST_F(OpenAiWriter, PlacesCitationsByCharacters) {
  Piece cited = piece(PieceKind::kCitation);
  cited.citation = {.url = {"https://a"}, .title = {"A"}, .quote = {}, .raw = {}};
  Piece placed = cited;
  placed.citation.raw = "{\"type\":\"url_citation\",\n\"start_index\":3,\"end_index\":4}";
  Piece document = piece(PieceKind::kCitation);
  document.citation = {.url = {}, .title = {"Doc"}, .quote = {"q"}, .raw = "{\"page\":\n1}"};
  const std::vector<Piece> pieces{piece(PieceKind::kText, R"(\u00e9\ud83d\ude80 é)"),
                                  cited,
                                  cited,
                                  piece(PieceKind::kText, "abc"),
                                  placed,
                                  document,
                                  finish(FinishReason::kStop)};
  const std::string first =
      R"({"type":"url_citation","url_citation":{"start_index":0,"end_index":4,"url":"https://a","title":"A"}})";
  const std::string second =
      R"({"type":"url_citation","url_citation":{"start_index":3,"end_index":4,"url":"https://a","title":"A"}})";
  const std::string streamed = deltas(pieces);
  EXPECT_TRUE(streamed.contains(R"({{"annotations":[)" + first + "]}}")) << streamed;
  EXPECT_TRUE(streamed.contains(R"({{"annotations":[)" + second + "]}}")) << streamed;
  EXPECT_TRUE(streamed.contains(
      R"({"type":"document_citation","start_index":4,"end_index":7,"title":"Doc","quote":"q","document_citation":{"page": 1}})"))
      << streamed;
  EXPECT_FALSE(streamed.contains('\n'));
  EXPECT_TRUE(message(pieces).contains(R"("annotations":[)" + first + "," + first + ",")) << message(pieces);
}

TEST_F(OpenAiWriter, WritesMediaAndLogprobs) {
  Piece image = piece(PieceKind::kMedia);
  image.media = {.type = {"image/png"}, .data = {"AA=="}};
  Piece audio = piece(PieceKind::kMedia);
  audio.media = {.type = {"audio/wav"}, .data = {"BB=="}, .context = {"Hello"}};
  Piece first = piece(PieceKind::kLogprobs);
  first.raw = R"({"content":[1],"refusal":null})";
  Piece second = piece(PieceKind::kLogprobs);
  second.raw = R"({"content":[2,3]})";
  const std::vector<Piece> pieces{
      piece(PieceKind::kText, "a"), first, piece(PieceKind::kText, "b"), second, image, audio,
      finish(FinishReason::kStop)};
  const std::string streamed = deltas(pieces);
  EXPECT_TRUE(streamed.contains(R"({"content":"a"},"logprobs":{"content":[1],"refusal":null},"finish_reason":null)"))
      << streamed;
  EXPECT_TRUE(
      streamed.contains(R"({{"images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]}})"));
  EXPECT_TRUE(streamed.contains(R"({{"audio":{"id":"audio_x1","data":"BB==","expires_at":7,"transcript":"Hello"}}})"));
  const std::string whole = written(pieces, false);
  EXPECT_TRUE(whole.contains(R"("logprobs":{"content":[1,2,3],"refusal":null})")) << whole;
  EXPECT_TRUE(whole.contains(R"("audio":{"id":"audio_x1")"));
  EXPECT_TRUE(whole.contains(R"("images":[)"));
}

TEST_F(OpenAiWriter, EndsABrokenStreamWithAnError) {
  auto writer = make_writer(options(true));
  std::string out;
  const std::vector<Piece> pieces{piece(PieceKind::kText, "a")};
  writer->write(pieces, learned_, out);
  Fault fault;
  fault.kind = FaultKind::kTruncated;
  fault.told = "Cut.";
  writer->fail(fault, learned_, out);
  EXPECT_FALSE(out.contains(R"("finish_reason":")"));
  EXPECT_TRUE(out.contains(R"(data: {"error":{"message":"Cut.")"));
  json::Reader reader;
  chat::Learned learned;
  Answer answer(Kind::kChat, {}, learned, reader);
  EXPECT_EQ(answer.feed(out).error().kind, FaultKind::kProviderError);
}

// What is left of an answer when it is written and read again: all but where cut texts were.
std::string summary(const std::vector<chat::Choice>& choices) {
  std::string out;
  for (const chat::Choice& choice : choices) {
    for (const Part& part : choice.parts) {
      if (part.kind == PartKind::kServerItem) continue;
      out += std::to_string(static_cast<int>(part.kind)) + json::plain(part.text) + std::string(part.name.raw) +
             std::string(part.media.data.raw) + std::string(part.arguments) + "|";
    }
    out += std::string(chat::name(choice.finish)) + std::to_string(choice.citations.size()) + "\n";
  }
  return out;
}

TEST_F(OpenAiWriter, WritesEveryRecordedAnswerSoThatItReadsAsTheSame) {
  std::size_t answers = 0;
  for (const auto& test : cases()) {
    if (test->status != 200 || !test->expect["error"].error()) continue;
    ++answers;
    json::Reader reader;
    chat::Learned learned;
    Answer answer(Kind::kChat, {}, learned, reader);
    std::string body = test->body;
    json::pad(body);
    std::vector<chat::Event> events;
    if (test->stream) {
      ASSERT_TRUE(answer.feed(body)) << test->id;
      events.assign(answer.last_events().begin(), answer.last_events().end());
    } else {
      events.push_back(*answer.read_whole(body));
    }
    std::vector<Piece> pieces;
    chat::Collector collector;
    for (const chat::Event& event : events) {
      pieces.insert(pieces.end(), event.pieces.begin(), event.pieces.end());
      collector.add(event.pieces);
    }
    learned_ = learned;
    const std::string expected = summary(collector.choices());
    for (bool streams : {false, true}) {
      reread(pieces, streams);
      std::string again = summary(collector_.choices());
      if (test->id == "mistral/model_length_stop") {
        EXPECT_TRUE(again.contains("length")) << "the API has no word for the window";
        continue;
      }
      // The seal of reasoning that no call followed comes behind the text.
      if (const auto at = again.find("|6|"); at != std::string::npos && !expected.contains("|6|")) again.erase(at, 2);
      EXPECT_EQ(again, expected) << test->id << (streams ? " streamed" : " whole");
    }
  }
  EXPECT_EQ(answers, 33u);
}

}  // namespace
}  // namespace sluice::dialect::openai
