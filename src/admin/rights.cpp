#include "admin/rights.h"

namespace sluice::admin {

Reach reach(Role role, Area area, Act act) {
  switch (role) {
    case Role::kMaster:
    case Role::kOwner:
    case Role::kAdmin:
      return Reach::kAll;
    case Role::kViewer:
      return act == Act::kSee && area != Area::kSecrets ? Reach::kAll : Reach::kNone;
    case Role::kTeamAdmin:
      if (area == Area::kDocument && act == Act::kSee) return Reach::kAll;
      if (area == Area::kKeys) return Reach::kOwnTeam;
      if (act == Act::kChange) return Reach::kNone;
      return area == Area::kBooks || area == Area::kTeams || area == Area::kUsers ? Reach::kOwnTeam : Reach::kNone;
    case Role::kMember:
      return Reach::kNone;
  }
  return Reach::kNone;
}

bool may_grant(Role granter, Role granted) {
  switch (granter) {
    case Role::kMaster:
      return true;
    case Role::kOwner:
      return granted != Role::kMaster;
    case Role::kAdmin:
      return granted != Role::kMaster && granted != Role::kOwner;
    case Role::kTeamAdmin:
      return granted == Role::kTeamAdmin || granted == Role::kMember;
    case Role::kViewer:
    case Role::kMember:
      return false;
  }
  return false;
}

Role lesser(Role one, Role other) {
  if (one == other || may_grant(other, one)) return one;
  return may_grant(one, other) ? other : Role::kMember;
}

}  // namespace sluice::admin
