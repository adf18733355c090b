// Which characters of an answer's text its sources are of.
//
// Providers say it in four ways (Extent, chat/event.h); clients are told characters, from which each dialect makes its
// own. A character is a Unicode code point.
//
// Thread rule: one thread. Lifetime: owns what it keeps.
#pragma once

#include <cstdint>
#include <vector>

#include "chat/event.h"
#include "chat/texts.h"

namespace sluice::chat {

// How many characters a text has.
std::uint64_t characters(json::Escaped text);
// How many bytes of UTF-8 it takes.
std::uint64_t utf8_size(json::Escaped text);
// Where the character behind the first `count` begins, as it is written.
std::size_t offset_of(json::Escaped text, std::uint64_t count);

// The same with its texts kept.
Citation keep(const Citation& citation, Texts& texts);

// Some characters of the text of a choice, of all its texts together: [begin, end).
struct Range {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;

  bool operator==(const Range&) const = default;
};

// The text of one choice as far as it has come.
class CitedText {
 public:
  // The next text.
  void add(const Piece& text);
  // The characters that the next source is of. What lies beyond the text is taken at its word where it came in
  // characters, else cut off.
  Range place(const Extent& extent);
  std::uint64_t characters() const { return characters_; }
  // Where a character begins, in bytes of the UTF-8 of the text; its end for those behind it.
  std::uint64_t byte_of(std::uint64_t character) const;

 private:
  // Characters that take as many bytes each.
  struct Run {
    std::uint64_t character = 0;
    std::uint64_t byte = 0;
    std::uint64_t width = 1;
  };
  void add_character(std::uint64_t width);
  std::uint64_t character_of(std::uint64_t byte) const;

  std::vector<Run> runs_;
  std::uint64_t characters_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t block_ = 0;  // where the last block begins
  Range before_;             // what the last source was of that is of the text before it
};

}  // namespace sluice::chat
