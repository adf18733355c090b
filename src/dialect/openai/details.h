// The reasoning_details of a stream, put together: the array that the provider wants back.
//
//   {"type": "reasoning.text", "text": "…", "signature": "…", "format": "…", "index": 0}
//   {"type": "reasoning.summary", "summary": "…"}   {"type": "reasoning.encrypted", "data": "…", "id": "…"}
//
// Deltas of one text come as objects with the same type and index and become one. Source: OpenRouter's documentation of
// preserving reasoning. Thread rule: one thread. Lifetime: owns its texts.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/escaped.h"
#include "json/reader.h"

namespace sluice::dialect::openai {

class ReasoningDetails {
 public:
  // `array` is the member's value. Returns the text that the new objects show, as it is written.
  std::string add(std::string_view array, json::Reader& reader);
  // Whether there is something in it that only the provider can make.
  bool is_state() const { return is_state_ && size_ <= kMost; }
  std::string array() const;
  void clear() { *this = {}; }

 private:
  static constexpr std::size_t kMost = 8 << 20;  // bytes; more is not carried

  struct Detail {
    std::string type, index;
    std::vector<std::pair<std::string, std::string>> members;  // values as written
  };

  void take(std::string_view object, json::Reader& reader, std::string& shown);

  std::vector<Detail> details_;
  std::size_t size_ = 0;
  bool is_state_ = false;
};

}  // namespace sluice::dialect::openai
