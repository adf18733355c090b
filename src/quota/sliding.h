// How much was used in any 60 seconds: a ring of slices, the oldest of them counted whole, so that it is never less
// than what was used. Within two seconds it is not more either.
//
// Thread rule: one at a time; an Account's lock.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/clock.h"

namespace sluice::quota {

class Sliding {
 public:
  static constexpr std::int64_t kSlices = 30;
  static constexpr Ms kWidth{2'000};

  using Slice = std::int64_t;
  static Slice slice_of(Instant at) { return std::chrono::floor<Ms>(at.time_since_epoch()) / kWidth; }

  std::uint64_t used(Slice now) {
    advance(now);
    return all_;
  }
  void add(Slice now, std::uint64_t amount) {
    advance(now);
    at(now) += amount;
    all_ += amount;
  }
  // Of what was added in that slice; what has left the window is given back already.
  void take_back(Slice when, Slice now, std::uint64_t amount) {
    advance(now);
    if (when < newest_ - kSlices) return;
    const auto taken = std::min(amount, at(when));
    at(when) -= taken;
    all_ -= taken;
  }
  // Until no more than `most` is used, if nothing is added.
  Ms wait_for(std::uint64_t most, Instant now) {
    advance(slice_of(now));
    auto left = all_;
    auto slice = newest_ - kSlices;
    while (left > most && slice <= newest_) left -= at(slice++);
    if (left == all_ && all_ <= most) return Ms(0);
    const Instant leaves(std::chrono::duration_cast<Instant::duration>(kWidth * (slice + kSlices)));
    return std::max(Ms(1), std::chrono::ceil<Ms>(leaves - now));
  }

 private:
  std::uint64_t& at(Slice slice) { return counts_[static_cast<std::size_t>(slice % (kSlices + 1))]; }
  void advance(Slice now) {
    if (now <= newest_) return;
    for (auto next = std::max(newest_ + 1, now - kSlices); next <= now; ++next) {
      all_ -= at(next);
      at(next) = 0;
    }
    newest_ = now;
  }

  std::array<std::uint64_t, kSlices + 1> counts_{};
  Slice newest_ = kSlices;
  std::uint64_t all_ = 0;
};

}  // namespace sluice::quota
