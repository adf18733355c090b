#include "dialect/gemini/writer.h"

#include "chat/seal.h"
#include "dialect/gemini/answer.h"
#include "dialect/gemini/endpoint.h"
#include "dialect/gemini/fixture_test.h"
#include "dialect/gemini/gemini.h"
#include "dialect/gemini/request.h"
#include "json/reader.h"

namespace sluice::dialect::gemini::writer_test {
namespace {

using chat::Escaped;
using chat::FinishReason;
using chat::Piece;
using chat::PieceKind;
using chat::State;
using testing::cases;
using testing::Heard;

const Endpoint& endpoint(Kind kind) {
  return *std::ranges::find(endpoints(), static_cast<std::uint8_t>(kind), &Endpoint::code);
}

WriteOptions options(Kind kind) {
  WriteOptions options;
  options.endpoint = &endpoint(kind);
  options.asked_model = "alias";
  options.origin = "google";
  options.exchange_id = "ex-1";
  options.stream = kind != Kind::kGenerate;
  return options;
}

Piece piece(PieceKind kind, std::string_view text = "") {
  Piece piece;
  piece.kind = kind;
  piece.text = {text};
  return piece;
}
Piece call(std::string_view id, std::string_view name, State state = {}) {
  Piece begin = piece(PieceKind::kCall);
  begin.id = {id};
  begin.name = {name};
  begin.state = state;
  return begin;
}
Piece state(State::Kind kind, std::string_view data = "") {
  Piece end = piece(PieceKind::kState);
  end.state = {.kind = kind, .data = {data}, .origin = {}};
  return end;
}
Piece finish(FinishReason reason) {
  Piece end = piece(PieceKind::kFinish);
  end.finish = reason;
  return end;
}

std::string write(Kind kind, std::span<const Piece> pieces, const chat::Learned& learned = {}) {
  auto writer = server().write_answer(options(kind));
  std::string out;
  for (const Piece& one : pieces) writer->write({&one, 1}, learned, out);
  writer->finish(learned, out);
  return out;
}

struct Told {
  Heard heard;
  chat::Learned learned;
  bool complete = false;
};

Told read_back(Kind kind, std::string_view written) {
  json::Reader reader;
  Told told;
  Answer answer({}, told.learned, reader);
  auto take = [&](std::span<const chat::Event> events) {
    for (const auto& event : events) {
      for (const Piece& one : event.pieces) told.heard.add(one);
    }
  };
  if (kind == Kind::kGenerate) {
    const std::string body = testing::padded(written);
    const auto event = answer.read_whole(body);
    EXPECT_TRUE(event) << written;
    if (event) take({&*event, 1});
  } else {
    const auto events = answer.feed(written);
    EXPECT_TRUE(events) << written;
    take(answer.last_events());
    EXPECT_TRUE(answer.finish()) << written;
  }
  told.complete = answer.complete();
  return told;
}

// What a client sends back: its parts through seals, as they are for the provider that made them.
Heard unsealed(Heard heard) {
  for (Heard::Call& call : heard.calls) {
    if (const auto sealed = chat::open_seal(call.id)) {
      call.id = sealed->id;
      call.made_up = sealed->made_up_id;
      if (!sealed->entries.empty()) call.state = sealed->entries.back().data;
    }
  }
  for (std::string& one : heard.states) {
    const auto sealed = chat::open_seal(one);
    if (sealed) one = std::to_string(static_cast<int>(sealed->entries.at(0).kind)) + sealed->entries.at(0).data;
  }
  return heard;
}

TEST(GeminiWriter, WhatIsWrittenReadsTheSame) {
  for (const auto& test : cases()) {
    if (test->status != 200 || test->is_error() || test->number("/input_tokens") || test->number("/embeddings"))
      continue;
    SCOPED_TRACE(test->id);
    for (const Kind kind : {Kind::kGenerate, Kind::kStream, Kind::kStreamArray}) {
      json::Reader reader;
      chat::Learned learned;
      Answer answer({}, learned, reader);
      auto writer = server().write_answer(options(kind));
      std::string out;
      Heard heard;
      auto take = [&](std::span<const chat::Event> events) {
        for (const auto& event : events) {
          for (const Piece& one : event.pieces) heard.add(one);
          writer->write(event.pieces, learned, out);
        }
      };
      const std::string body = testing::padded(test->body);
      if (test->stream) {
        ASSERT_TRUE(answer.feed(body));
        take(answer.last_events());
        ASSERT_TRUE(answer.finish());
      } else {
        const auto event = answer.read_whole(body);
        take({&*event, 1});
      }
      writer->finish(learned, out);
      Told told = read_back(kind, out);
      heard.items.clear();  // only their own provider's
      EXPECT_EQ(unsealed(told.heard), heard) << out;
      EXPECT_EQ(told.learned.id, learned.id);
      EXPECT_EQ(told.learned.model, learned.model);
      EXPECT_EQ(told.learned.finish, learned.finish);
      chat::Usage usage = learned.usage;
      usage.tool_requests = told.learned.usage.tool_requests;
      EXPECT_EQ(told.learned.usage, usage);
    }
  }
}

TEST(GeminiWriter, EachTextIsAResponse) {
  chat::Learned learned;
  learned.usage = {.source = chat::UsageSource::kProvider, .input = 10, .cache_read = 4, .output = 7, .reasoning = 3};
  const Piece pieces[] = {piece(PieceKind::kText, "a"), piece(PieceKind::kText, R"(b\n)"),
                          finish(FinishReason::kLength)};
  const std::string tail = R"("modelVersion":"alias","responseId":"ex-1"})";
  const std::string first = R"({"candidates":[{"content":{"parts":[{"text":"a"}],"role":"model"},"index":0}],)" + tail;
  const std::string second =
      R"({"candidates":[{"content":{"parts":[{"text":"b\n"}],"role":"model"},"index":0}],)" + tail;
  const std::string last =
      R"({"candidates":[{"content":{"parts":[{"text":""}],"role":"model"},"finishReason":"MAX_TOKENS","index":0}],)"
      R"("usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":4,"totalTokenCount":17,)"
      R"("cachedContentTokenCount":4,"thoughtsTokenCount":3},)" +
      tail;
  EXPECT_EQ(write(Kind::kStream, pieces, learned),
            "data: " + first + "\r\n\r\ndata: " + second + "\r\n\r\ndata: " + last + "\r\n\r\n");
  EXPECT_EQ(write(Kind::kStreamArray, pieces, learned), "[" + first + ",\r\n" + second + ",\r\n" + last + "\n]");
  EXPECT_EQ(
      write(Kind::kGenerate, pieces, learned),
      R"({"candidates":[{"content":{"parts":[{"text":"ab\n"}],"role":"model"},"finishReason":"MAX_TOKENS","index":0}],)"
      R"("usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":4,"totalTokenCount":17,)"
      R"("cachedContentTokenCount":4,"thoughtsTokenCount":3},)" +
          tail);
}

TEST(GeminiWriter, CallsAreToldWhole) {
  const Piece pieces[] = {call("toolu_1", "f"), piece(PieceKind::kArguments, R"({\"a\")"),
                          piece(PieceKind::kArguments, R"(: \"x y\"})"), call("toolu_2", "g"),
                          finish(FinishReason::kToolCalls)};
  for (const Kind kind : {Kind::kGenerate, Kind::kStream}) {
    const std::string out = write(kind, pieces);
    EXPECT_TRUE(out.contains(R"({"functionCall":{"id":"toolu_1","name":"f","args":{"a":"x y"}}})")) << out;
    EXPECT_TRUE(out.contains(R"({"functionCall":{"id":"toolu_2","name":"g","args":{}}})")) << out;
    EXPECT_TRUE(out.contains(R"("finishReason":"STOP")"));
  }
}

TEST(GeminiWriter, CallsThatAreCutOffAreNotLost) {
  const Piece pieces[] = {call("c", "f"), piece(PieceKind::kArguments, R"({\"a\": \"x)"),
                          finish(FinishReason::kLength)};
  for (const Kind kind : {Kind::kGenerate, Kind::kStream}) {
    const std::string out = write(kind, pieces);
    EXPECT_TRUE(out.contains(R"("args":{"_raw":"{\"a\": \"x"})")) << out;
    EXPECT_TRUE(out.contains(R"("finishReason":"MAX_TOKENS")"));
  }
  // One that an error broke off is.
  auto writer = server().write_answer(options(Kind::kStream));
  std::string out;
  writer->write(std::span(pieces).first(2), {}, out);
  Fault fault;
  fault.kind = FaultKind::kTruncated;
  fault.told = "It broke.";
  writer->fail(fault, {}, out);
  EXPECT_EQ(out,
            "data: "
            R"({"error":{"code":500,"message":"It broke.","status":"INTERNAL"}})"
            "\r\n\r\n");
}

TEST(GeminiWriter, StatesOfAnyProviderComeBack) {
  const Piece pieces[] = {
      piece(PieceKind::kReasoning, "why"),  state(State::Kind::kSignature, "sig=="),
      state(State::Kind::kRedacted, "red"), piece(PieceKind::kText, "said"),
      state(State::Kind::kThought, "tho"),  call("c", "f", state(State::Kind::kThought, "cs").state),
      finish(FinishReason::kToolCalls)};
  for (const Kind kind : {Kind::kGenerate, Kind::kStream}) {
    const std::string out = write(kind, pieces);
    EXPECT_FALSE(out.contains("sig=="));
    // The parts of the answer, as the next turn of a history.
    std::string parts;
    testing::dom::parser parser;
    auto add = [&](std::string_view response) {
      const testing::dom::element root = parser.parse(response).value();
      for (testing::dom::element one : root.at_pointer("/candidates/0/content/parts").get_array().value()) {
        parts += (parts.empty() ? "" : ",") + simdjson::to_string(one);
      }
    };
    if (kind == Kind::kGenerate) {
      add(out);
    } else {
      for (std::size_t at = 0; at < out.size(); at = out.find("\r\n\r\n", at) + 4) {
        add(std::string_view(out).substr(at + 6, out.find("\r\n\r\n", at) - at - 6));
      }
    }
    const std::string body =
        testing::padded(R"({"contents":[{"parts":[{"text":"x"}]},{"role":"model","parts":[)" + parts + "]}]}");
    json::Reader reader;
    auto request = read_chat(body, reader);
    ASSERT_TRUE(request) << request.error().told << body;
    chat::unseal(*request, "google", chat::StateOf::kOtherDialect);
    auto& own = request->turns.at(1).parts;
    std::erase_if(own, [](const chat::Part& part) { return part.kind == chat::PartKind::kText && part.text.empty(); });
    ASSERT_EQ(own.size(), 4u) << body;
    EXPECT_EQ(own[0].text.raw, "why");
    EXPECT_EQ(own[0].state.kind, State::Kind::kSignature);
    EXPECT_EQ(own[0].state.data.raw, "sig==");
    EXPECT_EQ(own[1].state.kind, State::Kind::kRedacted);
    EXPECT_EQ(own[1].state.data.raw, "red");
    EXPECT_EQ(own[2].text.raw, "said");
    EXPECT_EQ(own[2].state.data.raw, "tho");
    EXPECT_EQ(own[3].id.raw, "c");
    EXPECT_EQ(own[3].state.data.raw, "cs");
  }
}

TEST(GeminiWriter, Sources) {
  Piece source = piece(PieceKind::kCitation);
  source.citation.url = {"https://a.test"};
  source.citation.title = {"A"};
  Piece other = source;
  other.citation.url = {"https://b.test"};
  const Piece pieces[] = {piece(PieceKind::kText, "naïve"), source, other,
                          piece(PieceKind::kText, " end"),  source, finish(FinishReason::kStop)};
  for (const Kind kind : {Kind::kGenerate, Kind::kStream}) {
    EXPECT_TRUE(
        write(kind, pieces)
            .contains(R"("groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://a.test","title":"A"}},)"
                      R"({"web":{"uri":"https://b.test","title":"A"}},{"web":{"uri":"https://a.test","title":"A"}}],)"
                      R"("groundingSupports":[{"segment":{"startIndex":0,"endIndex":6},"groundingChunkIndices":[0]},)"
                      R"({"segment":{"startIndex":0,"endIndex":6},"groundingChunkIndices":[1]},)"))
        << write(kind, pieces);
  }
}

TEST(GeminiWriter, WordsForTheEnd) {
  auto word = [](FinishReason reason, std::string_view told = "") {
    chat::Learned learned;
    learned.finish_reason = told;
    const Piece pieces[] = {finish(reason)};
    const std::string out = write(Kind::kGenerate, pieces, learned);
    const auto at = out.find(R"("finishReason":")") + 16;
    return out.substr(at, out.find('"', at) - at);
  };
  EXPECT_EQ(word(FinishReason::kStopSequence), "STOP");
  EXPECT_EQ(word(FinishReason::kContextWindow), "MAX_TOKENS");
  EXPECT_EQ(word(FinishReason::kContentFilter), "SAFETY");
  EXPECT_EQ(word(FinishReason::kContentFilter, "RECITATION"), "RECITATION");
  EXPECT_EQ(word(FinishReason::kRefusal), "SAFETY");
  EXPECT_EQ(word(FinishReason::kModelError, "error"), "OTHER");
  EXPECT_EQ(word(FinishReason::kPause), "CONTINUATION");
}

TEST(GeminiWriter, ErrorsOfStreams) {
  Fault fault;
  fault.kind = FaultKind::kProviderError;
  fault.meaning = Meaning::kOverloaded;
  fault.told = "Busy.";
  const std::string error = R"({"error":{"code":503,"message":"Busy.","status":"UNAVAILABLE"}})";
  chat::Learned learned;
  EXPECT_EQ(server().write_stream_error(endpoint(Kind::kStream), fault, learned), "data: " + error + "\r\n\r\n");
  EXPECT_EQ(server().write_stream_error(endpoint(Kind::kStreamArray), fault, learned), "[" + error + "\n]");
  learned.id = "r";
  EXPECT_EQ(server().write_stream_error(endpoint(Kind::kStreamArray), fault, learned), ",\r\n" + error + "\n]");
  EXPECT_EQ(server().stream_type(endpoint(Kind::kStreamArray)), "application/json; charset=UTF-8");
  EXPECT_EQ(server().keep_alive(endpoint(Kind::kStreamArray)), "\n");
  EXPECT_EQ(server().keep_alive(endpoint(Kind::kStream)), "\n");
  EXPECT_FALSE(server().takes_comments(endpoint(Kind::kStream)));
}

}  // namespace
}  // namespace sluice::dialect::gemini::writer_test
