// Who asks: the holder of a key, with the team and the user the key belongs to.
//
// Thread rule: immutable once in a table of callers (exchange/callers.h); read by all loops. A request shares the
// caller it began with, so that a key may change or go meanwhile.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/text.h"
#include "net/address_rules.h"
#include "provider/gate/fair_queue.h"

namespace sluice::quota {
class Account;
}

namespace sluice {

// What somebody may do on the administrator's side (admin/rights.h). The master key is the configuration's.
enum class Role : std::uint8_t { kMember, kTeamAdmin, kViewer, kAdmin, kOwner, kMaster };
inline constexpr std::array<std::string_view, 6> kRoleNames = {"member", "team_admin", "viewer",
                                                               "admin",  "owner",      "master"};
constexpr std::string_view name(Role role) {
  return kRoleNames[static_cast<std::size_t>(role)];
}
// Who the master key is in rows, reports and the audit log: no key may be called so.
inline constexpr std::string_view kMasterName = "master";
std::optional<Role> find_role(std::string_view name);  // none but the first five can be given to somebody

// Whether the name fits one of the globs; an empty list is one of all names.
bool any_matches(const std::vector<std::string>& globs, std::string_view name);

struct Team {
  std::string name;
  std::vector<std::string> models;                           // globs; empty: all
  std::vector<std::pair<std::string, std::string>> aliases;  // what its callers may ask for → a public name; by name
  bool blocked = false;
  std::int64_t created_us = 0;  // 0: it is one of the file
};

struct User {
  std::string name;
  bool blocked = false;
};

struct Caller {
  using Role = sluice::Role;

  std::string id;  // of the key; empty: the master key
  std::string name;
  std::string team;
  std::string user;
  std::vector<quota::Account*> accounts;  // what it is charged to: organisation, team, user, key; those that exist
  Role role = Role::kMember;
  provider::Priority priority = provider::Priority::kNormal;
  bool blocked = false;
  std::uint32_t weight = 1;             // its share of the room there is, with all that have the same `share`
  std::vector<std::string> models;      // globs over public names; empty: all
  std::vector<std::string> operations;  // "chat"; empty: all
  std::vector<net::Network> networks;   // where it may ask from; empty: anywhere
  std::map<std::string, std::string> tags;
  // Where requests wait for room: whose fair share this one's are of, for people too ("team 'search'").
  std::string share;
  std::int64_t expires_us = 0;           // since 1970; 0: never
  std::int64_t created_us = 0;           // its key; 0: it is one of the file
  std::shared_ptr<const Team> its_team;  // null: nothing is said of it
  std::shared_ptr<const User> its_user;

  bool may_use(std::string_view model) const {
    return any_matches(models, model) && (!its_team || any_matches(its_team->models, model));
  }
  // May it use all models that fit `glob`, now and later?
  bool may_use_all_of(std::string_view glob) const;
  bool may_ask_for(std::string_view operation) const;
  bool may_ask_from(std::string_view address) const;  // as net::Request::peer() gives it
  // The public name that this one stands for in the caller's team; the name itself where it is no alias.
  std::string_view meant_by(std::string_view model) const;
};

// Whether everything that fits `glob` fits one of `globs` too.
bool is_within(std::string_view glob, const std::vector<std::string>& globs);

}  // namespace sluice
