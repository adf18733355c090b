#include "chat/reply.h"

#include <gtest/gtest.h>

namespace sluice::chat::reply_test {
namespace {

Piece piece(PieceKind kind, std::string_view text = {}, std::uint32_t choice = 0) {
  Piece piece;
  piece.kind = kind;
  piece.text = {text};
  piece.choice = choice;
  return piece;
}
Piece state(State::Kind kind, std::string_view data = {}, std::string_view id = {}) {
  Piece made = piece(PieceKind::kState);
  made.state = {.kind = kind, .data = {data}};
  made.id = {id};
  return made;
}
Piece call(std::string_view id, ToolKind tool = ToolKind::kFunction) {
  Piece made = piece(PieceKind::kCall);
  made.id = {id};
  made.name = {"f"};
  made.tool = tool;
  return made;
}

const std::vector<Choice>& collected(Collector& collector, const std::vector<Piece>& pieces) {
  collector.add(pieces);
  return collector.choices();
}

TEST(Collector, PutsTextsTogetherAndReasoningApart) {
  Collector collector;
  const auto& parts = collected(collector, {piece(PieceKind::kReasoning, "a"), piece(PieceKind::kReasoning, "b"),
                                            state(State::Kind::kSignature, "s"), piece(PieceKind::kReasoning, "c"),
                                            state(State::Kind::kPlain), state(State::Kind::kRedacted, "r"),
                                            piece(PieceKind::kText, "d"), piece(PieceKind::kText, "e"),
                                            state(State::Kind::kThought, "t"), piece(PieceKind::kText, "f"),
                                            state(State::Kind::kEncrypted, "x", "rs_1")})[0]
                          .parts;
  ASSERT_EQ(parts.size(), 6u);
  EXPECT_EQ(parts[0].text.raw, "ab");
  EXPECT_EQ(parts[0].state.data.raw, "s");
  EXPECT_EQ(parts[1].text.raw, "c");
  EXPECT_EQ(parts[1].state.kind, State::Kind::kPlain);
  EXPECT_EQ(parts[2].state.kind, State::Kind::kRedacted);
  EXPECT_EQ(parts[2].text.raw, "");
  EXPECT_EQ(parts[3].text.raw, "de");
  EXPECT_EQ(parts[3].state.kind, State::Kind::kThought);
  EXPECT_EQ(parts[4].text.raw, "f");
  EXPECT_EQ(parts[5].kind, PartKind::kReasoning);
  EXPECT_EQ(parts[5].id.raw, "rs_1");
}

TEST(Collector, ReadsArguments) {
  Collector collector;
  const auto& parts =
      collected(collector, {call("1"), piece(PieceKind::kArguments, R"({\"a\":)"), piece(PieceKind::kArguments, "1}"),
                            call("2"), call("3"), piece(PieceKind::kArguments, R"({\"a)"), call("4", ToolKind::kCustom),
                            piece(PieceKind::kArguments, R"(x\ny)")})[0]
          .parts;
  ASSERT_EQ(parts.size(), 4u);
  EXPECT_EQ(parts[0].arguments, R"({"a":1})");
  EXPECT_EQ(parts[1].arguments, "{}");
  EXPECT_EQ(parts[2].text.raw, R"({\"a)") << "cut off: as it came";
  EXPECT_EQ(parts[3].text.raw, R"(x\ny)");
  EXPECT_EQ(parts[3].arguments, "");
}

TEST(Collector, KeepsChoicesApartAndTheirEnds) {
  Collector collector;
  Piece end = piece(PieceKind::kFinish, "STOP", 1);
  end.finish = FinishReason::kStopSequence;
  Piece logprobs = piece(PieceKind::kLogprobs, {}, 1);
  logprobs.raw = R"({"content":[]})";
  const auto& choices = collected(collector, {piece(PieceKind::kText, "b", 1), piece(PieceKind::kText, "a"), logprobs,
                                              piece(PieceKind::kRefusal, "no"), end});
  ASSERT_EQ(choices.size(), 2u);
  EXPECT_EQ(choices[0].parts[0].text.raw, "a");
  EXPECT_EQ(choices[0].parts[1].kind, PartKind::kRefusal);
  EXPECT_EQ(choices[0].finish, FinishReason::kNone);
  EXPECT_EQ(choices[1].parts[0].text.raw, "b");
  EXPECT_EQ(choices[1].finish, FinishReason::kStopSequence);
  EXPECT_EQ(choices[1].stop_sequence.raw, "STOP");
  EXPECT_EQ(choices[1].logprobs[0], R"({"content":[]})");
}

TEST(Collector, KeepsMediaCitationsAndItems) {
  Collector collector;
  Piece media = piece(PieceKind::kMedia);
  media.media.type = {"image/png"};
  media.media.data = {"AAAA"};
  Piece citation = piece(PieceKind::kCitation);
  citation.citation.url = {"https://a"};
  Piece item = piece(PieceKind::kServerItem);
  item.raw = "{}";
  const Choice& choice = collected(collector, {piece(PieceKind::kText, "a"), citation, media, item})[0];
  ASSERT_EQ(choice.parts.size(), 3u);
  EXPECT_EQ(choice.citations[0].range, (Range{.begin = 0, .end = 1}));
  EXPECT_EQ(choice.citations[0].citation.url.raw, "https://a");
  EXPECT_EQ(choice.parts[1].kind, PartKind::kImage);
  EXPECT_EQ(choice.parts[1].media.data.raw, "AAAA");
  EXPECT_EQ(choice.parts[2].raw, "{}");
}

TEST(Collector, OwnsWhatItWasGivenAndHasOneChoiceAtLeast) {
  Collector collector;
  EXPECT_EQ(collector.choices().size(), 1u);
  {
    const std::string text(100, 'x');
    const Piece pieces[]{piece(PieceKind::kText, text)};
    collector.add(pieces);
  }
  EXPECT_EQ(collector.choices()[0].parts[0].text.raw, std::string(100, 'x'));
}

}  // namespace
}  // namespace sluice::chat::reply_test
