// The events of a streamed answer: names, numbers and framing.
//
// Thread rule: one answer, one thread. Lifetime: the text given to to() outlives the events written after it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "json/writer.h"

namespace sluice::dialect::responses {

class EventWriter {
 public:
  explicit EventWriter(std::uint64_t first_sequence = 0) : next_(first_sequence) {}

  // Where events go from now on; null: nowhere, for the answer is written whole.
  void to(std::string* out) { out_ = out; }
  bool is_on() const { return out_ != nullptr; }

  // Writes an event; fill(json) adds the members behind `type` and `sequence_number`. Their values hold no line breaks.
  template <class Fill>
  void write(std::string_view type, Fill fill) {
    if (out_ == nullptr) return;
    *out_ += "event: ";
    *out_ += type;
    *out_ += "\ndata: ";
    json::Writer json(*out_);
    json.begin_object();
    json.key("type").text(type);
    json.key("sequence_number").number(next_++);
    fill(json);
    json.end_object();
    *out_ += "\n\n";
  }

 private:
  std::string* out_ = nullptr;
  std::uint64_t next_;
};

}  // namespace sluice::dialect::responses
