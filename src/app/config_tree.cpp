#include "app/config_tree.h"

#include <fmt/format.h>
#include <yaml.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "base/text.h"

namespace sluice::app {

namespace {

constexpr std::size_t kMostMistakes = 200;
constexpr std::size_t kFewKeys = 16;  // of a map that is searched as it is

// The events of one text, which outlives it.
class Events {
 public:
  explicit Events(std::string_view yaml) : yaml_(yaml), is_made_(yaml_parser_initialize(&parser_) != 0) {
    if (!is_made_) return;
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(yaml.data()), yaml.size());
  }
  Events(const Events&) = delete;
  Events& operator=(const Events&) = delete;
  ~Events() {
    drop();
    if (is_made_) yaml_parser_delete(&parser_);
  }

  // Good until the next call. Null: mistake() says why.
  const yaml_event_t* next() {
    drop();
    has_event_ = is_made_ && yaml_parser_parse(&parser_, &event_) != 0;
    return has_event_ ? &event_ : nullptr;
  }

  Tree::Mistake mistake() const {
    if (!is_made_ || parser_.error == YAML_MEMORY_ERROR) return {0, "", "there is not enough memory to read it"};
    if (parser_.error == YAML_READER_ERROR) {
      const auto before = yaml_.substr(0, parser_.problem_offset);
      return {static_cast<int>(std::ranges::count(before, '\n')) + 1, "",
              fmt::format("this is not a text file in UTF-8: {}", parser_.problem)};
    }
    std::string message = fmt::format("this is not valid YAML: {}", parser_.problem);
    if (parser_.context != nullptr) message += fmt::format(" {}", parser_.context);
    const bool is_longer = parser_.context != nullptr && parser_.context_mark.line < parser_.problem_mark.line;
    if (is_longer) message += fmt::format(" that begins on line {}", parser_.context_mark.line + 1);
    return {static_cast<int>(parser_.problem_mark.line) + 1, "", std::move(message)};
  }

 private:
  void drop() {
    if (has_event_) yaml_event_delete(&event_);
    has_event_ = false;
  }

  std::string_view yaml_;
  yaml_parser_t parser_{};
  yaml_event_t event_{};
  bool is_made_;
  bool has_event_ = false;
};

std::string_view view(const unsigned char* text, std::size_t size) {
  return {reinterpret_cast<const char*>(text), size};
}
std::string_view view(const unsigned char* text) {
  return text == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(text));
}

bool means_nothing(std::string_view text) {
  return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

// Builds the tree from the events.
class Builder {
 public:
  explicit Builder(Tree& tree) : tree_(tree) {}

  // False: the rest of the file has no meaning; the tree's last mistake says why.
  bool take(const yaml_event_t& event) {
    line_ = static_cast<int>(event.start_mark.line) + 1;
    switch (event.type) {
      case YAML_DOCUMENT_START_EVENT:
        return ++documents_ == 1 || stop("a second document starts here; the file may hold only one");
      case YAML_ALIAS_EVENT:
        return take_alias(view(event.data.alias.anchor));
      case YAML_SCALAR_EVENT:
        return take_scalar(event);
      case YAML_SEQUENCE_START_EVENT:
        return start(Node::Kind::kList, view(event.data.sequence_start.anchor));
      case YAML_MAPPING_START_EVENT:
        return start(Node::Kind::kMap, view(event.data.mapping_start.anchor));
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT:
        return finish();
      default:
        return true;
    }
  }

 private:
  // A list or map whose end has not been seen. Its items or entries are the last ones of those that are pending.
  struct Open {
    Node* node;
    std::size_t spent_before;
    std::size_t first;      // of the pending
    std::size_t count = 0;  // of items
    bool has_key = false;   // a key was read, its value comes next
    bool is_merge = false;  // that key is <<
    Node::Entry entry{};
    std::unordered_set<std::string_view> keys{};  // of a map with many
    std::vector<const Node*> merged{};            // maps named by <<, in order
  };

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
  std::string_view keep(std::string_view text) {
    const auto kept = keep(std::span(text));
    return {kept.data(), kept.size()};
  }

  bool spend(std::size_t count) {
    spent_ += count;
    return spent_ <= kMostValues || stop(fmt::format("the file expands to more than {} values", kMostValues));
  }

  bool take_scalar(const yaml_event_t& event) {
    const auto& scalar = event.data.scalar;
    const auto text = view(scalar.value, scalar.length);
    const bool is_plain = scalar.style == YAML_PLAIN_SCALAR_STYLE;
    const bool is_null = is_plain && scalar.tag == nullptr && means_nothing(text);
    const bool is_quoted = !is_plain || view(scalar.tag) == "!";
    if (!spend(1)) return false;
    const bool is_key = !open_.empty() && open_.back().node->kind == Node::Kind::kMap && !open_.back().has_key;
    if (is_key && scalar.anchor == nullptr && !is_null) {  // most values of a file: they need no node
      take_key(keep(text), is_quoted);
      return true;
    }
    Node* node = make(is_null ? Node::Kind::kNull : Node::Kind::kScalar, view(scalar.anchor));
    if (!is_null) node->text = keep(text);
    node->quoted = is_quoted;
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
    open_.push_back({.node = make(kind, anchor), .spent_before = before, .first = first});
    return true;
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

Tree read_tree(std::string_view yaml) {
  Tree tree;
  if (constexpr std::string_view kMark = "\xef\xbb\xbf"; yaml.starts_with(kMark)) yaml.remove_prefix(kMark.size());
  Events events(yaml);
  Builder builder(tree);
  while (const auto* event = events.next()) {
    if (event->type == YAML_STREAM_END_EVENT || !builder.take(*event)) return tree;
  }
  tree.broken = true;
  tree.mistakes.push_back(events.mistake());
  return tree;
}

}  // namespace sluice::app
