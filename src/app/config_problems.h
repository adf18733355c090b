// Collects the mistakes of one file, in line order, with no secret in any of them.
//
// Thread rule: one thread.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/config.h"

namespace sluice::app {

// Where in the file a value is.
struct Place {
  std::string field;
  int line = 0;

  Place key(std::string_view name, int at_line) const;  // models → models.fast
  Place item(std::size_t index, int at_line) const;     // keys → keys[0]
};

class Problems {
 public:
  explicit Problems(std::string file) : file_(std::move(file)) {}

  void add(const Place& place, std::string message);
  bool has(std::string_view field) const;  // a problem of exactly this field was added
  // A text that no problem may show, and what is shown instead. A second line of defence: messages repeat no values of
  // secrets or variables in the first place, but a secret may have been put into the wrong field.
  void hide(std::string text, std::string shown);
  void hide_lasting(std::string_view text, std::string_view shown);  // both outlive this
  std::vector<Problem> take();

 private:
  void censor(std::string& text) const;

  std::string file_;
  std::vector<Problem> problems_;  // by line
  std::size_t left_out_ = 0;
  std::vector<std::pair<std::string_view, std::string_view>> hidden_;
  std::deque<std::string> kept_;  // what some of these are of
};

}  // namespace sluice::app
