#include "admin/roster.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <unordered_map>
#include <unordered_set>

#include "admin/group.h"
#include "admin/rights.h"
#include "admin/terms.h"
#include "base/hmac.h"
#include "base/log.h"
#include "base/time_text.h"
#include "base/workers.h"
#include "exchange/fixed_tag.h"

namespace sluice::admin {

namespace {

constexpr std::string_view kSecretMark = "key_secret";

Failure other_secret() {
  return fail(FaultKind::kInvalidConfig,
              "The keys in the data directory were made with another key_secret: none of them would be known. Put the "
              "file key_secret back that belongs to them.");
}

Result<bool> keeps_keys(store::Directory& directory) {
  auto keys = directory.keys({.most = 1});
  if (!keys) return fail_from(keys);
  return !keys->empty();
}

constexpr std::size_t kMany = 10'000;  // keys that are worth a thread

Failure taken(std::string_view where, std::string_view name, std::string_view by) {
  return fail(FaultKind::kInvalidConfig,
              fmt::format("{}: the name '{}' is that of {} that was made by the admin API; rename one of them.", where,
                          name, by));
}

Failure same_key(std::string_view name) {
  return fail(FaultKind::kInvalidConfig, fmt::format("keys: one is the same as the key '{}' that was made by the admin "
                                                     "API; take it out of the configuration.",
                                                     name));
}

// `like` with what is its own; `account` may be null.
template <class Like>
std::shared_ptr<const Caller> named(Like&& like, std::string id, std::string name, quota::Account* account) {
  auto caller = std::make_shared<Caller>(std::forward<Like>(like));
  caller->id = std::move(id);
  caller->name = std::move(name);
  if (caller->share.empty()) caller->share = "key '" + caller->name + "'";
  if (account) caller->accounts.push_back(account);
  return caller;
}

template <class Rows>
auto values_of(const Rows& rows) {
  std::vector<typename Rows::mapped_type> values;
  values.reserve(rows.size());
  for (const auto& [name, value] : rows) values.push_back(value);
  return values;
}

template <class Rows>
std::optional<typename Rows::mapped_type> find_in(const Rows& rows, std::string_view name) {
  auto found = rows.find(name);
  return found == rows.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

bool Roster::fits(const FileKeys::Key& key, const store::KeyQuery& query) {
  return key.name > query.after && (!query.team || key.rest->team == *query.team) &&
         (!query.user || key.rest->user == *query.user) && (!query.blocked || key.rest->blocked == *query.blocked);
}

Roster::Roster(store::Directory& directory, std::string_view secret, std::string head_file)
    : directory_(directory),
      hash_(secret),
      head_file_(std::move(head_file)),
      callers_(std::make_shared<const Callers>(hash_, std::vector<KnownKey>())) {}

std::string Roster::hash_of(std::string_view key) const {
  return hex(hash_.of(key));
}

Status Roster::use_file(File file, const Publish& publish, const std::function<Status()>& prepare) {
  auto changing = begin_change();
  const auto master_key = file.master_key;
  auto rows = rows_with(std::move(file));
  if (!rows) return fail_from(rows);
  auto keys = known_keys(*rows, master_key);
  if (!keys) return fail_from(keys);
  Callers made(hash_, std::move(*keys));
  if (auto prepared = prepare ? prepare() : Status(); !prepared) return prepared;
  std::lock_guard lock(mutex_);
  rows_ = std::move(*rows);
  callers_ = callers_->followed_by(std::move(made));
  if (publish) {
    publish(callers_);
  } else if (publish_) {
    publish_(callers_);
  }
  return {};
}

Result<Roster::Rows> Roster::rows_with(File file) const {
  Rows rows;
  auto teams = directory_.teams();
  if (!teams) return fail_from(teams);
  for (auto& row : *teams) rows.teams.emplace(row.name, Listed{row, Origin::kApi});
  auto users = directory_.users();
  if (!users) return fail_from(users);
  for (auto& row : *users) rows.users.emplace(row.name, Listed{row, Origin::kApi});
  if (auto joined = join_organisation(file.organisation, rows.organisation); !joined) return fail_from(joined);
  for (const auto& row : file.teams) {
    if (!rows.teams.emplace(row.name, Listed{row, Origin::kFile}).second) return taken("teams", row.name, "a team");
  }
  for (const auto& row : file.users) {
    if (!rows.users.emplace(row.name, Listed{row, Origin::kFile}).second) return taken("users", row.name, "a user");
  }
  for (const auto& [name, team] : rows.teams) rows.parts.teams.emplace(name, part_of(team.row));
  for (const auto& [name, user] : rows.users) rows.parts.users.emplace(name, part_of(user.row));
  rows.usual_unpriced = file.usual_unpriced;
  rows.secret_holders = std::move(file.secret_holders);
  rows.file_keys = std::move(file.keys);
  rows.file_keys.hash(hash_);
  return rows;
}

// Limits and budgets are of one of the two; the rest is the API's.
Status Roster::join_organisation(const store::OrganisationRow& of_file, Listed<store::OrganisationRow>& into) const {
  auto kept = directory_.organisation();
  if (!kept) return fail_from(kept);
  if (*kept) into.row = std::move(**kept);
  if (of_file.limits.empty() && of_file.budget.empty()) return {};
  if (!into.row.limits.empty() || !into.row.budget.empty()) {
    return fail(FaultKind::kInvalidConfig,
                "organisation: the admin API gave it limits or a budget; take them out of the configuration.");
  }
  into.origin = Origin::kFile;
  into.row.limits = of_file.limits;
  into.row.budget = of_file.budget;
  return {};
}

Result<std::vector<KnownKey>> Roster::known_keys(const Rows& rows, const Secret& master_key) const {
  auto keys = known_file_keys(rows);
  if (auto added = add_stored(rows, keys); !added) return fail_from(added);
  if (auto same = check_secret(); !same) return fail_from(same);
  for (const auto& [name, team] : rows.teams) {
    if (team.origin == Origin::kApi) set_terms(quota::Scope::kTeam, name, team.row.limits, team.row.budget);
  }
  for (const auto& [name, user] : rows.users) {
    if (user.origin == Origin::kApi) set_terms(quota::Scope::kUser, name, user.row.limits, user.row.budget);
  }
  const auto& [organisation, of] = rows.organisation;
  if (of == Origin::kApi && (!organisation.limits.empty() || !organisation.budget.empty()))
    set_terms(quota::Scope::kOrganisation, "", organisation.limits, organisation.budget);
  auto master = std::make_shared<const Caller>(Caller{.name = std::string(kMasterName),
                                                      .accounts = KeyAccounts(account_of_).shared({}),
                                                      .role = Role::kMaster,
                                                      .share = "key 'master'"});
  keys.push_back({hash_.of(master_key.reveal()), 0, std::move(master)});
  return keys;
}

Status Roster::add_stored(const Rows& rows, std::vector<KnownKey>& keys) const {
  auto kept = keeps_keys(directory_);
  if (!kept) return fail_from(kept);
  if (!*kept) return {};
  std::unordered_set<std::string> hashes;  // of the file's
  for (const auto& key : rows.file_keys) hashes.insert(hex(key.digest));
  struct alignas(64) Found {  // each is a thread's: no two of them in one line of the cache
    KeyAccounts accounts;
    std::vector<KnownKey> keys;
    Status status;
  };
  std::array<Found, 2> parts{Found{.accounts = KeyAccounts(account_of_)}, Found{.accounts = KeyAccounts(account_of_)}};
  auto read = directory_.each_key([&](const store::KeyRow& row, std::size_t part) {
    auto& found = parts[part];
    if (rows.file_keys.find(row.name)) found.status = taken("keys", row.name, "a key");
    if (hashes.contains(row.hash)) found.status = same_key(row.name);
    if (has_terms(row)) set_terms(quota::Scope::kKey, row.name, row.limits, row.budget);
    add_known(rows, row, found.accounts, found.keys);
  });
  if (!read) return read;
  Status status;
  keys.reserve(keys.size() + parts[0].keys.size() + parts[1].keys.size() + 1);  // and the master key
  for (auto& found : parts) {
    if (!found.status) status = std::move(found.status);
    std::ranges::move(found.keys, std::back_inserter(keys));
  }
  return status;
}

Status Roster::check_unkeyed(store::Directory& directory) {
  auto mark = directory.mark(kSecretMark);
  if (!mark) return fail_from(mark);
  if (mark->empty()) return {};
  auto kept = keeps_keys(directory);
  if (!kept) return fail_from(kept);
  return *kept ? other_secret() : Status();
}

// Of a directory without keys any secret is the right one.
Status Roster::check_secret() const {
  auto mark = directory_.mark(kSecretMark);
  if (!mark) return fail_from(mark);
  const auto own = hash_of("mark").substr(0, 16);
  if (*mark == own) return {};
  auto kept = keeps_keys(directory_);
  if (!kept) return fail_from(kept);
  return *kept ? other_secret() : directory_.set_mark(kSecretMark, own);
}

std::shared_ptr<const Callers> Roster::callers() const {
  std::lock_guard lock(mutex_);
  return callers_;
}

Role Roster::role_in(const Rows& rows, const store::KeyRow& row) {
  const auto own = find_role(row.role).value_or(Role::kMember);
  auto user = rows.users.find(row.user);
  if (row.user.empty() || user == rows.users.end()) return own;
  return lesser(own, find_role(user->second.row.role).value_or(Role::kMember));
}

Role Roster::role_of(const store::KeyRow& row) const {
  std::lock_guard lock(mutex_);
  return role_in(rows_, row);
}

// What callers have in common whose keys differ only in their names.
Caller Roster::caller_like(const Rows& rows, const store::KeyRow& row, KeyAccounts& accounts) const {
  Caller caller{.team = row.team, .user = row.user, .accounts = accounts.shared(row), .role = role_in(rows, row)};
  caller.models = row.models;
  caller.operations = row.operations;
  caller.networks.reserve(row.networks.size());
  for (const auto& network : row.networks) {
    if (auto parsed = net::parse_network(network)) caller.networks.push_back(net::unmapped(*parsed));
  }
  for (const auto& [name, value] : row.tags) caller.tags.emplace_hint(caller.tags.end(), name, value);
  caller.expires_us = row.expires_us;
  caller.created_us = row.created_us;
  caller.blocked = row.blocked;
  caller.priority = provider::find_priority(row.priority).value_or(provider::Priority::kNormal);
  if (!row.team.empty()) caller.share = "team '" + row.team + "'";
  if (auto team = rows.teams.find(row.team); !row.team.empty() && team != rows.teams.end()) {
    caller.its_team = rows.parts.teams.find(row.team)->second;
    caller.weight = static_cast<std::uint32_t>(team->second.row.weight);
    // What the team fixes its keys do not change.
    for (const auto& [name, value] : team->second.row.tags) caller.tags[name] = value;
  }
  std::erase_if(caller.tags, [&](const auto& tag) { return !fixed_tag(caller, tag.first).empty(); });
  if (auto user = rows.users.find(row.user); !row.user.empty() && user != rows.users.end()) {
    caller.its_user = rows.parts.users.find(row.user)->second;
  }
  return caller;
}

std::shared_ptr<const Caller> Roster::make_caller(const Rows& rows, const store::KeyRow& row,
                                                  KeyAccounts& accounts) const {
  return named(caller_like(rows, row, accounts), row.id, row.name, accounts.own(row, row.name));
}

std::vector<KnownKey> Roster::known_file_keys(const Rows& rows) const {
  const auto& keys = rows.file_keys;
  std::vector<KnownKey> known(keys.size());
  auto make = [&](std::size_t from, std::size_t to) {
    std::unordered_map<const store::KeyRow*, Caller> alike;
    KeyAccounts accounts(account_of_);
    for (std::size_t i = from; i < to; ++i) {
      const auto& key = keys[i];
      auto [like, is_new] = alike.try_emplace(key.rest.get());
      if (is_new) like->second = caller_like(rows, *key.rest, accounts);
      known[i] = {key.digest, 0, named(like->second, key.id(), key.name, accounts.own(*key.rest, key.name))};
    }
  };
  keys.size() < kMany ? make(0, keys.size()) : in_halves(keys.size(), make);
  return known;
}

void Roster::add_known(const Rows& rows, const store::KeyRow& row, KeyAccounts& accounts,
                       std::vector<KnownKey>& keys) const {
  const auto digest = parse_sha256(row.hash);
  const bool has_old = row.old_until_us != 0 && row.old_until_us > wall_us();
  const auto old = has_old ? parse_sha256(row.old_hash) : std::nullopt;
  auto caller = make_caller(rows, row, accounts);
  if (old) keys.push_back({*old, row.old_until_us, caller});
  if (digest) keys.push_back({*digest, 0, std::move(caller)});
}

void Roster::use(std::shared_ptr<const Callers> callers) {
  callers_ = std::move(callers);
  if (publish_) publish_(callers_);
}

void Roster::set_terms(quota::Scope scope, const std::string& name, std::string_view limits,
                       std::string_view budget) const {
  if (!set_terms_) return;
  // Texts that this program wrote; a fault would be a bug, and no reason to limit nothing.
  if (auto terms = read_terms(limits, budget)) {
    set_terms_(scope, name, std::move(*terms));
  } else {
    log::write(log::Level::kError, "limits of the directory cannot be read", {{"name", name}});
  }
}

Result<std::optional<Listed<store::KeyRow>>> Roster::find_key(std::string_view id_or_name) const {
  {
    std::lock_guard lock(mutex_);
    auto name = id_or_name.starts_with("file/") ? id_or_name.substr(5) : id_or_name;
    if (const auto* found = rows_.file_keys.find(name)) return Listed{found->row(), Origin::kFile};
  }
  auto found = directory_.find_key(id_or_name);
  if (!found) return fail_from(found);
  if (!*found) return std::nullopt;
  return Listed<store::KeyRow>{std::move(**found), Origin::kApi};
}

Result<std::vector<Listed<store::KeyRow>>> Roster::keys(const store::KeyQuery& query) const {
  auto rows = directory_.keys(query);
  if (!rows) return fail_from(rows);
  std::vector<Listed<store::KeyRow>> listed;
  listed.reserve(rows->size());
  for (auto& row : *rows) listed.push_back({std::move(row), Origin::kApi});
  {
    std::lock_guard lock(mutex_);
    for (const auto& key : rows_.file_keys) {
      if (fits(key, query)) listed.push_back({key.row(), Origin::kFile});
    }
  }
  std::ranges::sort(listed, {}, [](const auto& one) -> const std::string& { return one.row.name; });
  if (listed.size() > query.most) listed.erase(listed.begin() + static_cast<std::ptrdiff_t>(query.most), listed.end());
  return listed;
}

std::optional<Listed<store::TeamRow>> Roster::find_team(std::string_view name) const {
  std::lock_guard lock(mutex_);
  return find_in(rows_.teams, name);
}

std::optional<Listed<store::UserRow>> Roster::find_user(std::string_view name) const {
  std::lock_guard lock(mutex_);
  return find_in(rows_.users, name);
}

std::vector<Listed<store::TeamRow>> Roster::teams() const {
  std::lock_guard lock(mutex_);
  return values_of(rows_.teams);
}

std::vector<Listed<store::UserRow>> Roster::users() const {
  std::lock_guard lock(mutex_);
  return values_of(rows_.users);
}

Listed<store::OrganisationRow> Roster::organisation() const {
  std::lock_guard lock(mutex_);
  return rows_.organisation;
}

quota::Unpriced Roster::usual_unpriced() const {
  std::lock_guard lock(mutex_);
  return rows_.usual_unpriced;
}

std::vector<std::string> Roster::holders_of_secret(const std::string& secret) const {
  std::lock_guard lock(mutex_);
  std::vector<std::string> holders;
  for (auto [at, end] = rows_.secret_holders.equal_range(secret); at != end; ++at) holders.push_back(at->second);
  return holders;
}

bool Roster::knows_team(std::string_view name) const {
  std::lock_guard lock(mutex_);
  return rows_.teams.contains(name) ||
         std::ranges::any_of(rows_.file_keys, [&](const auto& key) { return key.rest->team == name; });
}

}  // namespace sluice::admin
