#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "admin/rows.h"
#include "app/config_check.h"
#include "base/text.h"
#include "base/text_index.h"
#include "exchange/tag_rules.h"
#include "provider/known.h"
#include "provider/sign/aws_metadata.h"

namespace sluice::app {

namespace {

constexpr Place kTeams{.name = "teams"};
constexpr Place kKeys{.name = "keys"};

bool has_line_end(std::string_view text) {
  return text.find_first_of("\r\n") != std::string_view::npos;
}

// What callers may be given: names that are served here. Globs may stand for what is to come.
class ModelNames {
 public:
  explicit ModelNames(const Config& config) : config_(config) {
    for (const auto& model : config.models) {
      const std::string_view name = model.name;
      if (name.ends_with('*')) {
        prefixes_.push_back(name.substr(0, name.size() - 1));
      } else {
        names_.insert(name);
      }
    }
  }

  bool has(std::string_view name) const {
    if (name.contains('*') || names_.contains(name) || (config_.models.empty() && config_.providers.empty()))
      return true;
    auto is_before = [&](std::string_view prefix) { return name.starts_with(prefix) && name.size() > prefix.size(); };
    if (std::ranges::any_of(prefixes_, is_before)) return true;
    const auto slash = name.find('/');
    if (slash == std::string_view::npos || slash + 1 == name.size()) return false;
    const auto provider = name.substr(0, slash);
    return provider::find_known(provider) ||
           std::ranges::find(config_.providers, provider, &ProviderConfig::name) != config_.providers.end();
  }

  std::string no_such(std::string_view name) const { return no_such_model(config_, name); }

 private:
  const Config& config_;
  std::unordered_set<std::string_view> names_;
  std::vector<std::string_view> prefixes_;
};

void check_teams(const Config& config, const ModelNames& models, Problems& problems) {
  for (const auto& team : config.teams) {
    const Place place = kTeams.key(team.name);
    for (std::size_t i = 0; i < team.models.size(); ++i) {
      if (models.has(team.models[i])) continue;
      problems.add(place.key("models").item(i), models.no_such(team.models[i]));
    }
    for (const auto& [alias, name] : team.aliases) {
      if (!name.contains('*') && models.has(name)) continue;
      problems.add(place.key("aliases").key(alias), models.no_such(name));
    }
  }
}

class Keys {
 public:
  Keys(const Config& config, const ModelNames& models, Problems& problems)
      : config_(config), models_(models), problems_(problems), names_(config.keys.size()), texts_(config.keys.size()) {}

  void check() {
    for (std::size_t i = 0; i < config_.keys.size(); ++i) check(config_.keys[i], kKeys.item(i), i);
  }

 private:
  void check(const KeyConfig& key, const Place& place, std::size_t i);
  void check_tags(const KeyConfig& key, const Place& place);
  void check_endpoints(const KeyConfig& key, const Place& place);
  void check_models(const KeyConfig& key, const Place& place);

  const Config& config_;
  const ModelNames& models_;
  Problems& problems_;
  TextIndex names_, texts_;
};

void Keys::check_endpoints(const KeyConfig& key, const Place& place) {
  const auto& known = admin::operation_names();
  for (std::size_t k = 0; k < key.endpoints.size(); ++k) {
    const auto& name = key.endpoints[k];
    if (name.empty() || std::ranges::find(known, name) != known.end()) continue;  // the reader told of an empty one
    auto near = nearest(std::string_view(name).substr(0, 60), known);
    problems_.add(place.key("endpoints").item(k), near.empty()
                                                      ? "unknown endpoint; keys.md lists them"
                                                      : fmt::format("unknown endpoint; did you mean '{}'?", near));
  }
}

void Keys::check_models(const KeyConfig& key, const Place& place) {
  for (std::size_t k = 0; k < key.models.size(); ++k) {
    if (models_.has(key.models[k])) continue;
    problems_.add(place.key("models").item(k), models_.no_such(key.models[k]));
  }
}

void Keys::check_tags(const KeyConfig& key, const Place& place) {
  const Place tags = place.key("tags");
  if (key.tags.size() > kMostFixedTags) problems_.add(tags, fmt::format("holds more than {} tags", kMostFixedTags));
  for (const auto& [name, value] : key.tags) {
    if (!is_tag_name(name)) {
      problems_.add(tags.key(name),
                    fmt::format("is no name of a tag: 1 to {} of {}", kLongestTagName, kTagNameCharacters));
    }
    if (!is_tag_value(value)) {
      problems_.add(tags.key(name), fmt::format("holds control characters or more than {} bytes", kLongestTagValue));
    }
  }
}

void Keys::check(const KeyConfig& key, const Place& place, std::size_t i) {
  auto tell = [&](std::string_view field, std::string message) { problems_.add(place.key(field), std::move(message)); };
  auto line_of = [&](std::size_t number) { return problems_.line_of(kKeys.item(number)); };
  auto name_of = [this](std::size_t number) -> std::string_view { return config_.keys[number].name; };
  auto text_of = [this](std::size_t number) { return config_.keys[number].key.reveal(); };
  const auto text = key.key.reveal();
  if (!key.name.empty()) {
    if (const auto first = names_.add(key.name, i, name_of); first != i)
      tell("name", fmt::format("is the name of the key on line {} too", line_of(first)));
  }
  if (text.size() < kShortestKey && !text.empty())
    tell("key", fmt::format("is shorter than {} characters", kShortestKey));
  if (key.name.starts_with("key_") || has_line_end(key.name))
    tell("name", "must not begin with 'key_' or hold a line end");
  if (key.name == kMasterName) tell("name", "must not be 'master': the master key is called so");
  check_tags(key, place);
  check_endpoints(key, place);
  check_models(key, place);
  if (!key.expires_at.empty() && !provider::parse_iso_time(key.expires_at))
    tell("expires_at", "expected a time such as 2026-12-31T23:59:59Z");
  if (text.empty()) return;  // told by the reader
  if (const auto first = texts_.add(text, i, text_of); first != i)
    tell("key", fmt::format("is the same as the key on line {}", line_of(first)));
  if (text == config_.master_key.reveal()) tell("key", "is the same as master_key");
}

}  // namespace

void check_callers(const Config& config, Problems& problems) {
  const ModelNames models(config);
  check_teams(config, models, problems);
  Keys(config, models, problems).check();
}

}  // namespace sluice::app
