// The rows that wait in the journal for the ledger.
//
// Thread rule: waits for the disk and the ledger; nobody gives the ledger rows meanwhile.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/journal/writer.h"
#include "store/ledger.h"

namespace sluice::app {

struct WaitingRows {
  std::string directory;                    // the journal's
  const journal::Writer* writer = nullptr;  // of it; null: nobody writes it
  std::uint64_t last = 0;                   // the number of the last one that is wanted
};

// Each of them once, in order. Faults: the ledger's and the journal's.
Status each_waiting(store::Ledger& ledger, const WaitingRows& rows,
                    const std::function<void(const store::ExchangeRow& row, std::uint64_t number)>& visit);

}  // namespace sluice::app
