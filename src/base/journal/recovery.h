// What a writer finds in a journal's directory when it begins: where the last one stopped, and what it left unfinished.
//
// Thread rule: one thread, which holds the journal's lock; it waits for the disk.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace sluice::journal {

struct Recovered {
  std::uint64_t last_segment = 0;   // 0: there is none
  std::uint64_t next_sequence = 1;  // above all that were given away
  std::uint64_t records = 0;        // whole ones in the last segment
  std::uint64_t cut = 0;  // bytes behind them that were none, and are gone; zeros, which were room, are not counted
};

// Cuts what is torn off the end of the last segment, and removes that when nothing is left of it.
// Faults: kOverloaded: the disk; kInvalidConfig: the journal is of a newer version.
Result<Recovered> recover(const std::string& directory);

}  // namespace sluice::journal
