// A whole answer collected from its pieces.
//
// Thread rule: one thread. Lifetime: the parts' texts are owned by the Collector and valid until it goes or gets more
// pieces.
#pragma once

#include <string>
#include <vector>

#include "chat/event.h"
#include "chat/texts.h"

namespace sluice::chat {

// A source of the text of a part.
struct Cited {
  std::size_t part = 0;  // how many parts there were: it belongs to the last of them
  std::size_t end = 0;   // how much of that part's text there was, as written: it belongs to what is before
  Citation citation;
};

struct Choice {
  std::vector<Part> parts;  // texts that follow each other are one; reasoning has its state; kServerItem and kImage too
  FinishReason finish = FinishReason::kNone;
  Escaped stop_sequence;
  std::vector<std::string_view> logprobs;  // Chat's objects, one a chunk
  std::vector<Cited> citations;
};

class Collector {
 public:
  void add(std::span<const Piece> pieces);
  // The answer so far; at least one choice. Arguments that are no JSON object are as they came in `text`.
  const std::vector<Choice>& choices();

 private:
  // What grows while pieces arrive.
  struct Growing {
    Part part;
    std::string text;
  };
  struct Column {
    std::vector<Growing> parts;
    Choice choice;
    std::vector<std::string> logprobs;
  };
  Column& column(std::uint32_t choice);
  void add(const Piece& piece);
  void append(Column& column, PartKind kind, const Piece& piece);
  void end_reasoning(Column& column, const Piece& piece);
  Escaped keep(Escaped text) { return {texts_.keep(std::string(text.raw))}; }
  Part own(const Piece& piece, PartKind kind);

  std::vector<Column> columns_;
  std::vector<Choice> choices_;
  Texts texts_;
};

}  // namespace sluice::chat
