// How many requests at once are good for a provider, found from how long its answers take.
//
// As long as answers take about as long as they used to, the limit grows by its square root; when they take longer, it
// shrinks in proportion; when the provider refuses for lack of room, by a tenth. Source: Gradient2Limit of Netflix's
// concurrency-limits (smoothing 0.2, tolerance 1.5, long average over 600 samples); the tenth is its AIMDLimit's.
//
// Thread rule: one at a time, the owner locks.
#pragma once

#include <cstdint>

#include "base/clock.h"

namespace sluice::provider {

class AdaptiveLimit {
 public:
  static constexpr std::uint32_t kInitial = 20;
  static constexpr std::uint32_t kLeast = 1;
  static constexpr std::uint32_t kMost = 1000;  // where none is configured

  explicit AdaptiveLimit(std::uint32_t most) : most_(most), limit_(most < kInitial ? most : kInitial) {}

  void set_most(std::uint32_t most);
  std::uint32_t limit() const { return static_cast<std::uint32_t>(limit_); }

  // An answer that took so long, asked for when so many were being served.
  void served(std::int64_t microseconds, std::uint32_t in_use);
  // The provider had no room. Counts once for all that were on their way then.
  void refused(Instant at);

 private:
  void set(double limit);

  std::uint32_t most_;
  double limit_;
  double long_us_ = 0;  // the average; 0: no sample yet
  std::uint32_t samples_ = 0;
  Instant cut_{};
};

}  // namespace sluice::provider
