// A credential. It has no stream operator, is not convertible to text and is wiped when destroyed or replaced, so that
// it cannot reach a log, an error or an answer by accident: reveal() is the one way to its characters.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace sluice {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : text_(std::move(other.text_)) {
    other.wipe();  // a short text stays behind in a string that was moved from
  }
  Secret& operator=(const Secret& other) {
    if (this != &other) {
      wipe();
      text_ = other.text_;
    }
    return *this;
  }
  Secret& operator=(Secret&& other) noexcept {
    if (this == &other) return *this;
    wipe();
    text_ = std::move(other.text_);
    other.wipe();
    return *this;
  }
  ~Secret() { wipe(); }

  bool empty() const { return text_.empty(); }
  std::string_view reveal() const { return text_; }

 private:
  void wipe() noexcept;

  std::string text_;
};

}  // namespace sluice
