// The cases of tests/fixtures/gemini for the tests of this folder. Thread rule: one thread. Lifetime: a Case owns its
// texts.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dialect/dialect.h"
#include "dialect/fixture_test.h"

namespace sluice::dialect::gemini::testing {

namespace dom = fixtures::dom;
using fixtures::at;
using fixtures::Case;
using fixtures::padded;
using fixtures::read_file;
using fixtures::sorted;

inline const fixtures::Cases& cases() {
  static const fixtures::Cases kCases = fixtures::load_cases({"gemini"});
  return kCases;
}
inline const Case& find_case(std::string_view id) {
  return fixtures::find_in(cases(), id);
}

// What the pieces of an answer say, owned.
struct Heard {
  struct Call {
    std::string id, name, arguments, state;
    bool made_up = false;
    bool operator==(const Call&) const = default;
  };
  std::map<std::uint32_t, std::string> texts, reasoning;
  std::map<std::uint32_t, chat::FinishReason> finish;
  std::vector<Call> calls;
  std::vector<std::string> states, media, items, citations, logprobs;
  bool operator==(const Heard&) const = default;

  void add(const chat::Piece& piece) {
    switch (piece.kind) {
      case chat::PieceKind::kText:
      case chat::PieceKind::kRefusal:
        texts[piece.choice] += json::plain(piece.text);
        return;
      case chat::PieceKind::kReasoning:
        reasoning[piece.choice] += json::plain(piece.text);
        return;
      case chat::PieceKind::kState:
        states.push_back(std::to_string(static_cast<int>(piece.state.kind)) + json::plain(piece.state.data));
        return;
      case chat::PieceKind::kCall:
        calls.push_back(
            {json::plain(piece.id), json::plain(piece.name), "", json::plain(piece.state.data), piece.made_up_id});
        return;
      case chat::PieceKind::kArguments:
        ASSERT_FALSE(calls.empty());
        calls.back().arguments += json::plain(piece.text);
        return;
      case chat::PieceKind::kMedia:
        media.push_back(json::plain(piece.media.type) + ":" + json::plain(piece.media.data));
        return;
      case chat::PieceKind::kCitation:
        citations.push_back(json::plain(piece.citation.url) + " " + json::plain(piece.citation.title));
        return;
      case chat::PieceKind::kServerItem:
        items.emplace_back(piece.raw);
        return;
      case chat::PieceKind::kLogprobs:
        logprobs.emplace_back(piece.raw);
        return;
      case chat::PieceKind::kFinish:
        EXPECT_FALSE(finish.contains(piece.choice));
        finish[piece.choice] = piece.finish;
        return;
    }
  }
};

}  // namespace sluice::dialect::gemini::testing
