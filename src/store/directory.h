// The directory: who may ask. Keys, teams and users that were made through the admin API, the organisation and its
// sealed secrets, and the audit log of all that was changed.
//
// A change and its entry in the audit log are one: both are kept, or none. Keys are known by the hash of their text
// alone.
//
// Thread rule: any thread, but never a loop: every call may wait for a disk, up to a few seconds. Ownership: rows are
// plain values with owned texts. Faults of all: kOverloaded with Retry::kSame: the store cannot do it now (locked,
// full, away); kInternal: it will not take this.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "store/audit.h"

namespace sluice::store {

using Texts = std::vector<std::string>;                          // none holds a line feed
using Pairs = std::vector<std::pair<std::string, std::string>>;  // by name, ascending; no line feeds, no '=' in names

// Times are microseconds since 1970 (UTC), 0: none. `limits`, `budget` and `metadata` are JSON objects as the admin API
// writes them, or empty.
struct KeyRow {
  std::string id;      // "key_" and 16 hex digits
  std::string name;    // no other key has it
  std::string hash;    // HMAC-SHA-256 of the key, in hex; no other key has it
  std::string prefix;  // the first characters of the key, for people
  std::string team, user;
  std::string role;      // exchange/caller.h has the names
  std::string priority;  // "high", "normal", "low"
  Texts models, operations, networks;
  Pairs tags;
  std::string limits, budget, metadata;
  std::int64_t created_us = 0, expires_us = 0;
  bool blocked = false;
  std::string old_hash;  // of the key before it was rotated, which is good until old_until_us
  std::int64_t old_until_us = 0;

  bool operator==(const KeyRow&) const = default;
};

struct TeamRow {
  std::string name;
  Texts models;
  Pairs aliases, tags;
  std::string limits, budget, metadata;
  std::int64_t weight = 1;
  std::int64_t created_us = 0;
  bool blocked = false;

  bool operator==(const TeamRow&) const = default;
};

struct UserRow {
  std::string name;
  std::string email;
  std::string role;
  Texts teams;
  std::string limits, budget, metadata;
  std::int64_t created_us = 0;
  bool blocked = false;

  bool operator==(const UserRow&) const = default;
};

// What the configuration refers to as ${secret:NAME}; its text is sealed (base/sealer.h), with its name.
struct SecretRow {
  std::string name;
  std::string sealed;
  std::int64_t created_us = 0, changed_us = 0;

  bool operator==(const SecretRow&) const = default;
};

// Whose gateway it is: there is one.
struct OrganisationRow {
  std::int64_t one = 1;
  std::string name;
  std::string limits, budget, metadata;
  std::int64_t changed_us = 0;

  bool operator==(const OrganisationRow&) const = default;
};

// Ends what is named: a key by its id, the others by their name.
struct Removal {
  enum class What : std::uint8_t { kKey, kTeam, kUser, kSecret };
  What what = What::kKey;
  std::string name;
};

// A row stands for the one with its id (name), or is new.
using Edit = std::variant<KeyRow, TeamRow, UserRow, SecretRow, OrganisationRow, Removal>;

// By name, one page after the other.
struct KeyQuery {
  std::string after;  // names behind this one
  std::optional<std::string> team, user;
  std::optional<bool> blocked;
  std::size_t most = 100;  // at most kMostKeys
};
inline constexpr std::size_t kMostKeys = 1000;

// The newest first.
struct AuditQuery {
  std::int64_t before = INT64_MAX;  // numbers below this one
  std::size_t most = 100;
};

class Directory {
 public:
  virtual ~Directory() = default;

  // Everything there is, in no order. Keys may come in two parts, which `visit` is told (0, 1): each of them is visited
  // on one thread, the two perhaps at once. A row lasts until `visit` returns.
  using VisitKey = std::function<void(const KeyRow& row, std::size_t part)>;
  virtual Status each_key(const VisitKey& visit) = 0;
  virtual Result<std::vector<TeamRow>> teams() = 0;
  virtual Result<std::vector<UserRow>> users() = 0;
  virtual Result<std::vector<SecretRow>> secrets() = 0;  // by name
  virtual Result<std::optional<OrganisationRow>> organisation() = 0;

  virtual Result<std::optional<KeyRow>> find_key(std::string_view id_or_name) = 0;
  virtual Result<std::vector<KeyRow>> keys(const KeyQuery& query) = 0;

  // All edits and one entry, or nothing. Returns the head behind it. Faults: also kInvalidRequest with `param` "name"
  // and code "conflict": another key has this name.
  virtual Result<AuditHead> change(std::span<const Edit> edits, const AuditEntry& entry) = 0;

  virtual Result<AuditHead> audit_head() = 0;
  virtual Result<std::vector<std::string>> audit(const AuditQuery& query) = 0;
  // All lines, the first one first, until `visit` says that it wants no more.
  virtual Status each_audit_line(const std::function<bool(std::string_view)>& visit) = 0;

  // Small texts by name, such as which secret the keys were hashed with; empty: there is none.
  virtual Result<std::string> mark(std::string_view name) = 0;
  virtual Status set_mark(std::string_view name, std::string_view value) = 0;
};

// visit(name, member) for each field: the columns of a database.
template <class Row, class Visit>
  requires std::same_as<std::remove_const_t<Row>, KeyRow>
void each_member(Row& row, Visit&& visit) {
  visit("id", row.id);
  visit("name", row.name);
  visit("hash", row.hash);
  visit("prefix", row.prefix);
  visit("team", row.team);
  visit("user", row.user);
  visit("role", row.role);
  visit("priority", row.priority);
  visit("models", row.models);
  visit("operations", row.operations);
  visit("networks", row.networks);
  visit("tags", row.tags);
  visit("limits", row.limits);
  visit("budget", row.budget);
  visit("metadata", row.metadata);
  visit("created_us", row.created_us);
  visit("expires_us", row.expires_us);
  visit("blocked", row.blocked);
  visit("old_hash", row.old_hash);
  visit("old_until_us", row.old_until_us);
}

template <class Row, class Visit>
  requires std::same_as<std::remove_const_t<Row>, TeamRow>
void each_member(Row& row, Visit&& visit) {
  visit("name", row.name);
  visit("models", row.models);
  visit("aliases", row.aliases);
  visit("tags", row.tags);
  visit("limits", row.limits);
  visit("budget", row.budget);
  visit("metadata", row.metadata);
  visit("weight", row.weight);
  visit("created_us", row.created_us);
  visit("blocked", row.blocked);
}

template <class Row, class Visit>
  requires std::same_as<std::remove_const_t<Row>, UserRow>
void each_member(Row& row, Visit&& visit) {
  visit("name", row.name);
  visit("email", row.email);
  visit("role", row.role);
  visit("teams", row.teams);
  visit("limits", row.limits);
  visit("budget", row.budget);
  visit("metadata", row.metadata);
  visit("created_us", row.created_us);
  visit("blocked", row.blocked);
}

template <class Row, class Visit>
  requires std::same_as<std::remove_const_t<Row>, SecretRow>
void each_member(Row& row, Visit&& visit) {
  visit("name", row.name);
  visit("sealed", row.sealed);
  visit("created_us", row.created_us);
  visit("changed_us", row.changed_us);
}

template <class Row, class Visit>
  requires std::same_as<std::remove_const_t<Row>, OrganisationRow>
void each_member(Row& row, Visit&& visit) {
  visit("one", row.one);
  visit("name", row.name);
  visit("limits", row.limits);
  visit("budget", row.budget);
  visit("metadata", row.metadata);
  visit("changed_us", row.changed_us);
}

}  // namespace sluice::store
