// The parts and sources of an answer as Gemini clients get them; whole and streamed answers are made of the same.
//
// Thread rule: one answer, one thread. Lifetime: `origin` and the JSON outlive a PartWriter; Sources owns its texts.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

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

 private:
  bool is_object(std::string_view text);

  std::string_view origin_;
  json::Writer& json_;
  json::Reader reader_;
};

// The sources of one candidate, for its groundingMetadata. Offsets are bytes of the text, which this counts.
class Sources {
 public:
  void add_text(chat::Escaped text) { text_end_ += json::plain(text).size(); }
  // Of the text since the last one that has sources.
  void add(const chat::Citation& citation);
  // Appends the member "groundingMetadata"; nothing where there are no sources.
  void write(json::Writer& json) const;

 private:
  struct Source {
    std::string url, title;
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  std::vector<Source> sources_;
  std::size_t text_end_ = 0;
  std::size_t cited_begin_ = 0;
  std::size_t cited_end_ = 0;
};

}  // namespace sluice::dialect::gemini
