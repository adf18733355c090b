// One answer of the Messages API, read event by event or whole: its pieces, what it tells, and whether it ended.
//
// Thread rule: one answer, one thread. Lifetime: pieces point into the text that was read and into the Sink's Texts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "chat/event.h"
#include "chat/learned.h"
#include "chat/texts.h"
#include "dialect/anthropic/usage.h"
#include "json/cursor.h"
#include "json/fwd.h"

namespace sluice::dialect::anthropic {

class Decoder {
 public:
  // Where pieces go; null: none are made.
  struct Sink {
    std::vector<chat::Piece>* pieces = nullptr;
    chat::Texts* texts = nullptr;
  };
  struct Told {
    chat::EventKind kind = chat::EventKind::kOther;
    json::Escaped type;
  };

  Decoder(chat::Learned& learned, json::Reader& reader, std::size_t max_event_bytes)
      : learned_(learned), reader_(reader), max_bytes_(max_event_bytes) {}

  // The data of one event; `name` is its type where the data names none. Faults: kProviderProtocol for what is no JSON,
  // kProviderError for an error event.
  Result<Told> read_event(std::string_view data, std::string_view name, Sink sink);
  // A message, with json::kPadding readable bytes behind it.
  Status read_whole(std::string_view body, Sink sink);

  bool complete() const { return complete_; }

 private:
  // The block that was begun and has not ended.
  struct Block {
    enum class Kind : std::uint8_t { kNone, kText, kThinking, kRedacted, kCall, kItem };
    Kind kind = Kind::kNone;
    std::uint64_t index = 0;
    bool has_input = false;                 // a fragment of its input came
    std::string start;                      // kItem: the block as it began
    std::string input;                      // kCall: what it began with, when that is something; kItem: the fragments
    std::string signature;                  // kThinking: the last one told
    std::vector<chat::Citation> citations;  // kText; their texts are in `kept`
    chat::Texts kept;
    bool said = false;         // kText: some of it was told
    std::size_t input_at = 0;  // kItem: where the value of its input is in `start`
    std::size_t input_size = 0;
  };
  struct Event;

  void push(chat::Piece piece);
  void push_text(chat::PieceKind kind, json::Escaped text);
  // The same, counted.
  void show(chat::PieceKind kind, json::Escaped text) {
    learned_.show(text);
    push_text(kind, text);
  }
  bool makes_pieces() const { return sink_.pieces != nullptr; }

  Result<chat::EventKind> take(Event& event, std::string_view data);
  chat::EventKind begin_message(json::Cursor cursor);
  chat::EventKind begin_block(std::uint64_t index, json::Cursor cursor, std::string_view raw);
  Result<chat::EventKind> take_delta(std::uint64_t index, json::Cursor cursor);
  chat::EventKind take_message_delta(json::Cursor cursor);
  void end_block();
  void end_message();

  void take_whole_block(json::Cursor& cursor, std::string_view body);
  void begin_text(json::Cursor& cursor);
  void begin_thinking(json::Cursor& cursor);
  void begin_call(json::Cursor& cursor);
  void begin_item(json::Cursor& cursor, std::string_view raw);
  void end_thinking();
  void end_item();
  void end_text();
  void take_citation(json::Cursor& cursor);
  void take_message_member(std::string_view key, json::Cursor& cursor);
  void take_stop_member(std::string_view key, json::Cursor& cursor);
  void take_stop_details(json::Cursor& cursor);

  chat::Learned& learned_;
  json::Reader& reader_;
  std::size_t max_bytes_;
  Sink sink_;
  UsageCounts usage_;
  Block block_;
  std::string stop_sequence_;  // as written in JSON
  std::string explanation_;    // of a refusal, as written in JSON
  bool said_something_ = false;
  bool complete_ = false;
};

}  // namespace sluice::dialect::anthropic
