// One JSON text of an answer, whole or a stream's event: what it is and what it tells.
//
// Thread rule: plain values. Lifetime: nothing here points into the text but the pieces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "chat/event.h"
#include "chat/learned.h"
#include "dialect/openai/endpoint.h"
#include "dialect/openai/finish.h"
#include "dialect/openai/pieces.h"
#include "json/cursor.h"

namespace sluice::dialect::openai {

// Which choices were begun and which of them ended.
class Choices {
 public:
  // More than the API's limit of 128: beyond it, choices are not followed and the answer ends with [DONE] only.
  static constexpr std::size_t kMost = 1024;

  // What the choice has held so far, `held` included.
  Held note(std::uint64_t index, bool finished, const Held& held);
  bool begun() const { return first_.has_value(); }  // one at least
  bool all_finished() const { return begun() && unfinished_ == 0 && !overflowed_; }

 private:
  struct Choice {
    std::uint64_t index = 0;
    bool finished = false;
    Held held;
  };
  Choice* find(std::uint64_t index);

  std::optional<Choice> first_;  // most answers have one
  std::vector<Choice> others_;
  std::size_t unfinished_ = 0;
  bool overflowed_ = false;
};

struct Chunk {
  bool content = false;       // something a user or program would see
  bool finish = false;        // a finish reason, or the terminal type
  bool terminal = false;      // the terminal type of streams other than chat and completions
  bool usage = false;         // usage that counts something
  bool usage_object = false;  // the member is there and no null, whatever it says
  bool error = false;         // an error is reported
  bool choices = false;       // the member is there
  std::size_t choice_count = 0;
  bool delta = false;  // a choice has a delta, message or text
  // Where the member `usage` with the comma that goes with it is in the text; also when it is null.
  std::size_t usage_begin = 0;
  std::size_t usage_end = 0;

  chat::EventKind kind() const;
};

// Where the choices' contents are told.
struct Telling {
  ChatPieces& pieces;
  chat::Texts& texts;
  const ChatPieces::Emit& emit;
};

// Reads a text that is an object, to its end; other texts say nothing. Broken grammar is left in the cursor, which
// stands at the beginning of `text`. Without `telling` no pieces are made.
Chunk read_chunk(Kind kind, std::string_view text, json::Cursor& cursor, chat::Learned& learned, Choices& choices,
                 const Telling* telling);

}  // namespace sluice::dialect::openai
