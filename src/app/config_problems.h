// Collects the mistakes of one file, in line order, with no secret in any of them.
//
// The lines of values that were read and are checked later are looked up in the file's tree, once they are told.
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
#include "app/config_tree.h"

namespace sluice::app {

// Where in the file a value is: a key or an item of what is around it. It becomes text, and finds its line, only for a
// problem; there are a hundred thousand values without one. What is around it, and its name, outlive it.
struct Place {
  const Place* around = nullptr;  // null: the whole file
  std::string_view name{};        // of a key; empty with nothing around: the whole file
  std::size_t index = 0;
  bool is_item = false;
  int line = 0;  // 0: the tree knows it

  Place key(std::string_view key_name [[clang::lifetimebound]], int at_line = 0) const [[clang::lifetimebound]] {
    return {.around = this, .name = key_name, .line = at_line};
  }
  Place item(std::size_t position, int at_line = 0) const [[clang::lifetimebound]] {
    return {.around = this, .index = position, .is_item = true, .line = at_line};
  }
};

class Problems {
 public:
  explicit Problems(std::string file) : file_(std::move(file)) {}

  // From here on places that know no line are looked for in this tree, which outlives this; null: there is none.
  void look_in(const Node* root) { root_ = root; }
  // Of what is not there: the line of what would hold it. 0: nothing of it is there.
  int line_of(const Place& place) const { return find(place).line; }

  void add(const Place& place, std::string message);
  void add(std::string field, int line, std::string message);
  bool has(const Place& place) const;  // a problem of exactly this place was added
  // A text that no problem may show, and what is shown instead. A second line of defence: messages repeat no values of
  // secrets or variables in the first place, but a secret may have been put into the wrong field.
  void hide(std::string text, std::string shown);
  void hide_lasting(std::string_view text, std::string_view shown);  // both outlive this
  std::vector<Problem> take();

 private:
  struct Found {
    std::string field;
    int line = 0;
    const Node* value = nullptr;  // null: not there
  };

  Found find(const Place& place) const;
  void censor(std::string& text) const;

  std::string file_;
  const Node* root_ = nullptr;
  std::vector<Problem> problems_;  // by line
  std::size_t left_out_ = 0;
  std::vector<std::pair<std::string_view, std::string_view>> hidden_;
  std::deque<std::string> kept_;  // what some of these are of
};

}  // namespace sluice::app
