// Nobody gives away more than they have: what somebody may make of a key, a user, a team or the organisation.
//
// What somebody has is what the key they ask with may do, held by its user and its team. An owner is held by the key
// alone, the master key by nothing. More than somebody has is what is looser in any limit, or in a budget of any window
// (a larger amount, soft instead of hard, a less strict word for what has no price), or lacks one that they have.
//
// - All that it has is given of what is new or unblocked, and of a key with every change and with its text. So nothing
//   can be loosened by making it anew.
// - Of a user, a team or the organisation that is there, a change gives what it loosens: a limit that it takes away or
//   makes larger, and all budgets where it does so with one of them. A limit or a budget beside those that stay is less
//   than before, and less is always possible.
//
// Thread rule: any thread but loops (the roster is asked). Faults are kForbidden, code "more_than_own", and name the
// field.
#pragma once

#include <optional>

#include "admin/ask.h"
#include "base/result.h"
#include "quota/terms.h"
#include "store/directory.h"

namespace sluice::admin {

struct Granter {
  const Caller& who;
  Reach reach = Reach::kAll;
  std::optional<store::KeyRow> key;    // it asks with; nothing: the master key
  std::optional<store::UserRow> user;  // of that key; nothing: they hold nobody here
  std::optional<store::TeamRow> team;
  quota::Unpriced usual_unpriced = quota::Unpriced::kBlock;  // of budgets that do not say it
};
// As things are now. Fault: the key is gone.
Result<Granter> granter_of(const Tools& tools, const Ask& ask);

// Whether the granter may touch such a key or user at all.
Status check_touch(const Granter& granter, const store::KeyRow& row);
Status check_touch(const Granter& granter, const store::UserRow& row);
// Whether the granter may make it so, or get to see its text.
Status check_grant(const Granter& granter, const store::KeyRow& row);
// Whether the granter may make the second of the first; of a new one the first is empty.
Status check_change(const Granter& granter, const store::UserRow& before, const store::UserRow& after);
Status check_change(const Granter& granter, const store::TeamRow& before, const store::TeamRow& after);
Status check_change(const Granter& granter, const store::OrganisationRow& before, const store::OrganisationRow& after);

// Whether what is given is within these globs; empty lists stand for everything.
bool is_within(const store::Texts& given, const store::Texts& own);

}  // namespace sluice::admin
