// The YAML of a configuration file as a tree of values with their lines.
//
// Aliases share the value they name, merge keys (<<) are resolved, a key given twice is told, and what aliases and
// merges expand to is bounded, so that walking the tree is bounded too.
//
// Thread rule: plain values, immutable once made. Lifetime: nodes and their texts live as long as their Tree.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <memory_resource>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::app {

struct Node {
  enum class Kind : unsigned char { kNull, kScalar, kList, kMap };
  struct Entry {
    std::string_view key;
    const Node* value = nullptr;
    int line = 0;
  };

  Kind kind = Kind::kNull;
  bool quoted = false;                 // kScalar: it was written in quotes
  int line = 0;                        // 1-based; of a block map or list: its first entry's
  std::size_t size = 1;                // how many values it expands to, itself included
  std::string_view text;               // kScalar
  std::span<const Node* const> items;  // kList
  std::span<const Entry> entries;      // kMap; no key twice

  // Null: it is no map, or has no such key.
  const Entry* find(std::string_view key) const;
};

// "a map", "a list", "text", "nothing"
std::string_view kind_name(Node::Kind kind);

struct Tree {
  struct Mistake {
    int line = 0;
    std::string field;  // the path of the key it is about, if one
    std::string message;
  };

  // Of the nodes and their texts, which are freed all at once. They have nothing to destroy.
  std::unique_ptr<std::pmr::monotonic_buffer_resource> memory = std::make_unique<std::pmr::monotonic_buffer_resource>();
  std::unique_ptr<std::pmr::monotonic_buffer_resource> texts = std::make_unique<std::pmr::monotonic_buffer_resource>();
  const Node* root = nullptr;  // null when the file holds nothing
  std::vector<Mistake> mistakes;
  bool broken = false;  // a mistake ended the reading; what was read is incomplete
};

// Most values a file may expand to, and how deep they may be nested.
inline constexpr std::size_t kMostValues = 4'000'000;
inline constexpr std::size_t kDeepestValue = 500;

// An item of a list that is the value of one of the file's own keys, and of no key before it of that name.
struct TopItem {
  std::string_view key;
  int key_line = 0;
  const Node& list;  // not complete
  std::size_t index = 0;
  const Node& item;
};
using OnItem = std::function<void(const TopItem& item)>;

// `on_item` is told of such items as soon as they are read, in their order; of a large file on another thread, while
// this one reads on, and no more once it has returned. What was told is void where the tree is broken in the end.
Tree read_tree(std::string_view yaml, const OnItem& on_item = {});

}  // namespace sluice::app
