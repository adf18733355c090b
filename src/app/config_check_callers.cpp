#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "admin/rows.h"
#include "app/config_check.h"
#include "base/text.h"
#include "exchange/tag_rules.h"
#include "provider/sign/aws_metadata.h"

namespace sluice::app {

namespace {

bool has_line_end(std::string_view text) {
  return text.find_first_of("\r\n") != std::string_view::npos;
}

void check_endpoints(const KeyConfig& key, const Place& place, Problems& problems) {
  const auto& known = admin::operation_names();
  for (std::size_t i = 0; i < key.endpoints.size(); ++i) {
    const auto& name = key.endpoints[i];
    if (name.empty() || std::ranges::find(known, name) != known.end()) continue;  // the reader told of an empty one
    auto near = nearest(std::string_view(name).substr(0, 60), known);
    problems.add(place.item(i, key.line), near.empty() ? "unknown endpoint; keys.md lists them"
                                                       : fmt::format("unknown endpoint; did you mean '{}'?", near));
  }
}

void check_tags(const KeyConfig& key, const Place& place, Problems& problems) {
  if (key.tags.size() > kMostFixedTags) problems.add(place, fmt::format("holds more than {} tags", kMostFixedTags));
  for (const auto& [name, value] : key.tags) {
    const auto inner = place.key(name, key.line);
    if (!is_tag_name(name)) {
      problems.add(inner, fmt::format("is no name of a tag: 1 to {} of {}", kLongestTagName, kTagNameCharacters));
    }
    if (!is_tag_value(value))
      problems.add(inner, fmt::format("holds control characters or more than {} bytes", kLongestTagValue));
  }
}

void check_key(const KeyConfig& key, const Place& place, Problems& problems) {
  if (key.key.reveal().size() < kShortestKey && !key.key.empty()) {
    problems.add(place.key("key", key.line), fmt::format("is shorter than {} characters", kShortestKey));
  }
  if (key.name.starts_with("key_") || has_line_end(key.name))
    problems.add(place.key("name", key.line), "must not begin with 'key_' or hold a line end");
  check_tags(key, place.key("tags", key.line), problems);
  check_endpoints(key, place.key("endpoints", key.line), problems);
  if (!key.expires_at.empty() && !provider::parse_iso_time(key.expires_at))
    problems.add(place.key("expires_at", key.line), "expected a time such as 2026-12-31T23:59:59Z");
}

}  // namespace

void check_callers(const Config& config, Problems& problems) {
  std::unordered_map<std::string_view, const KeyConfig*> names, keys;
  for (std::size_t i = 0; i < config.keys.size(); ++i) {
    const KeyConfig& key = config.keys[i];
    Place place = Place{"keys", key.line}.item(i, key.line);
    if (!key.name.empty()) {
      auto [first, fresh] = names.emplace(key.name, &key);
      if (!fresh)
        problems.add(place.key("name", key.line),
                     fmt::format("is the name of the key on line {} too", first->second->line));
    }
    check_key(key, place, problems);
    if (key.key.empty()) continue;  // told by the reader
    auto [first, fresh] = keys.emplace(key.key.reveal(), &key);
    if (!fresh)
      problems.add(place.key("key", key.line), fmt::format("is the same as the key on line {}", first->second->line));
    if (key.key.reveal() == config.master_key.reveal()) {
      problems.add(place.key("key", key.line), "is the same as master_key");
    }
  }
}

}  // namespace sluice::app
