// The content of Converse answers as pieces: blocks that are told whole, and blocks that grow with the events of a
// stream.
//
// Blocks follow each other: one is open at a time. Thread rule: one answer, one thread. Lifetime: pieces point into the
// text that was read and into the Texts given.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "chat/event.h"
#include "chat/texts.h"
#include "json/cursor.h"

namespace sluice::dialect::bedrock {

class Blocks {
 public:
  using Tell = std::function<void(const chat::Piece&)>;
  // What is kept of open blocks is at most `most` bytes.
  explicit Blocks(std::size_t most) : most_(most) {}

  // Each consumes the value ahead; `text` is what the cursor walks.
  // An element of message.content.
  void whole(std::string_view text, json::Cursor& cursor, chat::Texts& texts, const Tell& tell);
  // contentBlockStart, contentBlockDelta and contentBlockStop. Faults: kProviderProtocol.
  Status start(std::string_view text, json::Cursor& cursor, chat::Texts& texts, const Tell& tell);
  Status delta(std::string_view text, json::Cursor& cursor, chat::Texts& texts, const Tell& tell);
  void stop(chat::Texts& texts, const Tell& tell);

  bool has_calls() const { return has_calls_; }
  // The last delta was a text with nothing in it.
  bool was_empty() const { return was_empty_; }

 private:
  enum class Open : std::uint8_t { kNothing, kText, kReasoning, kRedacted, kCall, kServerCall, kServerResult, kImage };

  // A block's deltas; the pieces that they end with come when it stops.
  void switch_to(Open kind, chat::Texts& texts, const Tell& tell);
  bool keep(std::string& where, std::string_view more);
  void tell_reasoning(std::string_view key, json::Escaped text, chat::Texts& texts, const Tell& tell);
  void take_reasoning(json::Cursor& cursor, chat::Texts& texts, const Tell& tell);
  void take_tool_start(std::string_view text, json::Cursor& cursor, const Tell& tell);
  void take_result_delta(json::Cursor& cursor);
  void take_citation(std::string_view text, json::Cursor& cursor, chat::Texts& texts);
  void tell_citations(chat::Texts& texts, const Tell& tell);
  void take_input(json::Escaped input, const Tell& tell);
  void whole_call(std::string_view block, json::Cursor& cursor, chat::Texts& texts, const Tell& tell);
  void whole_cited(std::string_view text, json::Cursor& cursor, chat::Texts& texts, const Tell& tell);
  static void whole_reasoning(json::Cursor& cursor, const Tell& tell);

  std::size_t most_;
  Open open_ = Open::kNothing;
  bool has_calls_ = false;
  bool was_empty_ = false;
  bool overflowed_ = false;
  bool stray_ = false;                     // a tool's input that belongs to no call
  std::string kept_;                       // a signature, a blob, the input or result of a server tool
  std::string start_;                      // the start of a server tool's block, or an image's format
  std::vector<chat::Citation> citations_;  // of the open text; their texts are in `cited_`
  chat::Texts cited_;
  std::size_t parts_ = 0;  // of what is kept, where it is a list
};

}  // namespace sluice::dialect::bedrock
