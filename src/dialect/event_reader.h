// What all readers of streamed answers share: the events of one feed() and their pieces.
//
// A dialect's reader derives from SseReader (or from EventReader where the framing is another) and implements take().
// In take() it adds pieces with piece(), then closes the event they belong to with emit().
//
// Thread rule: one stream, one thread. Lifetime: events and pieces are valid until the next feed() or finish().
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chat/texts.h"
#include "dialect/dialect.h"
#include "http/sse.h"

namespace sluice::dialect {

class EventReader : public AnswerReader {
 public:
  EventReader(const ReadOptions& options, chat::Learned& learned, json::Reader& reader)
      : options_(options), learned_(learned), reader_(reader) {}

  std::span<const chat::Event> last_events() const override { return events_; }

 protected:
  // The event that ends the answer came: what else the provider sends is no part of it. Where complete() can be true
  // before that, a dialect says more.
  virtual bool is_over() const { return complete(); }
  bool makes_pieces() const { return options_.pieces == ReadOptions::Pieces::kMake; }
  const ReadOptions& options() const { return options_; }
  chat::Learned& learned() { return learned_; }
  const chat::Learned& learned() const { return learned_; }
  json::Reader& reader() { return reader_; }
  // For texts that are made while reading; emptied by the next feed().
  chat::Texts& texts() { return texts_ ? *texts_ : texts_.emplace(); }

  void piece(chat::Piece piece) {
    if (makes_pieces()) pieces_.push_back(std::move(piece));
  }
  // The same for dialects that make the pieces in any case: counts what it shows.
  void show(chat::Piece piece) {
    learned_.show(piece);
    this->piece(std::move(piece));
  }
  // Closes an event: the pieces since the last one are its own. `wire` must be valid until the next feed().
  void emit(chat::EventKind kind, std::string_view wire);
  // The same with a wire that is made here: the kept parts of `raw` are copied.
  void emit_without(chat::EventKind kind, std::string_view raw, std::size_t cut_begin, std::size_t cut_end);
  bool has_events() const { return !events_.empty(); }
  // Drops the pieces since the last event.
  void forget_pieces();
  // Appends to the last event's wire.
  void extend_last(std::string_view more);

  void begin_feed();
  // Gives events their wires and pieces, now that nothing grows any more.
  std::span<const chat::Event> settle();

  // read_whole() of a dialect: emits exactly one event from `body`, then this makes it the result.
  Result<chat::Event> one_event();

 private:
  // Of the last event; those before it have some too then.
  struct Ends;
  Ends& ends_of_last();

  struct Ends {
    std::size_t pieces = 0;
    bool is_made = false;  // the wire is in made_
    std::size_t made_begin = 0;
    std::size_t made_end = 0;
  };

  ReadOptions options_;
  chat::Learned& learned_;
  json::Reader& reader_;
  std::vector<chat::Event> events_;
  std::vector<Ends> ends_;  // of the events; empty: none has pieces, nor a wire that was made
  std::vector<chat::Piece> pieces_;
  std::string made_;
  std::optional<chat::Texts> texts_;  // nothing: none was made, and none of its memory
};

class SseReader : public EventReader {
 public:
  SseReader(const ReadOptions& options, chat::Learned& learned, json::Reader& reader)
      : EventReader(options, learned, reader), splitter_(options.max_event_bytes) {}

  Result<std::span<const chat::Event>> feed(std::string_view bytes) final;
  Result<std::span<const chat::Event>> finish() final;

 protected:
  // One frame with data (comments are passed on as kPreamble before this). Must emit() one event, or none to swallow
  // it.
  virtual Status take(const http::SseFrame& frame) = 0;
  // The stream is over, and it is complete: may emit() what clients expect at an end and this provider left out.
  virtual void close() {}

 private:
  Status take_frame(const http::SseFrame& frame);

  http::SseSplitter splitter_;
};

}  // namespace sluice::dialect
