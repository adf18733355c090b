// The parts and sources of an answer as Gemini clients get them; whole and streamed answers are made of the same.
//
// Thread rule: one answer, one thread. Lifetime: `origin` and the JSON outlive a PartWriter; Sources owns its texts.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "chat/cited.h"
#include "chat/event.h"
#include "chat/request.h"
#include "json/reader.h"
#include "json/writer.h"

namespace sluice::dialect::gemini {

class PartWriter {
 public:
  PartWriter(std::string_view origin, json::Writer& json) : origin_(origin), json_(json) {}

  void text(chat::Escaped text);
  // Reasoning, or with an empty text the state that belongs to what stands before it. States are sealed: they go back
  // to `origin` alone.
  void thought(chat::Escaped text, const chat::State& state, chat::Escaped id);
  // Arguments that are no JSON object are told as {"_raw": …}.
  void call(const chat::Part& call, std::string_view arguments);
  void media(const chat::Media& media);
  // How many were written.
  std::size_t count() const { return count_; }

 private:
  bool is_object(std::string_view text);

  std::string_view origin_;
  json::Writer& json_;
  json::Reader reader_;
  std::size_t count_ = 0;
};

// The sources of one candidate, for its groundingMetadata, whose offsets are bytes of one of its parts.
class Sources {
 public:
  // The text of part `index`.
  void add_text(const chat::Piece& text, std::size_t index);
  void add(const chat::Citation& citation) { add(citation, text_.place(citation.of)); }
  void add(const chat::Citation& citation, chat::Range of);
  // Appends the member "groundingMetadata"; nothing where there are no sources.
  void write(json::Writer& json) const;

 private:
  struct Source {
    std::string url, title;
    std::uint64_t begin = 0;  // in bytes of all texts
    std::uint64_t end = 0;
  };
  struct Begun {
    std::size_t index = 0;
    std::uint64_t byte = 0;
  };
  void write_segment(const Source& source, json::Writer& json) const;

  std::vector<Source> sources_;
  std::vector<Begun> parts_;
  chat::CitedText text_;
};

}  // namespace sluice::dialect::gemini
