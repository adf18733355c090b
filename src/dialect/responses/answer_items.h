// The output items of one answer, in the order in which they began: turns the API's events into pieces.
//
// Pieces of one item never stand between those of another, although events of several items may come mixed: what
// belongs to a later item is held until the earlier ones ended.
//
// Thread rule: one answer, one thread. Lifetime: pieces point into the event that is read and into `texts`; what is
// held is owned.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "chat/event.h"
#include "chat/texts.h"
#include "dialect/responses/item.h"
#include "dialect/responses/signal.h"
#include "dialect/responses/tool_calls.h"
#include "json/reader.h"

namespace sluice::dialect::responses {

class AnswerItems {
 public:
  // Open at the same time; beyond that it is no answer of a model.
  static constexpr std::size_t kMost = 256;

  AnswerItems(json::Reader& reader, std::size_t max_held_bytes) : reader_(reader), max_held_bytes_(max_held_bytes) {}

  // Appends the pieces that an event makes to `pieces`. False: more is open or held than there may be.
  bool take(const Signal& signal, std::vector<chat::Piece>& pieces, chat::Texts& texts);
  // A whole item.
  void take_item(std::string_view raw, std::vector<chat::Piece>& pieces, chat::Texts& texts);
  // No more events will come.
  void end(std::vector<chat::Piece>& pieces, chat::Texts& texts);

  bool any() const { return began_ > 0; }
  bool has_calls() const { return has_calls_; }
  bool has_refusal() const { return has_refusal_; }
  const ToolCalls& tool_calls() const { return tool_calls_; }

 private:
  enum class ItemKind : std::uint8_t { kMessage, kReasoning, kCall, kServer };
  // A piece that waits, with its texts.
  struct Held {
    chat::Piece piece;
    std::string text, id, name, data, raw, url, title;
  };
  struct Open {
    std::uint64_t index = 0;
    ItemKind kind = ItemKind::kServer;
    bool done = false;
    bool begun = false;           // a call: its kCall was made
    bool said = false;            // something of it was streamed
    std::uint64_t parts = 0;      // of a message: how many parts were streamed
    std::uint64_t citations = 0;  // of a message: how many were streamed
    std::deque<Held> held;
  };

  static ItemKind kind_of(std::string_view type);
  Open* find(const Signal& signal);
  Open& open(std::uint64_t index, ItemKind kind);
  // The item an event belongs to, which begins with it where it was not announced; null: it is over.
  Open* open_for(const Signal& signal, ItemKind kind);
  void say(Open& open, chat::Piece piece);
  void say_logprobs(Open& open, std::string_view logprobs);
  void say_citation(Open& open, std::string_view annotation);
  void begin_call(Open& open, const Item& item);
  void add(const Signal& signal);
  void text(const Signal& signal, chat::PieceKind kind);
  void whole_text(const Signal& signal, chat::PieceKind kind);
  void reasoning(const Signal& signal);
  void arguments(const Signal& signal, json::Escaped text);
  void done(const Signal& signal);
  void end_item(Open& open, const Item& item);
  void end_message(Open& open, const Item& item);
  void end_reasoning(Open& open, const Item& item);
  void end_call(Open& open, const Item& item);
  void release();
  std::optional<Item> parse(std::string_view raw);

  json::Reader& reader_;
  std::size_t max_held_bytes_;
  std::deque<Open> open_;  // the first one's pieces go out at once
  std::size_t held_bytes_ = 0;
  std::uint64_t began_ = 0;
  std::uint64_t ended_ = 0;  // the highest index of an item that ended, and one
  bool has_calls_ = false;
  bool has_refusal_ = false;
  ToolCalls tool_calls_;
  std::vector<chat::Piece>* pieces_ = nullptr;  // during take() and end()
  chat::Texts* texts_ = nullptr;
};

}  // namespace sluice::dialect::responses
