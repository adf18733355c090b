// The schema of the ledger's database, as the steps that led to it.
//
// Thread rule: any thread; several processes may begin at once, one of them takes the steps.
#pragma once

#include "store/sqlite/database.h"

namespace sluice::store::sqlite {

// Brings the database to the newest version, each step whole or not at all; does nothing when it is there already.
// Faults: also kInvalidConfig: the database is of a newer version.
Status migrate(Database& database);

}  // namespace sluice::store::sqlite
