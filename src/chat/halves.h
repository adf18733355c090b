// Joins characters that a provider cut in two.
//
// A character outside of the Basic Multilingual Plane may be written as two escapes (\ud83d\ude80), and some servers
// put each into an event of its own. Alone they are no characters: strict clients fail on them.
//
// Thread rule: one stream, one thread. Lifetime: pieces that are given back are valid until the next call.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "chat/event.h"
#include "chat/texts.h"

namespace sluice::chat {

class Halves {
 public:
  // The pieces, with no first half of a character at the end of a text whose second half may follow. One whose second
  // half does not follow becomes U+FFFD.
  std::span<const Piece> join(std::span<const Piece> pieces);
  // What was held back: a half whose other one never came, as U+FFFD. Empty for nearly all streams.
  std::span<const Piece> rest();

 private:
  void take(Piece piece);
  void release();

  Piece held_;        // its text is `half_`
  std::string half_;  // empty: nothing is held
  std::vector<Piece> pieces_;
  Texts texts_;
};

}  // namespace sluice::chat
