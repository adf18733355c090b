// A whole answer collected from its pieces.
//
// Thread rule: one thread. Lifetime: the parts' texts are owned by the Collector and valid until it goes or gets more
// pieces.
#pragma once

#include <string>
#include <vector>

#include "chat/cited.h"
#include "chat/event.h"
#include "chat/texts.h"

namespace sluice::chat {

// A source, and the characters of the choice's text it is of.
struct Cited {
  Range range;
  Citation citation;
};

struct Choice {
  std::vector<Part> parts;  // texts of one block are one; reasoning has its state; kServerItem and kImage too
  FinishReason finish = FinishReason::kNone;
  Escaped stop_sequence;
  std::vector<std::string_view> logprobs;  // Chat's objects, one a chunk
  std::vector<Cited> citations;
};

// Text of one part with the same sources, which may be none.
struct Passage {
  std::string_view text;  // as written in JSON
  std::vector<const Citation*> sources;
};
// The text of each part, cut where the sources that `tells` holds for begin and end; those that overlap are of all that
// they cover together. Blank text between them goes with what is before it: as a text of its own, APIs refuse it.
std::vector<std::vector<Passage>> passages(const Choice& choice, bool (*tells)(const Citation&));

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
    CitedText text;
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
