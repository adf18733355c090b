#include "dialect/gemini/partial_call.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace sluice::dialect::gemini {

namespace {

constexpr std::size_t kDeepest = 64;
constexpr std::size_t kMostMembers = 4096;
constexpr std::size_t kNodeBytes = 64;  // what a node costs beside its text

// One step of a JSONPath: .name, ['name'], ["name"] or [0].
struct Step {
  std::string name;
  std::optional<std::size_t> index;
};

std::optional<Step> take_bracket(std::string_view& path) {
  path.remove_prefix(1);
  if (path.empty()) return std::nullopt;
  if (path.front() == '\'' || path.front() == '"') {
    const auto end = path.find(path.front(), 1);
    if (end == std::string_view::npos || !path.substr(end + 1).starts_with(']')) return std::nullopt;
    Step step{.name = std::string(path.substr(1, end - 1)), .index = std::nullopt};
    path.remove_prefix(end + 2);
    return step;
  }
  const auto end = path.find(']');
  const auto index = to_number<std::size_t>(path.substr(0, end));
  if (end == std::string_view::npos || !index) return std::nullopt;
  path.remove_prefix(end + 1);
  return Step{.name = {}, .index = index};
}

std::optional<Step> take_step(std::string_view& path) {
  if (path.front() == '[') return take_bracket(path);
  if (path.front() != '.') return std::nullopt;
  path.remove_prefix(1);
  const auto end = std::min(path.find_first_of(".["), path.size());
  if (end == 0) return std::nullopt;
  Step step{.name = std::string(path.substr(0, end)), .index = std::nullopt};
  path.remove_prefix(end);
  return step;
}

}  // namespace

bool PartialArguments::spend(std::size_t bytes) {
  if (bytes + kNodeBytes > left_) return false;
  left_ -= bytes + kNodeBytes;
  return true;
}

PartialArguments::Node* PartialArguments::member(Node& node, std::string_view name) {
  if (node.kind == Node::Kind::kEmpty) node.kind = Node::Kind::kObject;
  if (node.kind != Node::Kind::kObject) return nullptr;
  // What goes on is what came last.
  if (!node.names.empty() && node.names.back() == name) return node.nodes.back().get();
  const auto found = std::ranges::find(node.names, name);
  if (found != node.names.end()) return node.nodes[static_cast<std::size_t>(found - node.names.begin())].get();
  if (node.names.size() >= kMostMembers) return nullptr;
  node.names.emplace_back(name);
  return node.nodes.emplace_back(std::make_unique<Node>()).get();
}

PartialArguments::Node* PartialArguments::element(Node& node, std::size_t index) {
  if (node.kind == Node::Kind::kEmpty) node.kind = Node::Kind::kArray;
  if (node.kind != Node::Kind::kArray || index > node.nodes.size()) return nullptr;
  if (index == node.nodes.size()) node.nodes.push_back(std::make_unique<Node>());
  return node.nodes[index].get();
}

PartialArguments::Node* PartialArguments::find(std::string_view path) {
  if (!path.starts_with('$')) return nullptr;
  path.remove_prefix(1);
  Node* node = &root_;
  for (std::size_t depth = 0; !path.empty() && node != nullptr; ++depth) {
    const auto step = take_step(path);
    if (!step || depth == kDeepest || !spend(step->name.size())) return nullptr;
    node = step->index ? element(*node, *step->index) : member(*node, step->name);
  }
  return node;
}

bool PartialArguments::add_text(json::Escaped path, json::Escaped text) {
  Node* const node = find(json::plain(path));
  if (node == nullptr || node == &root_ || !spend(text.raw.size())) return false;
  if (node->kind == Node::Kind::kEmpty) node->kind = Node::Kind::kText;
  if (node->kind != Node::Kind::kText) return false;
  node->text += text.raw;
  return true;
}

bool PartialArguments::add_value(json::Escaped path, std::string_view value) {
  Node* const node = find(json::plain(path));
  if (node == nullptr || node == &root_ || node->kind != Node::Kind::kEmpty || !spend(value.size())) return false;
  node->kind = Node::Kind::kValue;
  node->text = value;
  return true;
}

void PartialArguments::write(const Node& node, std::string& out) {
  switch (node.kind) {
    case Node::Kind::kEmpty:
      out += "null";
      return;
    case Node::Kind::kText:
      json::append_quoted(out, {node.text});
      return;
    case Node::Kind::kValue:
      out += node.text;
      return;
    case Node::Kind::kObject:
    case Node::Kind::kArray:
      break;
  }
  const bool object = node.kind == Node::Kind::kObject;
  out += object ? '{' : '[';
  for (std::size_t i = 0; i < node.nodes.size(); ++i) {
    if (i > 0) out += ',';
    if (object) {
      append_json_string(out, node.names[i]);
      out += ':';
    }
    write(*node.nodes[i], out);
  }
  out += object ? '}' : ']';
}

std::string PartialArguments::finished() const {
  if (root_.kind != Node::Kind::kObject) return "{}";
  std::string out;
  write(root_, out);
  return out;
}

std::string PartialArguments::unfinished() const {
  std::string out = finished();
  out.pop_back();
  return out;
}

}  // namespace sluice::dialect::gemini
