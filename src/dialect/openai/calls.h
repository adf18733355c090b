// Tool calls of one choice, put in a row.
//
// Servers send deltas of several calls mixed, leave out indexes or ids, or give all calls the same index. Here each
// call is whole before the next one begins: what comes for a later call waits. Source: the API's stream, and what
// servers of the dialect are seen to send. Thread rule: one thread. Lifetime: views handed out are valid as long as the
// delta they came in, or as long as `texts`.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

#include "chat/event.h"
#include "chat/texts.h"

namespace sluice::dialect::openai {

// Tells when a text is a whole JSON object, piece by piece.
class ObjectEnd {
 public:
  void feed(std::string_view plain);
  bool reached() const { return reached_; }

 private:
  std::size_t depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  bool reached_ = false;
};

// What a delta says of a call.
struct CallDelta {
  std::string_view index;  // a number as written; empty: none
  json::Escaped id;
  json::Escaped name;
  chat::ToolKind tool = chat::ToolKind::kFunction;
  json::Escaped arguments;  // or a custom tool's input
  chat::State state;
};

class CallQueue {
 public:
  using Emit = std::function<void(chat::Piece)>;

  // `answer_id` is what made-up ids are made of.
  void add(const CallDelta& delta, std::string_view answer_id, chat::Texts& texts, const Emit& emit);
  // No more deltas will come: what has waited comes out.
  void finish(chat::Texts& texts, const Emit& emit);
  bool empty() const { return calls_.empty(); }

 private:
  struct Call {
    std::string index, id, name, waiting;
    chat::ToolKind tool = chat::ToolKind::kFunction;
    chat::State::Kind state = chat::State::Kind::kNone;
    std::string state_data;
    bool made_up = false;
    bool begun = false;
    ObjectEnd end;
  };

  Call& find(const CallDelta& delta);
  void name_call(Call& call, const CallDelta& delta, std::string_view answer_id);
  void begin(Call& call, chat::Texts& texts, const Emit& emit);
  void advance(chat::Texts& texts, const Emit& emit);
  void flush(Call& call, chat::Texts& texts, const Emit& emit);

  std::deque<Call> calls_;
  std::size_t current_ = 0;  // the call that is being handed out
};

}  // namespace sluice::dialect::openai
