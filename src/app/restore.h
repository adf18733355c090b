// What budgets have spent in windows that began before this process, or before they were configured: from the ledger.
//
// Thread rule: one thread; waits for the ledger.
#pragma once

#include "quota/book.h"
#include "store/ledger.h"

namespace sluice::app {

// Asks for the past of all budgets whose past is not known. A budget has spent what the rows in its window cost.
// Faults: the ledger's.
Status restore_spending(store::Ledger& ledger, quota::Book& book, WallTime at);

}  // namespace sluice::app
