#include "chat/cited.h"

#include <gtest/gtest.h>

#include "chat/reply.h"

namespace sluice::chat::cited_test {
namespace {

using Unit = Extent::Unit;

Piece text(std::string_view raw, bool begins_block = false) {
  Piece piece;
  piece.text = {raw};
  piece.begins_block = begins_block;
  return piece;
}

Piece cited(std::string_view url, Extent of) {
  Piece piece;
  piece.kind = PieceKind::kCitation;
  piece.citation.url = {url};
  piece.citation.of = of;
  return piece;
}

TEST(Characters, AreCodePointsHoweverTheyAreWritten) {
  EXPECT_EQ(characters({"a\xc3\xa9\xf0\x9f\x9a\x80"}), 3u);
  EXPECT_EQ(characters({R"(a\u00e9\ud83d\ude80\n)"}), 4u);
  EXPECT_EQ(characters({R"(\\)"}), 1u);
  EXPECT_EQ(characters({R"(\ud83d\u00e9)"}), 2u);
  EXPECT_EQ(characters({R"(a\u00)"}), 2u);
  EXPECT_EQ(offset_of({R"(\ud83d\ude80b)"}, 1), 12u);
  EXPECT_EQ(offset_of({"ab"}, 7), 2u);
  EXPECT_EQ(utf8_size({R"(a\u00e9\ud83d\ude80)"}), 7u);
}

TEST(CitedText, CountsBytesAndCharacters) {
  CitedText places;
  places.add(text("\xc3\xa9 Paris."));
  places.add(text(R"(\ud83d\ude80!)"));
  EXPECT_EQ(places.characters(), 10u);
  EXPECT_EQ(places.place({.unit = Unit::kBytes, .begin = 3, .end = 9}), (Range{.begin = 2, .end = 8}));
  EXPECT_EQ(places.place({.unit = Unit::kBytes, .begin = 9, .end = 99}), (Range{.begin = 8, .end = 10}));
  EXPECT_EQ(places.byte_of(2), 3u);
  EXPECT_EQ(places.byte_of(9), 13u);
  EXPECT_EQ(places.byte_of(99), 14u);
  EXPECT_EQ(CitedText().byte_of(1), 0u);
}

TEST(CitedText, KnowsBlocksAndTheTextBefore) {
  CitedText places;
  places.add(text("I am ", true));
  places.add(text("found", true));
  const Extent before;
  EXPECT_EQ(places.place(before), (Range{.begin = 5, .end = 10}));
  EXPECT_EQ(places.place(before), (Range{.begin = 5, .end = 10}));
  places.add(text("!"));
  EXPECT_EQ(places.place(before), (Range{.begin = 10, .end = 11}));
  EXPECT_EQ(places.place({.unit = Unit::kBlockCharacters, .begin = 0, .end = 5}), (Range{.begin = 5, .end = 10}));
  EXPECT_EQ(places.place({.unit = Unit::kCharacters, .begin = 2, .end = 1}), (Range{.begin = 2, .end = 2}));
}

// The passages of all parts, each with the addresses of its sources.
std::string told(std::vector<Piece> pieces) {
  Collector collector;
  collector.add(pieces);
  const Choice& choice = collector.choices().front();
  std::string all;
  for (const std::vector<Passage>& part :
       passages(choice, [](const Citation& source) { return source.url.raw != "-"; })) {
    for (const Passage& passage : part) {
      all += std::string(passage.text) + '(';
      for (const Citation* source : passage.sources) all += source->url.raw;
      all += ')';
    }
    all += '|';
  }
  return all;
}

TEST(Passages, AreCutWhereSourcesBeginAndEnd) {
  const auto of = [](std::uint64_t begin, std::uint64_t end) {
    return Extent{.unit = Unit::kCharacters, .begin = begin, .end = end};
  };
  EXPECT_EQ(told({text("plain")}), "plain()|");
  EXPECT_EQ(told({text("I am ", true), text("found", true), cited("x", {})}), "I am ()|found(x)|");
  EXPECT_EQ(told({text("abcdef"), cited("y", of(4, 6)), cited("x", of(1, 3))}), "a()bc(x)d()ef(y)|");
  EXPECT_EQ(told({text("abcdef"), cited("x", of(0, 3)), cited("y", of(2, 4)), cited("z", of(0, 3))}), "abcd(xzy)ef()|");
  EXPECT_EQ(told({text("ab"), text("cd", true), cited("x", of(1, 3))}), "a()b(x)|c(x)d()|");
  EXPECT_EQ(told({text("ab", true), text("cd", true), text("ef", true), cited("x", of(1, 5)), cited("y", of(5, 6))}),
            "a()b(x)|cd(x)|e(x)f(y)|");
  EXPECT_EQ(told({text(R"( A. B.\n)"), cited("x", of(1, 3)), cited("y", of(4, 6))}), R"( A. (x)B.\n(y)|)");
  EXPECT_EQ(told({text(" "), cited("-", of(0, 1))}), " ()|");
  EXPECT_EQ(told({text("ab"), cited("-", of(0, 1))}), "ab()|");
  EXPECT_EQ(told({text("ab"), cited("x", of(2, 2)), cited("y", of(9, 12))}), "a()b(x)|");
  EXPECT_EQ(told({text(R"(\u00e9\nb)"), cited("x", of(1, 2))}), R"(\u00e9()\n(x)b()|)");
}

}  // namespace
}  // namespace sluice::chat::cited_test
