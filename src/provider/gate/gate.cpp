#include "provider/gate/gate.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/signal.h"
#include "base/text.h"
#include "net/wait.h"

namespace sluice::provider {

namespace {

// SDKs do not wait longer than that; a longer promise would only make them guess.
constexpr Ms kLongestPromise{60'000};

std::uint32_t most_of(const GateLimits& limits) {
  return limits.concurrency > 0 ? limits.concurrency : AdaptiveLimit::kMost;
}

}  // namespace

// One that waits. It leaves the queue under the gate's lock; who takes it out otherwise has posted to its loop before
// letting go of the lock, and it stays until that has arrived.
struct Gate::Waiter : FairQueue::Entry {
  enum class Fate { kWaits, kIsIn, kTurnedAway };

  Waiter(net::Loop& l, Cancel& c, const Visitor& visitor) : loop(l), cancel(c), wait(l, c) {
    share = visitor.share;
    weight = visitor.weight;
    priority = visitor.priority;
  }

  void wake() {
    loop.post([this] { wait_is_over ? arrived.set() : wait.set(); });
  }

  net::Loop& loop;
  Cancel& cancel;
  net::Wait wait;
  bool wait_is_over = false;
  Signal arrived;  // what was posted, once the wait is over
  Ms limit{0};
  Fate fate = Fate::kWaits;
  Fault fault;
  Instant since{};
  std::uint32_t beside = 0;
};

Room::~Room() {
  if (gate_) gate_->leave(since_);
}

void Room::first_byte_after(std::int64_t microseconds) {
  if (gate_->adapts()) gate_->learn(microseconds, beside_);
}

void Room::provider_refused() {
  if (gate_->adapts()) gate_->learn_refusal();
}

Gate::Gate(std::string name, GateLimits limits, GateSeries series)
    : name_(std::move(name)), series_(series), adaptive_(most_of(limits)) {
  set_limits(limits);
}

void Gate::set_limits(const GateLimits& limits) {
  std::lock_guard lock(mutex_);
  limits_ = limits;
  adaptive_.set_most(most_of(limits));
  adapts_.store(limits.kind == GateLimits::Kind::kAdaptive, std::memory_order_relaxed);
  set_limit();
}

void Gate::set_limit() {
  bool adaptive = limits_.kind == GateLimits::Kind::kAdaptive;
  limit_.store(adaptive ? adaptive_.limit() : limits_.concurrency, std::memory_order_relaxed);
  hand_out();
}

bool Gate::has_room() const {
  auto state = state_.load(std::memory_order_relaxed);
  return waiting(state) == 0 && in_use(state) < limit();
}

std::optional<Room> Gate::try_enter() {
  auto seen = state_.load();
  while (waiting(seen) == 0 && in_use(seen) < limit()) {
    if (!state_.compare_exchange_weak(seen, seen + 1)) continue;
    auto at = now();
    changed_.store(at, std::memory_order_relaxed);
    return Room(*this, at, in_use(seen) + 1);
  }
  return std::nullopt;
}

Task<Result<Room>> Gate::enter(net::Loop& loop, Cancel& cancel, Visitor visitor) {
  if (auto room = try_enter()) co_return std::move(*room);
  Waiter waiter(loop, cancel, visitor);
  auto came = enter_or_queue(waiter);
  auto began = now();
  if (came == Came::kQueued) {
    auto end = co_await waiter.wait.until(waiter.limit);
    if (end != net::Wait::End::kSet && leave_queue(waiter)) {
      (cancel.cancelled() ? series_.left : series_.timed_out).add();
      co_return fail(std::move(waiter.fault));
    }
    // Taken out of the queue in the last moment: what was posted is on its way to this loop.
    if (end != net::Wait::End::kSet) co_await waiter.arrived.wait();
  }
  if (waiter.fate == Waiter::Fate::kTurnedAway) {
    series_.full.add();
    co_return fail(std::move(waiter.fault));
  }
  Room room(*this, waiter.since, waiter.beside);
  if (cancel.cancelled()) co_return fail(cancel.reason());
  series_.waited.observe_us(micros_between(began, now()));
  co_return room;
}

// In the queue it must be once the state says that one more waits: whoever leaves from then on looks there, and may do
// so before this returns. Turned away, the waiter's fault says why.
Gate::Came Gate::enter_or_queue(Waiter& waiter) {
  std::lock_guard lock(mutex_);
  waiter.limit = limits_.queue_timeout;
  auto seen = state_.load();
  for (;;) {
    if (waiting(seen) == 0 && in_use(seen) < limit()) {
      if (!state_.compare_exchange_weak(seen, seen + 1)) continue;
      waiter.fate = Waiter::Fate::kIsIn;
      waiter.since = now();
      waiter.beside = in_use(seen) + 1;
      return Came::kIn;
    }
    if (queue_.size() >= limits_.queue) {
      auto* other = limits_.queue > 0 ? queue_.least_entitled(waiter) : nullptr;
      if (!other) {
        auto kind = queue_.is_above_share(waiter) ? FaultKind::kRateLimited : FaultKind::kOverloaded;
        waiter.fault = refusal(waiter, "queue_full", kind);
        waiter.fate = Waiter::Fate::kTurnedAway;
        return Came::kTurnedAway;
      }
      turn_away(static_cast<Waiter&>(*other), waiter);
      seen = state_.load();
      continue;
    }
    if (!state_.compare_exchange_weak(seen, seen + kOneWaits)) continue;
    queue_.push(waiter);
    return Came::kQueued;
  }
}

// False: somebody has taken it out already.
bool Gate::leave_queue(Waiter& waiter) {
  std::lock_guard lock(mutex_);
  waiter.wait_is_over = true;
  if (!FairQueue::holds(waiter)) return false;
  auto kind = queue_.is_above_share(waiter) ? FaultKind::kRateLimited : FaultKind::kOverloaded;
  queue_.remove(waiter);
  state_.fetch_sub(kOneWaits);
  waiter.fault = waiter.cancel.cancelled() ? waiter.cancel.reason() : refusal(waiter, "queue_timeout", kind);
  return true;
}

void Gate::leave(Instant since) {
  auto at = now();
  // Loads and stores apart: a sample lost to a race is one of many.
  auto held = std::max<std::int64_t>(micros_between(since, at), 1);
  auto before = held_us_.load(std::memory_order_relaxed);
  held_us_.store(before == 0 ? held : before + (held - before) / 8, std::memory_order_relaxed);
  changed_.store(at, std::memory_order_relaxed);
  auto seen = state_.load();
  while (waiting(seen) == 0) {
    if (state_.compare_exchange_weak(seen, seen - 1)) return;
  }
  std::lock_guard lock(mutex_);
  state_.fetch_sub(1);
  hand_out();
}

void Gate::hand_out() {
  auto at = now();
  while (queue_.size() > 0 && in_use() < limit()) {
    auto& waiter = static_cast<Waiter&>(*queue_.pop());
    auto before = state_.fetch_add(1 - kOneWaits);  // one more in, one less waits
    waiter.fate = Waiter::Fate::kIsIn;
    waiter.since = at;
    waiter.beside = in_use(before) + 1;
    waiter.wake();
  }
}

void Gate::turn_away(Waiter& waiter, const Waiter& newcomer) {
  auto kind = waiter.priority == newcomer.priority ? FaultKind::kRateLimited : FaultKind::kOverloaded;
  queue_.remove(waiter);
  state_.fetch_sub(kOneWaits);
  waiter.fate = Waiter::Fate::kTurnedAway;
  waiter.fault = refusal(waiter, "queue_full", kind);
  waiter.wake();
}

// When so many and one more will have left: by how long room was kept of late, or for how long nobody has left now.
Ms Gate::next_departure(std::size_t ahead) const {
  using std::chrono::microseconds;
  microseconds usual(held_us_.load(std::memory_order_relaxed) / std::max<std::int64_t>(limit(), 1));
  auto quiet = std::chrono::duration_cast<microseconds>(now() - changed_.load(std::memory_order_relaxed));
  auto gap = std::clamp(std::max(usual, quiet), microseconds(1'000), microseconds(kLongestPromise));
  return std::min(std::chrono::ceil<Ms>(gap * static_cast<std::int64_t>(ahead + 1)), kLongestPromise);
}

// Those turned away come again one after the other: each is told a time of its own, as if it stood in a queue behind
// the queue.
Ms Gate::promise() {
  auto at = now();
  auto when = std::max(at + next_departure(queue_.size()), promised_ + next_departure(0));
  promised_ = std::min(when, at + kLongestPromise);
  return std::chrono::ceil<Ms>(promised_ - at);
}

Fault Gate::refusal(const Waiter& waiter, std::string_view code, FaultKind kind) {
  auto here = fmt::format("{} requests are being served at '{}' and {} wait", in_use(), name_, queue_.size());
  Fault fault{.kind = kind, .retry = Retry::kOther, .code = std::string(code), .retry_after = promise()};
  if (kind == FaultKind::kRateLimited) {
    fault.told = fmt::format("The {} has more than its share of what waits: {}.", waiter.share, here);
  } else if (code == "queue_timeout") {
    fault.told = fmt::format("There was no room within {}: {}.", format_duration(waiter.limit.count()), here);
  } else {
    fault.told = fmt::format("There is no room: {}.", here);
  }
  return fault;
}

Fault Gate::no_room() {
  std::lock_guard lock(mutex_);
  return Fault{.kind = FaultKind::kOverloaded,
               .told = fmt::format("There is no room at '{}' now.", name_),
               .retry = Retry::kOther,
               .code = "no_room",
               .retry_after = next_departure(queue_.size())};
}

// A sample is one of many: none is worth waiting for the lock.
void Gate::learn(std::int64_t microseconds, std::uint32_t beside) {
  std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock) return;
  adaptive_.served(microseconds, beside);
  set_limit();
}

void Gate::learn_refusal() {
  std::lock_guard lock(mutex_);
  adaptive_.refused(now());
  set_limit();
}

}  // namespace sluice::provider
