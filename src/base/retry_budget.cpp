#include "base/retry_budget.h"

namespace sluice {

namespace {

constexpr std::uint64_t kToken = 100;

// A word: the second's number above, the sum below it, shifted so that it is never negative.
constexpr unsigned kSumBits = 40;
constexpr std::uint64_t kSumMask = (std::uint64_t{1} << kSumBits) - 1;
constexpr std::uint64_t kZero = std::uint64_t{1} << (kSumBits - 1);
constexpr std::uint64_t kNumbers = std::uint64_t{1} << (64 - kSumBits);

// From 1: a word of zero belongs to no second.
std::uint64_t number_of(Instant at) {
  auto seconds = std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
  return static_cast<std::uint64_t>(seconds) % (kNumbers - 1) + 1;
}

}  // namespace

void RetryBudget::set(Settings settings) {
  percent_.store(settings.percent, std::memory_order_relaxed);
  min_per_second_.store(settings.min_per_second, std::memory_order_relaxed);
}

// The word of this second; the first to ask for it clears what was there ten seconds ago.
std::atomic<std::uint64_t>& RetryBudget::second(std::uint64_t number) {
  auto& word = seconds_[number % kSeconds];
  auto seen = word.load(std::memory_order_relaxed);
  while (seen >> kSumBits != number) {
    if (word.compare_exchange_weak(seen, number << kSumBits | kZero, std::memory_order_relaxed)) break;
  }
  return word;
}

std::int64_t RetryBudget::balance(std::uint64_t number) const {
  std::int64_t sum = 0;
  for (const auto& word : seconds_) {
    auto seen = word.load();
    auto of = seen >> kSumBits;
    bool counts = of > 0 && of <= number && of + kSeconds > number;
    if (counts) sum += static_cast<std::int64_t>(seen & kSumMask) - std::int64_t{kZero};
  }
  return sum + static_cast<std::int64_t>(min_per_second_.load(std::memory_order_relaxed) * kSeconds * kToken);
}

void RetryBudget::on_request(Instant at) {
  second(number_of(at)).fetch_add(percent_.load(std::memory_order_relaxed), std::memory_order_relaxed);
}

bool RetryBudget::take(Instant at) {
  auto number = number_of(at);
  auto& word = second(number);
  // First taken, then looked whether it was there: of two who race none can overlook the other. All words are one
  // order's (seq_cst), so that each sees what was taken before it looked.
  word.fetch_sub(kToken);
  if (balance(number) >= 0) return true;
  word.fetch_add(kToken);
  return false;
}

}  // namespace sluice
