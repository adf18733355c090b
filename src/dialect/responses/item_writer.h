// The output items of an answer that is written: one at a time is open; what was ended is kept for the whole Response.
//
// Streamed, each step writes its events: an item is added, its parts are, their deltas come, and all is ended with what
// it came to. Thread rule: one answer, one thread. Lifetime: the options outlive it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "chat/cited.h"
#include "chat/event.h"
#include "dialect/dialect.h"
#include "dialect/responses/event_writer.h"
#include "json/reader.h"

namespace sluice::dialect::responses {

class ItemWriter {
 public:
  ItemWriter(const WriteOptions& options, EventWriter& events) : options_(options), events_(events) {}

  // `logprobs` (Chat's object) are of this text; may be empty.
  void text(const chat::Piece& piece, std::string_view logprobs);
  void refusal(json::Escaped text);
  void reasoning(json::Escaped text);
  void state(const chat::Piece& piece);
  void call(const chat::Piece& piece);
  void arguments(json::Escaped text);
  void citation(const chat::Citation& citation);
  void logprobs(std::string_view logprobs);
  void server_item(std::string_view raw);
  void media(const chat::Media& media);

  // Ends the open item. kCut: it is not whole.
  enum class Ending { kWhole, kCut };
  void close(Ending ending);
  // The items, separated by commas, the open one as it is so far.
  std::string output() const;
  bool any() const { return count_ > 0; }
  bool has_refusal() const { return has_refusal_; }

 private:
  enum class Kind : std::uint8_t { kNone, kMessage, kReasoning, kCall };
  enum class PartKind : std::uint8_t { kNone, kText, kRefusal };

  void open(Kind kind, std::string_view prefix);
  void open_part(PartKind kind);
  void close_part();
  void close_summary();
  void close_call(Ending ending);
  void unwrap();
  void item_event(std::string_view type, std::string_view item);
  void place(json::Writer& json) const;
  void place_part(json::Writer& json) const;
  std::string item(std::string_view status) const;
  void write_part(json::Writer& json) const;
  std::string logprob_list(std::string_view chat);
  void add_whole(std::string_view item);

  const WriteOptions& options_;
  EventWriter& events_;
  json::Reader reader_;
  std::string output_;     // ended items
  std::size_t count_ = 0;  // items that were begun
  bool has_refusal_ = false;
  chat::CitedText cited_;  // of all parts

  // The open item.
  Kind kind_ = Kind::kNone;
  std::string id_;
  std::size_t index_ = 0;
  std::string text_;       // of the part, the reasoning, or the call's arguments or input, as in a JSON string
  std::string encrypted_;  // reasoning: for encrypted_content; empty: none
  // A message's.
  PartKind part_ = PartKind::kNone;
  std::size_t part_index_ = 0;
  std::string parts_;        // ended parts
  std::string annotations_;  // of the open part
  std::string logprobs_;     // of the open part
  std::size_t annotation_count_ = 0;
  std::uint64_t part_begin_ = 0;  // where the open part begins in `cited_`
  // A call's.
  std::string call_id_;
  std::string name_;
  bool custom_ = false;
  bool wrapped_ = false;  // a custom tool, called as a function with one text: {"input": "…"}
};

}  // namespace sluice::dialect::responses
