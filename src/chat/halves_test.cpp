#include "chat/halves.h"

#include <gtest/gtest.h>

namespace sluice::chat::halves_test {
namespace {

Piece text(std::string_view raw, PieceKind kind = PieceKind::kText, std::uint32_t choice = 0) {
  Piece piece;
  piece.kind = kind;
  piece.choice = choice;
  piece.text = {raw};
  return piece;
}

// What each call gives, and the rest.
std::string joined(const std::vector<std::vector<Piece>>& calls) {
  Halves halves;
  std::string all;
  const auto tell = [&](std::span<const Piece> pieces) {
    for (const Piece& piece : pieces) {
      all +=
          std::to_string(static_cast<int>(piece.kind)) + std::to_string(piece.choice) + (piece.begins_block ? "!" : "");
      all += std::string(piece.text.raw) + ' ';
    }
    all += '|';
  };
  for (const auto& pieces : calls) tell(halves.join(pieces));
  tell(halves.rest());
  return all;
}

TEST(Halves, AreJoinedOverEvents) {
  EXPECT_EQ(joined({{text(R"(go \ud83d)")}, {text(R"(\ude80!)")}}), R"(00go  |00\ud83d\ude80! ||)");
  EXPECT_EQ(joined({{text(R"(\uD83D)")}, {text(R"(\uDE80\ud83d)")}, {text(R"(\ude80)")}}),
            R"(|00\uD83D\uDE80 |00\ud83d\ude80 ||)");
  EXPECT_EQ(joined({{text("a"), text(R"(\ud83d)"), text(R"(\ude80)")}}), R"(00a 00\ud83d\ude80 ||)");
}

TEST(Halves, WaitForTheirOwnKindOnly) {
  EXPECT_EQ(joined({{text(R"(a\ud83d)")}, {text("b", PieceKind::kReasoning)}}), R"(00a |00\ufffd 20b ||)");
  EXPECT_EQ(joined({{text(R"(a\ud83d)")}, {text("b", PieceKind::kText, 1)}}), R"(00a |00\ufffd 01b ||)");
  EXPECT_EQ(joined({{text(R"(a\ud83d)")}}), R"(00a |00\ufffd |)");
}

TEST(Halves, LeaveTheRestAlone) {
  EXPECT_EQ(joined({{text(R"(a\\ud83d)")}, {text(R"(\ude80)")}}), R"(00a\\ud83d |00\ude80 ||)");
  EXPECT_EQ(joined({{text(R"(a\\\ud83d)")}, {text("b")}}), R"(00a\\ |00\ufffdb ||)");
  EXPECT_EQ(joined({{text(R"(\u00e9\ud83d\ude80)")}, {}}), R"(00\u00e9\ud83d\ude80 |||)");
  Piece begins = text(R"(\ud83d)");
  begins.begins_block = true;
  EXPECT_EQ(joined({{begins}, {text(R"(\ude80)")}}), R"(|00!\ud83d\ude80 ||)");
}

}  // namespace
}  // namespace sluice::chat::halves_test
