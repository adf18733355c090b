#include "app/callers.h"

#include <algorithm>
#include <utility>

#include "admin/terms.h"
#include "app/allowance.h"
#include "base/time_text.h"
#include "provider/sign/aws_metadata.h"

namespace sluice::app {

namespace {

std::int64_t micros_of(const std::string& time) {
  auto parsed = provider::parse_iso_time(time);
  return parsed ? to_us(*parsed) : 0;
}

// Others chose these texts, and may have chosen short ones: at most a quarter of one is shown.
std::string shown_part(std::string_view key) {
  constexpr std::size_t kShortest = 12, kMost = 6;
  const auto size = key.size() < kShortest ? 0 : std::min(key.size() / 4, kMost);
  return std::string(key.substr(0, size)) + "…";
}

admin::FileKey key_of(KeyConfig& key) {
  store::KeyRow row{.name = std::move(key.name), .prefix = shown_part(key.key.reveal())};
  row.team = std::move(key.team);
  row.user = std::move(key.user);
  row.role = std::move(key.role);
  row.priority = std::move(key.priority);
  row.models = std::move(key.models);
  row.operations = std::move(key.endpoints);
  row.networks = std::move(key.ip_ranges);
  row.tags.assign(key.tags.begin(), key.tags.end());
  row.expires_us = micros_of(key.expires_at);
  const auto terms = terms_of(key.allowance);
  row.limits = admin::to_json(terms.limits);
  row.budget = admin::to_json(terms.budgets);
  return {std::move(row), std::move(key.key)};
}

}  // namespace

admin::Roster::File callers_of(Config& config, const Secret& master_key) {
  admin::Roster::File file{.master_key = master_key, .keys = {}, .teams = {}, .users = {}};
  file.keys.reserve(config.keys.size());
  for (auto& key : std::exchange(config.keys, {})) file.keys.push_back(key_of(key));
  file.teams.reserve(config.teams.size());
  for (const auto& team : config.teams) {
    store::TeamRow row{.name = team.name, .models = team.models, .weight = team.weight};
    row.aliases.assign(team.aliases.begin(), team.aliases.end());
    const auto terms = terms_of(team.allowance);
    row.limits = admin::to_json(terms.limits);
    row.budget = admin::to_json(terms.budgets);
    file.teams.push_back(std::move(row));
  }
  file.users.reserve(config.users.size());
  for (const auto& user : config.users) {
    const auto terms = terms_of(user.allowance);
    file.users.push_back({.name = user.name,
                          .role = std::string(name(Role::kOwner)),  // its keys' own roles count
                          .limits = admin::to_json(terms.limits),
                          .budget = admin::to_json(terms.budgets)});
  }
  const auto terms = terms_of(config.organisation);
  file.organisation.limits = admin::to_json(terms.limits);
  file.organisation.budget = admin::to_json(terms.budgets);
  file.secret_holders = std::exchange(config.secret_holders, {});
  file.usual_unpriced = quota::find_unpriced(config.unpriced).value_or(file.usual_unpriced);
  return file;
}

}  // namespace sluice::app
