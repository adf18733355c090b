// How many further tries traffic may cost: a share of the requests of the last ten seconds, and a few a second always.
//
// When everything fails, retries and hedges multiply the load just where it hurts; with a budget they add a known share
// and no more. Each request puts in `percent` hundredths of a token, each further try takes one out; what was put in or
// taken out is forgotten after ten seconds. The idea is that of Finagle's RetryBudget.
//
// Thread rule: any thread; atomics only, never a lock. Lifetime: outlives reloads, which change its settings.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "base/clock.h"

namespace sluice {

class RetryBudget {
 public:
  struct Settings {
    std::uint32_t percent = 20;         // of the requests; 0: only the minimum
    std::uint32_t min_per_second = 10;  // so that little traffic may be retried too
  };

  RetryBudget() : RetryBudget(Settings()) {}
  explicit RetryBudget(Settings settings) { set(settings); }
  RetryBudget(const RetryBudget&) = delete;
  RetryBudget& operator=(const RetryBudget&) = delete;

  void set(Settings settings);

  void on_request(Instant at = now());
  // True: one more try is allowed, and paid for. Threads that race for the last token may all be refused; never is more
  // given than there is.
  bool take(Instant at = now());

 private:
  static constexpr std::size_t kSeconds = 10;

  std::atomic<std::uint64_t>& second(std::uint64_t number);
  std::int64_t balance(std::uint64_t number) const;

  // For each of the last seconds its number and the hundredths put in less those taken out, as one word.
  std::array<std::atomic<std::uint64_t>, kSeconds> seconds_{};
  std::atomic<std::uint32_t> percent_{0};
  std::atomic<std::uint32_t> min_per_second_{0};
};

}  // namespace sluice
