#include "dialect/bedrock/writer.h"

#include "chat/seal.h"
#include "dialect/bedrock/answer.h"
#include "dialect/bedrock/fields.h"
#include "dialect/bedrock/fixture_test.h"
#include "http/event_stream.h"
#include "json/reader.h"

namespace sluice::dialect::bedrock::writer_test {
namespace {

using chat::FinishReason;
using chat::Piece;
using chat::PieceKind;
using chat::State;
using testing::at;
using testing::cases;
using testing::Heard;

// Reads what was written; the states that were sealed are opened.
Heard read_back(std::string_view written, bool stream, chat::Learned& learned) {
  json::Reader reader;
  Heard heard;
  const auto answer = make_reader(Kind::kConverse, {}, learned, reader);
  if (stream) {
    auto events = answer->feed(written);
    EXPECT_TRUE(events) << events.error().detail;
    for (const chat::Event& event : answer->last_events()) {
      for (const Piece& piece : event.pieces) heard.add(piece);
    }
    EXPECT_TRUE(answer->finish());
  } else {
    const std::string body = testing::padded(written);
    auto event = answer->read_whole(body);
    EXPECT_TRUE(event) << event.error().detail;
    if (event) {
      for (const Piece& piece : event->pieces) heard.add(piece);
    }
  }
  for (std::string& state : heard.states) {
    const auto sealed = chat::open_seal(state);
    EXPECT_TRUE(sealed) << state;
    if (!sealed) continue;
    EXPECT_EQ(sealed->origin, "aws");
    state = std::to_string(static_cast<int>(sealed->entries.at(0).kind)) + sealed->entries.at(0).data;
  }
  return heard;
}

struct Written {
  std::string body;
  chat::Learned learned;  // read back
  Heard heard;
};

Written write(std::span<const Piece> pieces, bool stream, chat::Learned learned,
              const chat::Request* request = nullptr) {
  learned.finish = FinishReason::kNone;
  const auto writer = make_writer({.request = request, .origin = "aws", .exchange_id = "x", .stream = stream});
  Written written;
  for (const Piece& piece : pieces) writer->write({&piece, 1}, learned, written.body);
  writer->finish(learned, written.body);
  written.heard = read_back(written.body, stream, written.learned);
  return written;
}

TEST(BedrockWriter, WritesEveryRecordedAnswerSoThatItIsReadAsTheSame) {
  for (const auto& test : cases()) {
    if (test->status != 200 || test->is_error()) continue;
    json::Reader reader;
    chat::Learned learned;
    const auto answer = make_reader(Kind::kConverse, {}, learned, reader);
    Heard expected;
    std::vector<Piece> pieces;
    const std::string body = testing::padded(test->body);
    if (test->stream) {
      ASSERT_TRUE(answer->feed(body)) << test->id;
      for (const chat::Event& event : answer->last_events()) {
        pieces.insert(pieces.end(), event.pieces.begin(), event.pieces.end());
      }
    } else {
      const auto event = answer->read_whole(body);
      ASSERT_TRUE(event) << test->id;
      pieces.assign(event->pieces.begin(), event->pieces.end());
    }
    for (const Piece& piece : pieces) expected.add(piece);
    chat::Request request;
    request.give(chat::Field::kInclude, kResponsePaths, R"(["/stop_sequence"])");
    for (bool stream : {false, true}) {
      Written written = write(pieces, stream, learned, &request);
      for (Heard* heard : {&written.heard, &expected}) {
        for (auto& call : heard->calls) {
          if (call.arguments.empty()) call.arguments = "{}";
        }
        std::erase(heard->order, 'a');
      }
      EXPECT_EQ(written.heard, expected) << test->id << stream;
      EXPECT_EQ(written.learned.usage, learned.usage) << test->id;
      EXPECT_EQ(written.learned.finish_reason, learned.finish_reason) << test->id;
    }
  }
}

TEST(BedrockWriter, WritesTheFramesOfTheApi) {
  const std::vector<Piece> pieces{
      {.kind = PieceKind::kText, .text = {"a"}},
      {.kind = PieceKind::kText, .text = {"b"}},
      {.kind = PieceKind::kCall, .id = {"c1"}, .name = {"f"}},
      {.kind = PieceKind::kArguments, .text = {R"({\"x\")"}},
      {.kind = PieceKind::kArguments, .text = {":1}"}},
      {.kind = PieceKind::kCall, .id = {"c2"}, .name = {"g"}},
      {.kind = PieceKind::kFinish, .finish = FinishReason::kToolCalls},
  };
  chat::Learned learned;
  learned.usage = {.source = chat::UsageSource::kProvider, .input = 10, .cache_read = 3, .output = 2};
  learned.service_tier = "flex";
  const Written written = write(pieces, true, learned);
  http::EventStreamSplitter splitter(1 << 20);
  std::string frames;
  for (const auto& frame : splitter.feed(written.body)) {
    EXPECT_EQ(frame.text(":message-type"), "event");
    EXPECT_EQ(frame.text(":content-type"), "application/json");
    frames += std::string(frame.text(":event-type")) + " " + std::string(frame.payload) + "\n";
  }
  EXPECT_EQ(frames,
            R"(messageStart {"role":"assistant"}
contentBlockDelta {"contentBlockIndex":0,"delta":{"text":"a"}}
contentBlockDelta {"contentBlockIndex":0,"delta":{"text":"b"}}
contentBlockStop {"contentBlockIndex":0}
contentBlockStart {"contentBlockIndex":1,"start":{"toolUse":{"toolUseId":"c1","name":"f"}}}
contentBlockDelta {"contentBlockIndex":1,"delta":{"toolUse":{"input":"{\"x\""}}}
contentBlockDelta {"contentBlockIndex":1,"delta":{"toolUse":{"input":":1}"}}}
contentBlockStop {"contentBlockIndex":1}
contentBlockStart {"contentBlockIndex":2,"start":{"toolUse":{"toolUseId":"c2","name":"g"}}}
contentBlockStop {"contentBlockIndex":2}
messageStop {"stopReason":"tool_use"}
metadata {"usage":{"inputTokens":7,"outputTokens":2,"totalTokens":12,"cacheReadInputTokens":3,"cacheWriteInputTokens":0},"serviceTier":{"type":"flex"}}
)");
}

TEST(BedrockWriter, SealsTheStateOfOtherProviders) {
  const std::vector<Piece> pieces{
      {.kind = PieceKind::kReasoning, .text = {"Hm"}},
      {.kind = PieceKind::kState, .id = {"rs_1"}, .state = {.kind = State::Kind::kEncrypted, .data = {"gAAA"}}},
      {.kind = PieceKind::kState, .state = {.kind = State::Kind::kRedacted, .data = {"red"}}},
      {.kind = PieceKind::kText, .text = {"Hi"}},
      {.kind = PieceKind::kState, .state = {.kind = State::Kind::kThought, .data = {"th"}}},
      {.kind = PieceKind::kCall,
       .id = {"made"},
       .name = {"f"},
       .made_up_id = true,
       .state = {.kind = State::Kind::kThought, .data = {"sig"}}},
      {.kind = PieceKind::kFinish, .finish = FinishReason::kStop},
  };
  for (bool stream : {false, true}) {
    const Written written = write(pieces, stream, {});
    EXPECT_EQ(written.heard.states, (std::vector<std::string>{"3gAAA", "2red", "4th"}));
    EXPECT_EQ(written.heard.reasoning, "Hm");
    EXPECT_TRUE(chat::may_hold_seal(written.body));
    const auto sealed = chat::open_seal(written.heard.calls.at(0).id);
    ASSERT_TRUE(sealed);
    EXPECT_TRUE(sealed->made_up_id);
    EXPECT_EQ(sealed->entries.at(0).data, "sig");
  }
}

TEST(BedrockWriter, LosesNoCallThatWasCut) {
  const std::vector<Piece> pieces{
      {.kind = PieceKind::kCall, .id = {"a"}, .name = {"f"}},
      {.kind = PieceKind::kArguments, .text = {R"({\"city\":\"Os)"}},
      {.kind = PieceKind::kFinish, .finish = FinishReason::kLength},
  };
  const Written whole = write(pieces, false, {});
  EXPECT_EQ(at(whole.body, "/output/message/content/0/toolUse/input/_raw"), R"("{\"city\":\"Os")");
  EXPECT_EQ(at(whole.body, "/stopReason"), "\"max_tokens\"");
  EXPECT_EQ(write(pieces, true, {}).heard.calls.at(0).arguments, R"({"city":"Os)");
}

TEST(BedrockWriter, WritesImagesAndCitations) {
  Piece image{.kind = PieceKind::kMedia};
  image.media = {.form = chat::Media::Form::kInline, .type = {"image/png"}, .data = {"YQ=="}};
  const std::vector<Piece> pieces{
      {.kind = PieceKind::kText, .text = {"Hi"}},
      {.kind = PieceKind::kCitation, .citation = {.url = {"https://a.b"}, .title = {"T"}, .quote = {"q"}, .raw = {}}},
      image,
      {.kind = PieceKind::kRefusal, .text = {"No"}},
      {.kind = PieceKind::kFinish, .finish = FinishReason::kRefusal},
  };
  for (bool stream : {false, true}) {
    const Written written = write(pieces, stream, {});
    EXPECT_EQ(written.heard.citations, std::vector<std::string>{"T|https://a.b|q"}) << stream;
    EXPECT_EQ(written.heard.media, std::vector<std::string>{"image/png:YQ=="}) << stream;
    EXPECT_EQ(written.heard.text, "HiNo") << stream;
    EXPECT_EQ(written.learned.finish_reason, "content_filtered") << stream;
  }
}

TEST(BedrockWriter, BreaksOffWithAnException) {
  const auto writer = make_writer({.stream = true});
  std::string out;
  const Piece piece{.kind = PieceKind::kText, .text = {"a"}};
  writer->write({&piece, 1}, {}, out);
  Fault fault;
  fault.kind = FaultKind::kTruncated;
  fault.told = "It ended.";
  writer->fail(fault, {}, out);
  http::EventStreamSplitter splitter(1 << 20);
  const auto frames = splitter.feed(out);
  ASSERT_EQ(frames.size(), 3u);
  EXPECT_EQ(frames[2].text(":exception-type"), "modelStreamErrorException");
  EXPECT_EQ(frames[2].payload, R"({"message":"It ended."})");
}

TEST(BedrockWriter, WritesAnEmptyAnswer) {
  const Written whole = write({}, false, {});
  EXPECT_EQ(at(whole.body, "/output/message"), R"({"content":[],"role":"assistant"})");
  EXPECT_EQ(at(whole.body, "/stopReason"), "\"end_turn\"");
  EXPECT_EQ(write({}, true, {}).learned.finish_reason, "end_turn");
}

}  // namespace
}  // namespace sluice::dialect::bedrock::writer_test
