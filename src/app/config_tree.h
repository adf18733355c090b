// The YAML of a configuration file as a tree of values with their lines.
//
// Aliases share the value they name, merge keys (<<) are resolved, a key given twice is told, and what aliases and
// merges expand to is bounded, so that walking the tree is bounded too. The one place that knows yaml-cpp and catches
// what it throws.
//
// Thread rule: plain values, immutable once made. Lifetime: nodes live as long as their Tree.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::app {

struct Node {
  enum class Kind { kNull, kScalar, kList, kMap };
  struct Entry {
    std::string key;
    int line = 0;
    const Node* value = nullptr;
  };

  Kind kind = Kind::kNull;
  int line = 0;                    // 1-based; of a block map or list: its first entry's
  std::size_t size = 1;            // how many values it expands to, itself included
  std::string text;                // kScalar
  bool quoted = false;             // kScalar: it was written in quotes
  std::vector<const Node*> items;  // kList
  std::vector<Entry> entries;      // kMap; no key twice
};

// "a map", "a list", "text", "nothing"
std::string_view kind_name(Node::Kind kind);

struct Tree {
  struct Mistake {
    int line = 0;
    std::string field;  // the path of the key it is about, if one
    std::string message;
  };

  std::deque<Node> nodes;  // the root is the first; none when the file holds nothing
  std::vector<Mistake> mistakes;
  bool broken = false;  // a mistake ended the reading; what was read is incomplete

  const Node* root() const { return nodes.empty() ? nullptr : &nodes.front(); }
};

// Most values a file may expand to.
inline constexpr std::size_t kMostValues = 4'000'000;

Tree read_tree(std::string_view yaml);

}  // namespace sluice::app
