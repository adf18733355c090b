// How far a reader of a journal has come, and a small file that keeps it.
//
// Thread rule: plain values; the functions wait for the disk. A file has one writer.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace sluice::journal {

struct Position {
  std::uint64_t segment = 0;   // 0: before the first
  std::uint64_t offset = 0;    // behind the last record read
  std::uint64_t sequence = 0;  // of that record; 0: none was read

  bool operator==(const Position&) const = default;
};

// Whole or not at all, also when the power fails. Faults: kOverloaded.
Status save_position(const std::string& path, const Position& position);

// The beginning where there is no file. Faults: kInvalidConfig: it holds no position; kOverloaded: it cannot be read.
Result<Position> load_position(const std::string& path);

}  // namespace sluice::journal
