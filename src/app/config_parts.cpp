#include "app/config_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/text.h"
#include "json/writer.h"

namespace sluice::app {

namespace {

constexpr std::size_t kMostNamed = 100;
constexpr std::size_t kLongestName = 200;

// A part for each item of a section that has no more of them; a larger one is a part as a whole.
constexpr std::size_t kMostApart = 5'000;

void add(std::uint64_t& digest, std::uint64_t value) {
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;
  digest = (digest ^ value) * kOdd;
  digest ^= digest >> 29;
}

void add(std::uint64_t& digest, std::string_view text) {
  add(digest, std::hash<std::string_view>{}(text));
}

// The same for the same values, however they are laid out.
void add(std::uint64_t& digest, const Node* node, const ResolvedTexts& resolved) {
  if (!node) return;
  add(digest, static_cast<std::uint64_t>(node->kind) * 2 + (node->quoted ? 1 : 0));
  add(digest, node->text);
  if (auto found = resolved.find(node->text); found != resolved.end()) add(digest, found->second);
  add(digest, node->items.size());
  for (const auto* item : node->items) add(digest, item, resolved);
  for (const auto& entry : node->entries) {
    add(digest, entry.key);
    add(digest, entry.value, resolved);
  }
}

struct Parts {
  const ResolvedTexts& resolved;
  ConfigParts made{};

  void add_part(std::string place, const Node* node) {
    std::uint64_t digest = 0;
    add(digest, node, resolved);
    made.insert_or_assign(std::move(place), digest);
  }
  void add_section(std::string_view section, const Node* node);
};

std::string name_of(const Node& item, std::size_t index) {
  const auto* name = item.find("name");
  const bool named = name && name->value && name->value->kind == Node::Kind::kScalar;
  return named ? fmt::format(".{}", name->value->text) : fmt::format("[{}]", index);
}

void Parts::add_section(std::string_view section, const Node* node) {
  const bool has_items = node && (node->kind == Node::Kind::kMap || node->kind == Node::Kind::kList);
  if (!has_items || node->items.size() > kMostApart) return add_part(std::string(section), node);
  for (const auto& entry : node->entries) add_part(fmt::format("{}.{}", section, entry.key), entry.value);
  for (std::size_t i = 0; i < node->items.size(); ++i)
    add_part(std::string(section) + name_of(*node->items[i], i), node->items[i]);
}

}  // namespace

ConfigParts parts_of(const Node* root, const ResolvedTexts& resolved) {
  Parts parts{resolved};
  if (!root) return {};
  for (const auto& entry : root->entries) parts.add_section(entry.key, entry.value);
  return std::move(parts.made);
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
