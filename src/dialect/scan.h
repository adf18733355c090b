// Steps over the tokens of a text that was proven to be JSON, faster than a grammar could: for what looks at prompts.
//
// Thread rule: one thread. Lifetime: views point into the text.
#pragma once

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <list>
#include <optional>
#include <string>
#include <string_view>

#include "json/escaped.h"

namespace sluice::dialect {

inline bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

class Scan {
 public:
  explicit Scan(std::string_view text) : text_(text) {}

  // The first byte of the token ahead; 0 at the end.
  char ahead() {
    while (at_ < text_.size() && (text_[at_] <= ' ' || text_[at_] == ',' || text_[at_] == ':')) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  void take() { at_ += ahead() != '\0' ? 1 : 0; }
  // Between the quotes, escapes as they are.
  std::string_view take_string() {
    const std::size_t begin = at_ + 1;
    const std::size_t end = quote_after(begin);
    at_ = std::min(end + 1, text_.size());
    return text_.substr(begin, end - begin);
  }
  std::string_view take_word() {
    const std::size_t begin = at_;
    at_ = std::min(text_.find_first_of(",}] \n\r\t", at_), text_.size());
    return text_.substr(begin, at_ - begin);
  }
  // The next key of the object that was entered, as what it stands for; nothing at the object's end, which is consumed.
  std::optional<std::string_view> next_key() {
    if (ahead() == '"') return plain_key(take_string());
    take();
    return std::nullopt;
  }
  // The value ahead, whole.
  std::string_view skip() {
    std::size_t depth = 0;
    ahead();
    const std::size_t begin = at_;
    do {
      const char c = ahead();
      if (c == '\0') break;
      if (c == '"') {
        take_string();
      } else if (c == '{' || c == '[') {
        ++depth;
        ++at_;
      } else if (c == '}' || c == ']') {
        --depth;
        ++at_;
      } else if (take_word().empty()) {
        ++at_;
      }
    } while (depth > 0);
    return text_.substr(begin, at_ - begin);
  }

  std::size_t at() const { return at_; }
  std::string_view text() const { return text_; }

 private:
  std::string_view plain_key(std::string_view key) {
    if (key.find('\\') == std::string_view::npos) return key;
    return plain_keys_.emplace_back(json::plain(json::Escaped{key}));
  }
  // The next quote with an even number of backslashes before it.
  std::size_t quote_after(std::size_t from) const {
    for (std::size_t at = from; at < text_.size(); ++at) {
      const void* found = std::memchr(text_.data() + at, '"', text_.size() - at);
      if (found == nullptr) break;
      at = static_cast<std::size_t>(static_cast<const char*>(found) - text_.data());
      std::size_t slashes = 0;
      while (at > from + slashes && text_[at - 1 - slashes] == '\\') ++slashes;
      if (slashes % 2 == 0) return at;
    }
    return text_.size();
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::list<std::string> plain_keys_;  // those that were written with escapes
};

}  // namespace sluice::dialect
