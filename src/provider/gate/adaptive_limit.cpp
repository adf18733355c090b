#include "provider/gate/adaptive_limit.h"

#include <algorithm>
#include <cmath>

namespace sluice::provider {

namespace {

constexpr double kSmoothing = 0.2;
constexpr double kTolerance = 1.5;
constexpr double kLongWindow = 600;
constexpr std::uint32_t kWarmUp = 10;  // samples whose plain mean begins the average
constexpr double kCut = 0.9;

}  // namespace

void AdaptiveLimit::set_most(std::uint32_t most) {
  most_ = most;
  set(limit_);
}

void AdaptiveLimit::set(double limit) {
  limit_ = std::clamp(limit, double{kLeast}, double(std::max(most_, kLeast)));
}

void AdaptiveLimit::served(std::int64_t microseconds, std::uint32_t in_use) {
  double took = std::max(double(microseconds), 1.0);
  ++samples_;
  double share = samples_ <= kWarmUp ? 1.0 / samples_ : 2.0 / (kLongWindow + 1);
  long_us_ += (took - long_us_) * share;
  // After a long overload the average is too high to tell the next one by.
  if (long_us_ / took > 2) long_us_ *= 0.95;
  // What is not used says nothing about more of it.
  if (in_use < limit_ / 2) return;
  double gradient = std::clamp(kTolerance * long_us_ / took, 0.5, 1.0);
  set(limit_ * (1 - kSmoothing) + (limit_ * gradient + std::sqrt(limit_)) * kSmoothing);
}

void AdaptiveLimit::refused(Instant at) {
  if (at - cut_ < std::chrono::microseconds(static_cast<std::int64_t>(long_us_))) return;
  cut_ = at;
  set(limit_ * kCut);
}

}  // namespace sluice::provider
