// Who may do what on the administrator's side: one table of roles and areas.
//
//   role        gateway  books  faults  keys      teams     users     organisation  secrets  audit log  metrics
//   master      change   see    change  change    change    change    change        change   see        see
//   owner       change   see    change  change    change    change    change        change   see        see
//   admin       change   see    change  change    change    change    change        change   see        see
//   viewer      see      see    see     see       see       see       see                    see        see
//   team_admin           see ⁱ          change ⁱ  see ⁱ     see ⁱ
//   member
//
//   ⁱ of the own team
//
// Books are exchanges and reports. Beyond the table nobody gives away more than they have: admin/grant.h.
//
// Thread rule: pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "exchange/caller.h"

namespace sluice::admin {

enum class Area : std::uint8_t {
  kDocument,
  kGateway,
  kBooks,
  kFaults,
  kKeys,
  kTeams,
  kUsers,
  kOrganisation,
  kSecrets,
  kAudit,
  kMetrics
};
enum class Act : std::uint8_t { kSee, kChange };
enum class Reach : std::uint8_t { kNone, kOwnTeam, kAll };

Reach reach(Role role, Area area, Act act);

// Whether somebody with the first role may make, change or end somebody with the second one.
bool may_grant(Role granter, Role granted);

// What both of them may do, such as a key's role and that of its user. A viewer's and a team admin's have nothing in
// common.
Role lesser(Role one, Role other);

}  // namespace sluice::admin
