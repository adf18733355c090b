// Every recorded stream, cut anywhere: the same bytes, pieces and usage; cut off: never a clean end.
#include <gtest/gtest.h>

#include "dialects.h"
#include "json/reader.h"

namespace sluice::matrix::replay_test {
namespace {

// What a stream says, as one text to compare; texts that follow each other count as one.
struct Outcome {
  std::string wire;
  std::string pieces;
  std::string learned;
  std::string fault;
  bool complete = false;
  bool operator==(const Outcome&) const = default;
};

void append_piece(std::string& out, const chat::Piece& piece, chat::PieceKind& last) {
  using enum chat::PieceKind;
  const bool goes_on = piece.kind == last && (piece.kind == kText || piece.kind == kReasoning ||
                                              piece.kind == kRefusal || piece.kind == kArguments);
  last = piece.kind;
  if (!goes_on) out += "\n" + std::to_string(static_cast<int>(piece.kind)) + " " + std::to_string(piece.choice) + " ";
  for (auto part : {piece.text.raw, piece.id.raw, piece.name.raw, piece.state.data.raw, piece.media.type.raw,
                    piece.media.data.raw, piece.citation.url.raw, piece.citation.raw, piece.raw}) {
    out += part;
  }
  if (piece.kind == kFinish) out += chat::name(piece.finish);
}

using Pieces = dialect::ReadOptions::Pieces;

Outcome replay(const dialect::Client& client, std::string_view stream, std::size_t size,
               Pieces pieces = Pieces::kMake) {
  json::Reader reader;
  chat::Learned learned;
  auto answer = client.read_answer(dialect::Operation::kChat, nullptr, {.pieces = pieces}, learned, reader);
  Outcome outcome;
  auto last = chat::PieceKind::kFinish;
  auto note = [&](const auto& result) {
    for (const auto& event : answer->last_events()) {
      outcome.wire += event.wire;
      for (const auto& piece : event.pieces) append_piece(outcome.pieces, piece, last);
    }
    if (!result) outcome.fault = std::string(name(result.error().kind)) + " " + result.error().told;
    return result.has_value();
  };
  bool going = true;
  for (std::size_t at = 0; at < stream.size() && going; at += size) {
    const std::string chunk(stream.substr(at, size));  // its own memory: a view kept too long is found by sanitizers
    going = note(answer->feed(chunk));
  }
  if (going) note(answer->finish());
  outcome.complete = answer->complete();
  outcome.learned = learned.id + "|" + learned.model + "|" + learned.finish_reason + "|" +
                    std::string(chat::name(learned.finish)) + "|" + std::to_string(learned.usage.input) + "|" +
                    std::to_string(learned.usage.output) + "|" + std::to_string(learned.usage.cache_read) + "|" +
                    std::to_string(learned.shown) + "|" + std::to_string(learned.counted);
  // A complete answer's usage counts all that it has shown.
  const bool told = learned.usage.output > 0;
  if (outcome.complete && told) EXPECT_EQ(learned.counted, learned.shown);
  return outcome;
}

class Replay : public ::testing::Test {
 protected:
  template <class Check>
  void each_stream(Check check) {
    int streams = 0;
    for (const auto& test : cases()) {
      const auto* client = client_of(*test);
      if (!is_stream(*test) || client == nullptr) continue;
      SCOPED_TRACE(test->folder + "/" + test->id);
      check(*client, test->body);
      ++streams;
    }
    EXPECT_GE(streams, 40);
  }
};

TEST_F(Replay, HoweverAStreamIsCutItSaysTheSame) {
  each_stream([](const dialect::Client& client, const std::string& stream) {
    const auto whole = replay(client, stream, stream.size());
    for (std::size_t size : {1, 2, 3, 7, 64, 1000}) EXPECT_EQ(replay(client, stream, size), whole) << size;
    if (whole.fault.empty()) EXPECT_TRUE(whole.complete);
  });
}

TEST_F(Replay, ItTellsTheSameWhetherPiecesAreMadeOrNot) {
  each_stream([](const dialect::Client& client, const std::string& stream) {
    EXPECT_EQ(replay(client, stream, stream.size(), Pieces::kSkip).learned,
              replay(client, stream, stream.size()).learned);
  });
}

TEST_F(Replay, AStreamThatIsCutOffNeverEndsWell) {
  each_stream([](const dialect::Client& client, const std::string& stream) {
    const auto whole = replay(client, stream, stream.size());
    for (std::size_t end = 0; end < stream.size(); ++end) {
      const auto part = replay(client, std::string_view(stream).substr(0, end), stream.size());
      if (part.fault.empty()) {
        // Only what follows the terminal event may be missing.
        EXPECT_TRUE(part.complete) << end;
        EXPECT_EQ(part.pieces, whole.pieces) << end;
      } else {
        EXPECT_TRUE(whole.pieces.starts_with(part.pieces)) << end << "\n" << part.pieces << "\n" << whole.pieces;
      }
    }
  });
}

}  // namespace
}  // namespace sluice::matrix::replay_test
