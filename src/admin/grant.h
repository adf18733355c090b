// Nobody gives away more than they have: what somebody with a role may make of a key.
//
// Thread rule: pure. Faults are kForbidden, code "more_than_own", and name the field.
#pragma once

#include <optional>

#include "admin/rights.h"
#include "base/result.h"
#include "quota/terms.h"
#include "store/directory.h"

namespace sluice::admin {

struct Granter {
  const Caller& who;
  Reach reach = Reach::kAll;
  std::optional<store::KeyRow> own;    // the key it asks with; nothing: the master key
  std::optional<store::TeamRow> team;  // of the key in question
};

// Whether the granter may touch such a key at all.
Status check_touch(const Granter& granter, const store::KeyRow& row);
// Whether the granter may make it so, or get to see its text.
Status check_grant(const Granter& granter, const store::KeyRow& row);
// Whether what is given is within these globs; empty lists stand for everything.
bool is_within(const store::Texts& given, const store::Texts& own);

}  // namespace sluice::admin
