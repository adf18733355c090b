// What names an answer: the same in all of its events.
//
// Thread rule: plain values.
#pragma once

#include <cstdint>
#include <string>

namespace sluice::sim {

struct Signature {
  std::string id;            // without a prefix of its API: "sim-7"
  std::int64_t created = 0;  // seconds since 1970
  std::string instance;      // the simulator's name
  bool recorded = false;     // the ledger wants to know what a stream says as a whole
};

}  // namespace sluice::sim
