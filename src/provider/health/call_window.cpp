#include "provider/health/call_window.h"

#include <algorithm>

namespace sluice::provider {

namespace {

constexpr std::uint64_t kBucketMs = 1'000;
constexpr unsigned kCountBits = 14;
constexpr std::uint64_t kMostCalls = (std::uint64_t{1} << kCountBits) - 1;
constexpr std::uint64_t kRounds = std::uint64_t{1} << (64 - 3 * kCountBits);  // they come again after eight years

struct Bucket {
  std::uint64_t round = 0;
  std::uint64_t calls = 0;
  std::uint64_t failed = 0;
  std::uint64_t slow = 0;
};

constexpr Bucket unpack(std::uint64_t word) {
  return {.round = word >> (3 * kCountBits),
          .calls = (word >> (2 * kCountBits)) & kMostCalls,
          .failed = (word >> kCountBits) & kMostCalls,
          .slow = word & kMostCalls};
}

constexpr std::uint64_t pack(const Bucket& bucket) {
  return bucket.round << (3 * kCountBits) | bucket.calls << (2 * kCountBits) | bucket.failed << kCountBits |
         bucket.slow;
}

}  // namespace

void CallWindow::count(Kind kind, std::uint64_t at_ms) {
  const auto second = at_ms / kBucketMs;
  const auto round = second / kBuckets % kRounds;
  auto& place = buckets_[second % kBuckets];
  auto word = place.load(std::memory_order_relaxed);
  while (true) {
    auto bucket = unpack(word);
    if (bucket.round != round) bucket = {.round = round};
    if (bucket.calls == kMostCalls) {
      bucket.calls /= 2;
      bucket.failed /= 2;
      bucket.slow /= 2;
    }
    ++bucket.calls;
    if (kind == Kind::kFailed) ++bucket.failed;
    if (kind == Kind::kSlow) ++bucket.slow;
    if (place.compare_exchange_weak(word, pack(bucket), std::memory_order_relaxed)) return;
  }
}

CallWindow::Sums CallWindow::sums(Ms window, std::uint64_t at_ms) const {
  const auto last = at_ms / kBucketMs;
  const auto reach = static_cast<std::uint64_t>(std::max<std::int64_t>(window.count(), 0));
  const auto first = (at_ms - std::min(at_ms, std::min(reach, (kBuckets - 2) * kBucketMs))) / kBucketMs;
  Sums sums;
  for (auto second = first; second <= last; ++second) {
    const auto bucket = unpack(buckets_[second % kBuckets].load(std::memory_order_relaxed));
    if (bucket.round != second / kBuckets % kRounds) continue;
    sums.calls += static_cast<std::uint32_t>(bucket.calls);
    sums.failed += static_cast<std::uint32_t>(bucket.failed);
    sums.slow += static_cast<std::uint32_t>(bucket.slow);
  }
  return sums;
}

void CallWindow::clear() {
  for (auto& bucket : buckets_) bucket.store(0, std::memory_order_relaxed);
}

}  // namespace sluice::provider
