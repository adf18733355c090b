#include "dialect/gemini/elements.h"

namespace sluice::dialect::gemini {

std::span<const ElementSplitter::Element> ElementSplitter::feed(std::string_view bytes) {
  elements_.clear();
  places_.clear();
  if (trouble_ != Trouble::kNone) return {};
  pending_.erase(0, consumed_);
  scanned_ -= consumed_;
  begin_ -= depth_ > 0 ? consumed_ : begin_;
  consumed_ = 0;
  pending_ += bytes;
  scan();
  const std::string_view all(pending_);
  for (const Place& place : places_) {
    elements_.push_back(
        {all.substr(consumed_, place.raw_end - consumed_), all.substr(place.begin, place.end - place.begin)});
    consumed_ = place.raw_end;
  }
  return elements_;
}

void ElementSplitter::scan() {
  for (; scanned_ < pending_.size() && trouble_ == Trouble::kNone; ++scanned_) {
    const std::size_t last = places_.empty() ? consumed_ : places_.back().raw_end;
    if (scanned_ - last >= max_bytes_) {
      trouble_ = Trouble::kTooLarge;
      return;
    }
    const char c = pending_[scanned_];
    if (depth_ > 0) {
      within(c);
    } else {
      between(c);
    }
  }
}

void ElementSplitter::between(char c) {
  switch (c) {
    case ' ':
    case '\t':
    case '\r':
    case '\n':
      return;
    case ',':
      if (!in_array_) trouble_ = Trouble::kNotAnArray;
      return;
    case ']':
      if (!in_array_) trouble_ = Trouble::kNotAnArray;
      in_array_ = false;
      closed_ = true;
      if (trouble_ == Trouble::kNone) places_.push_back({scanned_ + 1, 0, 0});
      return;
    case '[':
      if (!in_array_) {
        in_array_ = true;
        closed_ = false;
        return;
      }
      [[fallthrough]];
    case '{':
      begin_ = scanned_;
      depth_ = 1;
      return;
    default:
      trouble_ = Trouble::kNotAnArray;
  }
}

void ElementSplitter::within(char c) {
  if (in_string_) {
    if (escaped_) {
      escaped_ = false;
    } else if (c == '\\') {
      escaped_ = true;
    } else if (c == '"') {
      in_string_ = false;
    }
    return;
  }
  if (c == '"') {
    in_string_ = true;
  } else if (c == '{' || c == '[') {
    ++depth_;
  } else if (c == '}' || c == ']') {
    if (--depth_ > 0) return;
    // A stream of one object without an array around it ends with it.
    if (!in_array_) closed_ = true;
    places_.push_back({scanned_ + 1, begin_, scanned_ + 1});
  }
}

}  // namespace sluice::dialect::gemini
