// Reads responses of the Gemini API, whole ones and those of streams, piece by piece.
//
// Source: GenerateContentResponse of the API's reference. Each response of a stream holds what is new; function calls
// come whole, but on Vertex AI, where their arguments may come in pieces (partial_call.h): these are told when the call
// is complete. Thread rule: one answer, one thread. Lifetime: pieces point into the text that was read and into the
// Texts; open calls own theirs.
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
#include "dialect/gemini/partial_call.h"
#include "json/cursor.h"
#include "json/escaped.h"

namespace sluice::dialect::gemini {

class Candidates {
 public:
  Candidates(chat::Learned& learned, std::size_t max_bytes) : learned_(learned), max_bytes_(max_bytes) {}

  // What one response was.
  struct Told {
    bool error = false;  // it reports one
    chat::EventKind kind = chat::EventKind::kOther;
  };
  // Where pieces go; null: none are made.
  struct Sink {
    std::vector<chat::Piece>* pieces = nullptr;
    chat::Texts* texts = nullptr;
  };
  // Consumes the response ahead; `text` is what the cursor walks. Faults: kProviderProtocol.
  Result<Told> read(json::Cursor& cursor, std::string_view text, Sink sink);

  // A finish reason for each candidate that was begun, or a blocked prompt.
  bool complete() const;

 private:
  struct OpenCall {
    std::string id, name, signature;
    PartialArguments arguments;
  };
  struct Choice {
    std::uint32_t index = 0;
    bool reasoning = false;  // open: its state is due
    bool text = false;       // the last piece was a text
    bool finished = false;
    bool calls = false;
    std::uint64_t said = 0;             // bytes of text
    std::vector<std::uint64_t> begins;  // how many were said before each part of this response
    std::optional<OpenCall> open;
    std::vector<std::string> cited;  // addresses, each with the bytes it is of
  };
  // One part of an answer.
  struct Seen {
    std::optional<json::Escaped> text;
    bool thought = false;
    json::Escaped signature;
    bool call = false;
    bool continues = false;  // functionCall.willContinue
    json::Escaped id, name;
    std::string_view arguments;
    struct Fragment {
      json::Escaped path;
      std::optional<json::Escaped> text;
      std::string_view value;
    };
    std::vector<Fragment> fragments;
    std::optional<chat::Media> media;
    bool other = false;
    std::string_view raw;
  };

  // Which bytes some of the chunks are of.
  struct Support {
    std::size_t part = 0;  // of this response: `of` counts from its beginning
    chat::Extent of;
    std::vector<std::uint64_t> chunks;
  };

  void read_member(std::string_view key, json::Cursor& cursor);
  void read_candidate(json::Cursor& cursor, std::size_t position);
  void read_content(json::Cursor& cursor, Choice& choice);
  void read_part(json::Cursor& cursor, Choice& choice);
  void read_call(json::Cursor& cursor, Seen& seen);
  void read_media(json::Cursor& cursor, Seen& seen);
  void read_feedback(json::Cursor& cursor);
  static Support read_support(json::Cursor& cursor);
  void read_grounding(json::Cursor& cursor, Choice& choice);
  chat::Citation read_chunk(json::Cursor& cursor);
  void read_citations(json::Cursor& cursor, Choice& choice);
  void cite(Choice& choice, const chat::Citation& citation);
  void cite_all(Choice& choice, std::vector<chat::Citation>& chunks, const std::vector<Support>& supports);

  void take(Choice& choice, Seen& seen);
  void take_text(Choice& choice, const Seen& seen);
  void take_thought(Choice& choice, const Seen& seen);
  void take_call(Choice& choice, Seen& seen);
  void begin_call(Choice& choice, const Seen& seen);
  void tell_call(Choice& choice, const OpenCall& call, std::string arguments);
  enum class Whole : std::uint8_t { kYes, kNo };
  void close_call(Choice& choice, Whole whole);
  void end_reasoning(Choice& choice);
  void finish(Choice& choice, std::string_view word);
  std::string made_up_id(std::string_view name, std::string_view arguments);

  Choice* find(std::uint32_t index);
  void piece(const Choice& choice, chat::Piece piece);
  chat::Texts* texts() { return sink_.texts; }

  chat::Learned& learned_;
  std::size_t max_bytes_;
  std::vector<Choice> choices_;
  bool blocked_ = false;
  std::size_t made_up_ = 0;
  std::string trouble_;
  // of the response that is being read
  Sink sink_;
  std::string_view text_;
  Told told_;
  bool visible_ = false;
  bool ends_ = false;
  std::uint64_t told_output_ = 0;  // by the usage of the event
};

}  // namespace sluice::dialect::gemini
