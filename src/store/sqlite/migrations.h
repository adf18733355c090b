// The schema of the ledger's database, as the steps that led to it.
//
// Thread rule: any thread; several processes may begin at once, one of them takes the steps.
#pragma once

#include "store/sqlite/database.h"

namespace sluice::store::sqlite {

// Brings the database to the newest version, each step whole or not at all; does nothing when it is there already.
// Faults: also kInvalidConfig: the database is of a newer version.
// `last` is for tests of the steps: the one to end with.
Status migrate(Database& database, std::int64_t last = INT64_MAX);

}  // namespace sluice::store::sqlite
