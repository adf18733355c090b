// In what teams and users differ to the roster, which does the same with both.
//
// Thread rule: pure.
#pragma once

#include <memory>
#include <string>

#include "exchange/caller.h"
#include "quota/account.h"
#include "store/directory.h"

namespace sluice::admin {

// What the callers of one share.
inline std::shared_ptr<const Team> part_of(const store::TeamRow& row) {
  return std::make_shared<const Team>(Team{.name = row.name,
                                           .models = row.models,
                                           .aliases = row.aliases,
                                           .blocked = row.blocked,
                                           .created_us = row.created_us});
}
inline std::shared_ptr<const User> part_of(const store::UserRow& row) {
  return std::make_shared<const User>(User{.name = row.name, .blocked = row.blocked});
}

template <class Row>
struct Group;
template <>
struct Group<store::TeamRow> {
  static constexpr auto kScope = quota::Scope::kTeam;
  static constexpr auto kRemoval = store::Removal::What::kTeam;
  static auto& rows(auto& all) { return all.teams; }
  static auto& parts(auto& all) { return all.parts.teams; }
  static store::KeyQuery keys(const std::string& name) { return {.team = name, .most = store::kMostKeys}; }
};
template <>
struct Group<store::UserRow> {
  static constexpr auto kScope = quota::Scope::kUser;
  static constexpr auto kRemoval = store::Removal::What::kUser;
  static auto& rows(auto& all) { return all.users; }
  static auto& parts(auto& all) { return all.parts.users; }
  static store::KeyQuery keys(const std::string& name) { return {.user = name, .most = store::kMostKeys}; }
};

}  // namespace sluice::admin
