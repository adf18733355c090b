#include "provider/health/first_pieces.h"

#include <algorithm>

namespace sluice::provider {

namespace {

constexpr Ms kHalf{30'000};

// The upper ends of the steps, in milliseconds: each a sixth above the last, at least one.
constexpr auto kEnds = [] {
  std::array<std::int64_t, 80> ends{};
  std::int64_t end = 1;
  for (auto& slot : ends) {
    slot = end;
    end += std::max<std::int64_t>(1, end / 6);
  }
  return ends;
}();
static_assert(kEnds.back() > 120'000);

}  // namespace

void FirstPieces::observe(Ms duration, Instant at) {
  auto newer = newer_.load(std::memory_order_relaxed);
  auto since = since_.load(std::memory_order_relaxed);
  const bool is_full = totals_[newer].load(std::memory_order_relaxed) >= kMost || at - since > kHalf;
  if (is_full && since_.compare_exchange_strong(since, at, std::memory_order_relaxed)) {
    newer = 1 - newer;
    for (auto& count : halves_[newer]) count.store(0, std::memory_order_relaxed);
    totals_[newer].store(0, std::memory_order_relaxed);
    newer_.store(newer, std::memory_order_relaxed);
  }
  auto step = std::ranges::lower_bound(kEnds, duration.count()) - kEnds.begin();
  auto index = std::min<std::size_t>(static_cast<std::size_t>(step), kSteps - 1);
  halves_[newer][index].fetch_add(1, std::memory_order_relaxed);
  totals_[newer].fetch_add(1, std::memory_order_relaxed);
}

std::optional<Ms> FirstPieces::percentile(std::uint32_t percent) const {
  std::uint64_t total = 0;
  for (const auto& half : totals_) total += half.load(std::memory_order_relaxed);
  if (total < kLeast) return std::nullopt;
  const std::uint64_t wanted = (total * percent + 99) / 100;
  std::uint64_t below = 0;
  for (std::size_t step = 0; step < kSteps; ++step) {
    for (const auto& half : halves_) below += half[step].load(std::memory_order_relaxed);
    if (below >= wanted) return Ms(kEnds[step]);
  }
  return Ms(kEnds.back());
}

}  // namespace sluice::provider
