// The cases of tests/fixtures/bedrock for the tests of this folder. Thread rule: one thread. Lifetime: a Case owns its
// texts.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dialect/dialect.h"
#include "dialect/fixture_test.h"

namespace sluice::dialect::bedrock::testing {

namespace dom = fixtures::dom;
using fixtures::Case;
using fixtures::padded;
using fixtures::read_file;
using fixtures::sorted;

// What JSON holds at a pointer, as text; "none" when nothing is there.
inline std::string at(std::string_view json, std::string_view pointer) {
  const std::string found = fixtures::at(json, pointer);
  return found.empty() ? "none" : found;
}

// But for those of the framing alone.
inline const fixtures::Cases& cases() {
  static const fixtures::Cases kCases = [] {
    auto loaded = fixtures::load_cases({"bedrock"});
    std::erase_if(loaded, [](const auto& test) { return !test->is_expected; });
    return loaded;
  }();
  return kCases;
}
inline const Case& find_case(std::string_view id) {
  return fixtures::find_in(cases(), id);
}

// What the pieces of an answer say, owned.
struct Heard {
  struct Call {
    std::string id, name, arguments;
    bool operator==(const Call&) const = default;
  };
  std::string text, reasoning, stop_sequence;
  std::vector<std::string> states;  // the kind as a number, then the data
  std::vector<Call> calls;
  std::vector<std::string> citations, items, media;
  std::string order;  // one letter a piece, texts that follow each other as one
  chat::FinishReason finish = chat::FinishReason::kNone;
  bool operator==(const Heard&) const = default;

  void note(char letter) {
    const bool goes_on = std::string_view("trja").find(letter) != std::string_view::npos;
    if (!goes_on || order.empty() || order.back() != letter) order += letter;
  }

  void add(const chat::Piece& piece) {
    using enum chat::PieceKind;
    switch (piece.kind) {
      case kText:
      case kRefusal:
        text += json::plain(piece.text);
        return note('t');
      case kReasoning:
        reasoning += json::plain(piece.text);
        return note('r');
      case kState:
        states.push_back(std::to_string(static_cast<int>(piece.state.kind)) + json::plain(piece.state.data));
        return note('s');
      case kCall:
        calls.push_back({json::plain(piece.id), json::plain(piece.name), {}});
        return note('c');
      case kArguments:
        ASSERT_FALSE(calls.empty());
        calls.back().arguments += json::plain(piece.text);
        return note('a');
      case kMedia:
        media.push_back(std::string(piece.media.type.raw) + ":" + std::string(piece.media.data.raw));
        return note('m');
      case kCitation:
        citations.push_back(json::plain(piece.citation.title) + "|" + json::plain(piece.citation.url) + "|" +
                            json::plain(piece.citation.quote));
        return note('q');
      case kServerItem:
        items.emplace_back(piece.raw);
        return note('i');
      case kLogprobs:
        return note('l');
      case kFinish:
        finish = piece.finish;
        stop_sequence = json::plain(piece.text);
        return;
    }
  }
};

}  // namespace sluice::dialect::bedrock::testing
