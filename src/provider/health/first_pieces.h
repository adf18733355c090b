// How long the first pieces of a route's answers took lately, for percentiles: when is an answer late?
//
// Counts on a logarithmic scale (each step a sixth more), in two halves of which the older one is forgotten every half
// minute or thousand answers.
// Thread rule: shared by all loops; relaxed atomics: a percentile is an estimate.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

#include "base/clock.h"

namespace sluice::provider {

class FirstPieces {
 public:
  void observe(Ms duration, Instant at);
  // The upper end of the step that holds the percentile; nothing while fewer than 20 answers are known.
  std::optional<Ms> percentile(std::uint32_t percent) const;

 private:
  static constexpr std::size_t kSteps = 80;  // 1 ms to above two minutes
  static constexpr std::uint32_t kLeast = 20;
  static constexpr std::uint32_t kMost = 1'000;
  using Counts = std::array<std::atomic<std::uint32_t>, kSteps>;

  std::array<Counts, 2> halves_{};
  std::array<std::atomic<std::uint32_t>, 2> totals_{};
  std::atomic<std::size_t> newer_{0};
  std::atomic<Instant> since_{Instant{}};
};

}  // namespace sluice::provider
