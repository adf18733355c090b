// Splits a stream that is one JSON array into its elements without changing a byte.
//
// feed() may be given the stream cut anywhere. Each element's raw bytes begin where those of the last one ended, so
// they hold the bracket or comma before it; the closing bracket comes as an element without data. The bytes of all, one
// after the other, are the stream again. Whether an element is valid JSON is for who reads it.
//
// Source: streamGenerateContent without alt=sse. Thread rule: one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::dialect::gemini {

class ElementSplitter {
 public:
  explicit ElementSplitter(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  struct Element {
    std::string_view raw;
    std::string_view data;  // the object (or array) alone; empty for the end of the array
  };
  // Views are valid until the next call.
  std::span<const Element> feed(std::string_view bytes);

  // Something else than elements stands between elements, or one is larger than the limit: no more will come.
  enum class Trouble : std::uint8_t { kNone, kNotAnArray, kTooLarge };
  Trouble trouble() const { return trouble_; }
  bool closed() const { return closed_; }  // the array's end was read
  // What is left at the end of the stream.
  std::string_view rest() const { return std::string_view(pending_).substr(consumed_); }

 private:
  struct Place {
    std::size_t raw_end = 0;
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  void scan();
  void between(char c);
  void within(char c);

  std::size_t max_bytes_;
  std::string pending_;
  std::size_t consumed_ = 0;
  std::size_t scanned_ = 0;
  std::size_t begin_ = 0;  // of the open element
  std::size_t depth_ = 0;  // of open brackets within an element; 0: between elements
  bool in_string_ = false;
  bool escaped_ = false;
  bool in_array_ = false;
  bool closed_ = false;
  Trouble trouble_ = Trouble::kNone;
  std::vector<Place> places_;
  std::vector<Element> elements_;
};

}  // namespace sluice::dialect::gemini
