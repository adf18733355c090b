// check: allow shared-pointers because configurations come and go while what is known of a deployment stays
#include "provider/health/health.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "dialect/rate_limits.h"
#include "dialect/waiting.h"
#include "provider/health/model_healths.h"

namespace sluice::provider {

namespace {

constexpr Ms kDecay{10'000};  // to 1/e
constexpr std::uint64_t kUnitsPerMs = 64;
constexpr unsigned kTimeBits = 38;  // eight years of running
constexpr std::uint64_t kTimeMask = (std::uint64_t{1} << kTimeBits) - 1;
constexpr std::uint64_t kMostUnits = (std::uint64_t{1} << (64 - kTimeBits)) - 1;  // 17 minutes

constexpr Ms kMoment{5'000};  // a 429 that says nothing is believed so long
constexpr double kLittle = 0.1;
constexpr double kUsedUnits = 65'535;
constexpr unsigned kUntilBits = 48;
constexpr std::uint64_t kUntilMask = (std::uint64_t{1} << kUntilBits) - 1;

std::uint64_t ms_of(Instant at) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, std::chrono::floor<Ms>(at.time_since_epoch()).count()));
}

// The share that is left of the past after the time between.
double weight_of_past(std::uint64_t from_ms, std::uint64_t to_ms) {
  const auto passed = static_cast<double>(to_ms - std::min(from_ms, to_ms));
  return std::exp(-passed / static_cast<double>(kDecay.count()));
}

// Used up and until when.
std::uint64_t pack_used(double headroom, Instant until) {
  const auto used = static_cast<std::uint64_t>(std::lround((1 - std::clamp(headroom, 0.0, 1.0)) * kUsedUnits));
  return used << kUntilBits | (ms_of(until) & kUntilMask);
}

}  // namespace

void Health::observe_first_piece(Ms duration, Instant at) {
  const auto sample = std::clamp<std::uint64_t>(
      static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0)) * kUnitsPerMs, 1, kMostUnits);
  const auto at_ms = ms_of(at) & kTimeMask;
  auto seen = first_piece_.load(std::memory_order_relaxed);
  while (true) {
    const auto past = seen >> kTimeBits;
    const auto when = seen & kTimeMask;
    auto average = sample;
    if (past > sample) {
      const auto weight = weight_of_past(when, at_ms);
      average =
          static_cast<std::uint64_t>(static_cast<double>(past) * weight + static_cast<double>(sample) * (1 - weight));
    }
    const auto wanted = std::max(average, sample) << kTimeBits | std::max(when, at_ms);
    if (first_piece_.compare_exchange_weak(seen, wanted, std::memory_order_relaxed)) return;
  }
}

Ms Health::first_piece(Instant at) const {
  const auto seen = first_piece_.load(std::memory_order_relaxed);
  const auto weight = weight_of_past(seen & kTimeMask, ms_of(at));
  const auto units = static_cast<std::uint64_t>(static_cast<double>(seen >> kTimeBits) * weight);
  return Ms((units + kUnitsPerMs - 1) / kUnitsPerMs);
}

void Health::observe_limits(const http::ResponseHead& answer, Instant at, WallTime wall) {
  const bool refused = answer.status == 429;
  auto news = dialect::tightest_limit(answer.headers, wall);
  if (!news && !refused) return;
  if (!news) news.emplace();
  if (refused) {
    const auto wait = dialect::requested_wait(answer.headers, wall);
    news->left = wait ? 0 : std::min(news->left, kLittle);
    if (wait) news->reset = wait;
  }
  used_.store(pack_used(news->left, at + news->reset.value_or(kMoment)), std::memory_order_relaxed);
}

double Health::headroom(Instant at) const {
  const auto seen = used_.load(std::memory_order_relaxed);
  if (ms_of(at) >= (seen & kUntilMask)) return 1;
  return 1 - static_cast<double>(seen >> kUntilBits) / kUsedUnits;
}

void Health::rest_until(Instant until) {
  const auto wanted = static_cast<std::int64_t>(ms_of(until));
  auto seen = rest_until_ms_.load(std::memory_order_relaxed);
  while (seen < wanted && !rest_until_ms_.compare_exchange_weak(seen, wanted, std::memory_order_relaxed)) {
  }
}

Ms Health::resting(Instant at) const {
  const auto left = rest_until_ms_.load(std::memory_order_relaxed) - static_cast<std::int64_t>(ms_of(at));
  return Ms(std::max<std::int64_t>(left, 0));
}

HealthBook::HealthBook() = default;
HealthBook::~HealthBook() = default;

std::shared_ptr<Health> HealthBook::of(const std::string& deployment) {
  std::scoped_lock lock(mutex_);
  auto& health = by_name_[deployment];
  if (!health) health = std::make_shared<Health>();
  return health;
}

std::vector<std::pair<std::string, std::shared_ptr<Health>>> HealthBook::all() const {
  std::scoped_lock lock(mutex_);
  return {by_name_.begin(), by_name_.end()};
}

std::shared_ptr<ModelHealths> HealthBook::models_of(const std::string& deployment) {
  std::scoped_lock lock(mutex_);
  auto& models = models_[deployment];
  if (!models) models = std::make_shared<ModelHealths>();
  return models;
}

std::vector<std::pair<std::string, std::shared_ptr<ModelHealths>>> HealthBook::all_models() const {
  std::scoped_lock lock(mutex_);
  return {models_.begin(), models_.end()};
}

void HealthBook::forget_unused() {
  std::scoped_lock lock(mutex_);
  std::erase_if(by_name_, [](const auto& entry) { return entry.second.use_count() == 1; });
  std::erase_if(models_, [](const auto& entry) { return entry.second.use_count() == 1; });
}

}  // namespace sluice::provider
