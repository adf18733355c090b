// What budgets have spent in windows that began before this process, or before they were configured, or that was
// corrected since: from the ledger, and of rows that it does not have yet from the journal.
//
// Thread rule: one thread; waits for the ledger.
#pragma once

#include <functional>

#include "quota/book.h"
#include "store/ledger.h"

namespace sluice::app {

// Visits the rows up to that number which the ledger does not have.
using EachWaiting = std::function<Status(
    std::uint64_t last, const std::function<void(const store::ExchangeRow& row, std::uint64_t number)>& visit)>;

// Asks for the past of all budgets whose past is not known. A budget has spent what the rows in its window cost. The
// ledger gets no rows meanwhile. Faults: the ledger's; what is known then counts until it is asked for again.
Status restore_spending(store::Ledger& ledger, const EachWaiting& each_waiting, quota::Book& book, WallTime at);

}  // namespace sluice::app
