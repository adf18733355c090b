#include "app/config_tree.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <unordered_map>
#include <unordered_set>

#include "base/text.h"

namespace sluice::app {

namespace {

constexpr std::size_t kMostMistakes = 200;

// A mistake after which the rest of the file has no meaning.
struct Hopeless {
  int line;
  std::string message;
};

int line_of(const YAML::Mark& mark) {
  return mark.is_null() ? 0 : mark.line + 1;
}

// Builds the tree from the parser's events.
class Builder : public YAML::EventHandler {
 public:
  explicit Builder(Tree& tree) : tree_(tree) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) throw Hopeless{line_of(mark), "a second document starts here; the file may hold only one"};
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    place(remember(make(Node::Kind::kNull, mark), anchor), kPlain);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node* node = make(Node::Kind::kScalar, mark);
    node->text = value;
    node->quoted = tag == "!";
    place(remember(node, anchor), node->quoted ? kQuoted : kPlain);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    auto known = anchors_.find(anchor);
    if (known == anchors_.end()) throw Hopeless{line_of(mark), "this alias names no anchor"};
    Node* node = known->second;
    if (std::ranges::any_of(open_, [&](const Open& open) { return open.node == node; })) {
      throw Hopeless{line_of(mark), "this alias is part of the value it names"};
    }
    spend(node->size, mark);
    place(node, kPlain);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    start(Node::Kind::kList, mark, anchor);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    start(Node::Kind::kMap, mark, anchor);
  }
  void OnSequenceEnd() override { finish(); }
  void OnMapEnd() override { finish(); }

  int line_without_key = 0;  // of the first key that is no text

 private:
  enum Style { kPlain, kQuoted };

  // A list or map whose end has not been seen.
  struct Open {
    Node* node;
    std::size_t spent_before;
    bool has_key = false;  // a key was read, its value comes next
    bool merge = false;    // that key is <<
    Node::Entry entry{};
    std::unordered_set<std::string> keys{};
    std::vector<const Node*> merged{};  // maps named by <<, in order
  };

  Node* make(Node::Kind kind, const YAML::Mark& mark) {
    spend(1, mark);
    Node& node = tree_.nodes.emplace_back();
    node.kind = kind;
    node.line = line_of(mark);
    return &node;
  }

  Node* remember(Node* node, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) anchors_[anchor] = node;
    return node;
  }

  void spend(std::size_t count, const YAML::Mark& mark) { spend(count, line_of(mark)); }
  void spend(std::size_t count, int line) {
    spent_ += count;
    if (spent_ > kMostValues) throw Hopeless{line, fmt::format("the file expands to more than {} values", kMostValues)};
  }

  void start(Node::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    std::size_t before = spent_;
    open_.push_back({.node = remember(make(kind, mark), anchor), .spent_before = before});
  }

  void finish() {
    merge(open_.back());
    Node* node = open_.back().node;
    node->size = spent_ - open_.back().spent_before;
    open_.pop_back();
    place(node, kPlain);
  }

  // Puts a complete value where it belongs: as key, value or item of the innermost open value.
  void place(Node* node, Style style) {
    if (open_.empty()) return;
    Open& open = open_.back();
    if (open.node->kind == Node::Kind::kList) {
      open.node->items.push_back(node);
    } else if (!open.has_key) {
      place_key(open, *node, style);
    } else {
      place_value(open, node);
    }
  }

  void place_key(Open& open, const Node& node, Style style) {
    // The parser gives a missing key before it tells that the file is cut there, which is the better thing to say.
    if (node.kind != Node::Kind::kScalar && line_without_key == 0) line_without_key = node.line;
    open.has_key = true;
    open.merge = style == kPlain && node.text == "<<";
    open.entry = {.key = node.text, .line = node.line};
  }

  void place_value(Open& open, Node* node) {
    open.has_key = false;
    open.entry.value = node;
    if (open.merge) {
      add_merged(open, *node);
    } else if (open.keys.insert(open.entry.key).second) {
      open.node->entries.push_back(std::move(open.entry));
    } else {
      tell_duplicate(open);
    }
  }

  void tell_duplicate(const Open& open) {
    if (tree_.mistakes.size() >= kMostMistakes) throw Hopeless{open.entry.line, "too many keys are given twice"};
    auto first = std::ranges::find(open.node->entries, open.entry.key, &Node::Entry::key);
    tree_.mistakes.push_back(
        {open.entry.line, path(), fmt::format("this key is already given on line {}", first->line)});
  }

  // Where the parser is: the keys and list positions of all that is open.
  std::string path() const {
    std::string result;
    for (const Open& open : open_) {
      if (open.node->kind == Node::Kind::kList) {
        result += fmt::format("[{}]", open.node->items.size());
      } else {
        result += (result.empty() ? "" : ".") + printable(open.entry.key, 60);
      }
    }
    return result;
  }

  static void add_merged(Open& open, const Node& node) {
    auto add = [&](const Node* map) {
      if (map->kind != Node::Kind::kMap) throw Hopeless{open.entry.line, "<< takes a map or a list of maps"};
      open.merged.push_back(map);
    };
    if (node.kind != Node::Kind::kList) return add(&node);
    for (const Node* item : node.items) add(item);
  }

  // A map's own keys win over merged ones, earlier merged maps over later ones.
  void merge(Open& open) {
    for (const Node* map : open.merged) {
      for (const auto& entry : map->entries) {
        if (!open.keys.insert(entry.key).second) continue;
        spend(entry.value->size, open.node->line);
        open.node->entries.push_back(entry);
      }
    }
  }

  Tree& tree_;
  int documents_ = 0;
  std::size_t spent_ = 0;
  std::vector<Open> open_;
  std::unordered_map<YAML::anchor_t, Node*> anchors_;
};

// yaml-cpp guesses other encodings and replaces what it cannot read: we take text only.
int line_of_first_control_character(std::string_view text) {
  int line = 1;
  for (char c : text) {
    if (c == '\n') ++line;
    bool control = static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t';
    if (control || c == 0x7f) return line;
  }
  return 0;
}

}  // namespace

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
  auto hopeless = [&](int line, std::string message) {
    tree.broken = true;
    tree.mistakes.push_back({line, "", std::move(message)});
  };
  if (int line = line_of_first_control_character(yaml)) {
    hopeless(line, "this is not a text file: it holds control characters");
    return tree;
  }
  try {
    std::istringstream stream{std::string(yaml)};
    YAML::Parser parser(stream);
    Builder builder(tree);
    while (parser.HandleNextDocument(builder)) {
    }
    if (builder.line_without_key > 0) hopeless(builder.line_without_key, "a key must be text");
  } catch (const Hopeless& mistake) {
    hopeless(mistake.line, mistake.message);
  } catch (const YAML::Exception& error) {
    hopeless(line_of(error.mark), "this is not valid YAML: " + printable(error.msg));
  }
  return tree;
}

}  // namespace sluice::app
