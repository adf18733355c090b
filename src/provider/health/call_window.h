// What became of the calls of the last minute: a ring of buckets of one second each.
//
// Thread rule: any thread; each bucket is one atomic word, no lock. A count that meets clear() may be lost.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "base/clock.h"

namespace sluice::provider {

class CallWindow {
 public:
  struct Sums {
    std::uint32_t calls = 0;
    std::uint32_t failed = 0;
    std::uint32_t slow = 0;
  };

  enum class Kind { kGood, kFailed, kSlow };
  // `at_ms`: milliseconds of the steady clock, as everywhere here.
  void count(Kind kind, std::uint64_t at_ms);
  // Of the buckets that `window`, at most a minute, touches. A busy second is counted in proportion: a bucket halves
  // its counts when they reach 2^14.
  Sums sums(Ms window, std::uint64_t at_ms) const;
  void clear();

 private:
  static constexpr std::uint64_t kBuckets = 64;
  // A word: the round of the ring that it counts (22 bits), calls, failed, slow (14 bits each).
  std::array<std::atomic<std::uint64_t>, kBuckets> buckets_{};
};

}  // namespace sluice::provider
