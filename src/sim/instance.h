// What all loops of one simulator share.
//
// Thread rule: `name`, `key` and `recording` do not change; the rest looks after itself. Owned by the Simulator.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "base/secret.h"
#include "sim/ledger.h"
#include "sim/shelf.h"
#include "sim/stored.h"

namespace sluice::sim {

struct Instance {
  std::string name;
  Secret key;  // empty: every key will do
  bool recording = false;
  Counters counters;
  Ledger ledger;
  ScriptShelf shelf;
  Stored stored;
  std::atomic<std::uint64_t> next_id{1};
  std::atomic<std::uint64_t> accepted_before{0};  // connections that were taken before the counters were cleared
};

}  // namespace sluice::sim
