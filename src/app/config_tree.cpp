#include "app/config_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <semaphore>
#include <unordered_map>
#include <unordered_set>

#include "app/yaml_events.h"
#include "base/text.h"
#include "base/workers.h"

namespace sluice::app {

namespace {

constexpr std::size_t kMostMistakes = 200;
constexpr std::size_t kBatch = 4096;  // events that are worth another thread
constexpr std::size_t kFewKeys = 16;  // of a map that is searched as it is

// Builds the tree from the events.
class Builder {
 public:
  Builder(Tree& tree, const OnItem& on_item) : tree_(tree), on_item_(on_item) {}

  // Ends where the rest of the file has no meaning; the tree is broken then.
  void take(std::span<const YamlEvent> events) {
    for (const auto& event : events) {
      line_ = event.line;
      if (!take(event)) return;
    }
  }

 private:
  // A list or map whose end has not been seen. Its items or entries are the last ones of those that are pending.
  struct Open {
    Node* node;
    std::size_t spent_before;
    std::size_t first;      // of the pending
    std::size_t count = 0;  // of items
    bool is_told = false;   // its items are told as they come
    bool has_key = false;   // a key was read, its value comes next
    bool is_merge = false;  // that key is <<
    Node::Entry entry{};
    std::unordered_set<std::string_view> keys{};  // of a map with many
    std::vector<const Node*> merged{};            // maps named by <<, in order
  };

  // False, as all of these: the rest has no meaning; the tree's last mistake says why.
  bool take(const YamlEvent& event) {
    switch (event.type) {
      case YamlEvent::Type::kDocument:
        return ++documents_ == 1 || stop("a second document starts here; the file may hold only one");
      case YamlEvent::Type::kAlias:
        return take_alias(event.anchor);
      case YamlEvent::Type::kNull:
      case YamlEvent::Type::kText:
        return take_scalar(event);
      case YamlEvent::Type::kList:
        return start(Node::Kind::kList, event.anchor);
      case YamlEvent::Type::kMap:
        return start(Node::Kind::kMap, event.anchor);
      case YamlEvent::Type::kEndOfList:
      case YamlEvent::Type::kEndOfMap:
        return finish();
    }
    return true;
  }

  bool stop(std::string message) { return stop(line_, std::move(message)); }
  bool stop(int line, std::string message) {
    tree_.broken = true;
    tree_.mistakes.push_back({line, "", std::move(message)});
    return false;
  }

  Node* make(Node::Kind kind, std::string_view anchor) {
    Node* node = std::pmr::polymorphic_allocator<>(tree_.memory.get()).new_object<Node>();
    node->kind = kind;
    node->line = line_;
    if (!anchor.empty()) anchors_.insert_or_assign(std::string(anchor), node);
    if (tree_.root == nullptr) tree_.root = node;
    return node;
  }

  template <class T>
  std::span<const T> keep(std::span<const T> values) {
    T* kept = std::pmr::polymorphic_allocator<T>(tree_.memory.get()).allocate(values.size());
    std::ranges::uninitialized_copy(values, std::span(kept, values.size()));
    return {kept, values.size()};
  }
  bool spend(std::size_t count) {
    spent_ += count;
    return spent_ <= kMostValues || stop(fmt::format("the file expands to more than {} values", kMostValues));
  }

  bool take_scalar(const YamlEvent& event) {
    if (!spend(1)) return false;
    const bool is_null = event.type == YamlEvent::Type::kNull;
    const bool is_key = !open_.empty() && open_.back().node->kind == Node::Kind::kMap && !open_.back().has_key;
    if (is_key && event.anchor.empty() && !is_null) {  // nearly half of all: they need no node
      take_key(event.text, event.is_quoted);
      return true;
    }
    Node* node = make(is_null ? Node::Kind::kNull : Node::Kind::kScalar, event.anchor);
    node->text = event.text;
    node->quoted = event.is_quoted;
    return place(node);
  }

  bool take_alias(std::string_view anchor) {
    auto known = anchors_.find(std::string(anchor));
    if (known == anchors_.end()) {
      return stop(fmt::format("this is not valid YAML: the alias '{}' names no anchor", printable(anchor, 60)));
    }
    const Node* node = known->second;
    if (std::ranges::find(open_, node, &Open::node) != open_.end()) {
      return stop("this alias is part of the value it names");
    }
    return spend(node->size) && place(node);
  }

  bool start(Node::Kind kind, std::string_view anchor) {
    if (open_.size() == kDeepestValue) {
      return stop(fmt::format("values are nested more than {} deep here", kDeepestValue));
    }
    const std::size_t before = spent_;
    if (!spend(1)) return false;
    const std::size_t first = kind == Node::Kind::kList ? items_.size() : entries_.size();
    const bool is_told = kind == Node::Kind::kList && is_value_of_file();
    open_.push_back({.node = make(kind, anchor), .spent_before = before, .first = first, .is_told = is_told});
    return true;
  }

  // Whether what starts now is the value of a key of the whole file, and will stay it.
  bool is_value_of_file() const {
    if (!on_item_ || open_.size() != 1 || !open_[0].has_key || open_[0].is_merge) return false;
    return std::ranges::find(pending(open_[0]), open_[0].entry.key, &Node::Entry::key) == pending(open_[0]).end();
  }

  bool finish() {
    Open& open = open_.back();
    Node* node = open.node;
    if (node->kind == Node::Kind::kList) {
      node->items = keep(std::span<const Node* const>(items_).subspan(open.first));
      items_.resize(open.first);
    } else {
      if (!merge(open)) return false;
      node->entries = keep(pending(open));
      entries_.resize(open.first);
    }
    node->size = spent_ - open.spent_before;
    open_.pop_back();
    return place(node);
  }

  // Puts a complete value where it belongs: as key, value or item of the innermost open value.
  bool place(const Node* node) {
    if (open_.empty()) return true;
    Open& open = open_.back();
    if (open.node->kind == Node::Kind::kList) {
      items_.push_back(node);
      if (open.is_told) on_item_({open_[0].entry.key, open_[0].entry.line, *open.node, open.count, *node});
      ++open.count;
      return true;
    }
    if (open.has_key) return place_value(open, node);
    if (node->kind != Node::Kind::kScalar) return stop(node->line, "a key must be text");
    take_key(node->text, node->quoted);
    return true;
  }

  void take_key(std::string_view text, bool is_quoted) {
    Open& open = open_.back();
    open.has_key = true;
    open.is_merge = !is_quoted && text == "<<";
    open.entry = {.key = text, .line = line_};
  }

  bool place_value(Open& open, const Node* node) {
    open.has_key = false;
    open.entry.value = node;
    if (open.is_merge) return add_merged(open, *node);
    return add_entry(open, open.entry) || tell_duplicate(open);
  }

  std::span<const Node::Entry> pending(const Open& open) const { return std::span(entries_).subspan(open.first); }

  // False: its key is there already.
  bool add_entry(Open& open, const Node::Entry& entry) {
    const auto before = pending(open);
    if (before.size() < kFewKeys) {
      if (std::ranges::find(before, entry.key, &Node::Entry::key) != before.end()) return false;
    } else {
      if (open.keys.empty()) {
        for (const auto& one : before) open.keys.insert(one.key);
      }
      if (!open.keys.insert(entry.key).second) return false;
    }
    entries_.push_back(entry);
    return true;
  }

  bool tell_duplicate(const Open& open) {
    if (tree_.mistakes.size() >= kMostMistakes) return stop(open.entry.line, "too many keys are given twice");
    auto first = std::ranges::find(pending(open), open.entry.key, &Node::Entry::key);
    tree_.mistakes.push_back(
        {open.entry.line, path(), fmt::format("this key is already given on line {}", first->line)});
    return true;
  }

  // Where the parser is: the keys and list positions of all that is open.
  std::string path() const {
    std::string result;
    for (const Open& open : open_) {
      if (open.node->kind == Node::Kind::kList) {
        result += fmt::format("[{}]", open.count);
      } else {
        result += (result.empty() ? "" : ".") + printable(open.entry.key, 60);
      }
    }
    return result;
  }

  bool add_merged(Open& open, const Node& node) {
    auto add = [&](const Node* map) {
      open.merged.push_back(map);
      return map->kind == Node::Kind::kMap || stop(open.entry.line, "<< takes a map or a list of maps");
    };
    return node.kind == Node::Kind::kList ? std::ranges::all_of(node.items, add) : add(&node);
  }

  // A map's own keys win over merged ones, earlier merged maps over later ones.
  bool merge(Open& open) {
    line_ = open.node->line;
    for (const Node* map : open.merged) {
      for (const auto& entry : map->entries) {
        if (add_entry(open, entry) && !spend(entry.value->size)) return false;
      }
    }
    return true;
  }

  Tree& tree_;
  const OnItem& on_item_;
  int line_ = 0;  // of the event
  int documents_ = 0;
  std::size_t spent_ = 0;
  std::vector<Open> open_;
  std::vector<const Node*> items_;  // pending ones of all lists that are open
  std::vector<Node::Entry> entries_;
  std::unordered_map<std::string, const Node*> anchors_;
};

}  // namespace

const Node::Entry* Node::find(std::string_view key) const {
  auto found = std::ranges::find(entries, key, &Entry::key);
  return found == entries.end() ? nullptr : &*found;
}

std::string_view kind_name(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::kNull:
      return "nothing";
    case Node::Kind::kScalar:
      return "text";
    case Node::Kind::kList:
      return "a list";
    case Node::Kind::kMap:
      return "a map";
  }
  return "nothing";
}

Tree read_tree(std::string_view yaml, const OnItem& on_item) {
  Tree tree;
  YamlEvents events(yaml, *tree.texts);
  Builder builder(tree, on_item);
  std::binary_semaphore built{1};  // taken: the worker is at a batch
  std::optional<Workers> worker;   // its end is waited for before the others go
  for (bool is_last = false; !is_last;) {
    auto batch = events.read(kBatch);
    is_last = batch.size() < kBatch;
    built.acquire();
    if (tree.broken) return tree;
    if (is_last) {
      builder.take(batch);
    } else {
      if (!worker) worker.emplace(1);
      worker->run([&, batch = std::move(batch)] {
        builder.take(batch);
        built.release();
      });
    }
  }
  if (auto mistake = events.mistake(); !tree.broken && !mistake.message.empty()) {
    tree.broken = true;
    tree.mistakes.push_back({mistake.line, "", std::move(mistake.message)});
  }
  return tree;
}

}  // namespace sluice::app
