#include "app/config_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/text.h"
#include "json/writer.h"

namespace sluice::app {

namespace {

constexpr std::size_t kMostNamed = 100;
constexpr std::size_t kLongestName = 200;

// The same for the same values, however they are laid out.
void append(std::string& out, const Node* node) {
  if (!node) return;
  switch (node->kind) {
    case Node::Kind::kNull:
      out += "~;";
      break;
    case Node::Kind::kScalar:
      out += fmt::format("{}{}:", node->quoted ? 'q' : 's', node->text.size());
      out += node->text;
      break;
    case Node::Kind::kList:
      out += '[';
      for (const auto* item : node->items) append(out, item);
      out += ']';
      break;
    case Node::Kind::kMap:
      out += '{';
      for (const auto& entry : node->entries) {
        out += fmt::format("{}:{}", entry.key.size(), entry.key);
        append(out, entry.value);
      }
      out += '}';
      break;
  }
}

void add(ConfigParts& parts, const std::string& place, const Node* node) {
  std::string text;
  append(text, node);
  parts.insert_or_assign(place, sha256(text));
}

std::string name_of(const Node& item, std::size_t index) {
  auto name = std::ranges::find(item.entries, "name", &Node::Entry::key);
  const bool named = name != item.entries.end() && name->value && name->value->kind == Node::Kind::kScalar;
  return named ? "." + name->value->text : fmt::format("[{}]", index);
}

void add_section(ConfigParts& parts, const std::string& section, const Node* node) {
  if (!node || (node->kind != Node::Kind::kMap && node->kind != Node::Kind::kList)) return add(parts, section, node);
  for (const auto& entry : node->entries) add(parts, section + "." + entry.key, entry.value);
  for (std::size_t i = 0; i < node->items.size(); ++i)
    add(parts, section + name_of(*node->items[i], i), node->items[i]);
}

}  // namespace

ConfigParts parts_of(const Node* root) {
  ConfigParts parts;
  if (!root) return parts;
  for (const auto& entry : root->entries) add_section(parts, entry.key, entry.value);
  return parts;
}

std::string changes_json(const ConfigParts& before, const ConfigParts& after) {
  std::vector<std::string_view> added, changed, removed;
  for (const auto& [place, digest] : after) {
    auto old = before.find(place);
    if (old == before.end()) added.push_back(place);
    if (old != before.end() && old->second != digest) changed.push_back(place);
  }
  for (const auto& [place, digest] : before) {
    if (!after.contains(place)) removed.push_back(place);
  }
  std::string out;
  json::Writer json(out);
  std::uint64_t more = 0;
  auto list = [&](std::string_view name, const std::vector<std::string_view>& places) {
    json.key(name).begin_array();
    const auto shown = std::min(places.size(), kMostNamed);
    more += places.size() - shown;
    for (std::size_t i = 0; i < shown; ++i) json.text(printable(places[i], kLongestName));
    json.end_array();
  };
  json.begin_object();
  list("added", added);
  list("changed", changed);
  list("removed", removed);
  json.key("more").number(more);
  json.end_object();
  return out;
}

}  // namespace sluice::app
