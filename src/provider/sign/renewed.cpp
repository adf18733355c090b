#include "provider/sign/renewed.h"

#include <algorithm>
#include <utility>

#include "base/signal.h"
#include "net/wait.h"

namespace sluice::provider {

// Stands in the frame of a waiting request. The flight that takes it off the list sends its loop a job that refers to
// it, so a request that was taken off does not go before that job came.
struct Renewed::Waiter {
  explicit Waiter(SignTools& tools) : loop(tools.loop), wait(tools.loop, tools.cancel) {}

  void wake() {
    if (leaving) {
      came.set();
    } else {
      wait.set();
    }
  }

  net::Loop& loop;
  net::Wait wait;
  Signal came;
  bool leaving = false;        // of the loop's thread: the wait is over, only the job is awaited
  std::optional<Fault> fault;  // of the flight; nothing: it landed, or was abandoned
};

// The one fetch in progress; lands however it is left.
class Renewed::Flight {
 public:
  explicit Flight(Renewed& owner) : owner_(owner) {}
  ~Flight() { owner_.land(fault_, rest_); }
  Flight(const Flight&) = delete;
  Flight& operator=(const Flight&) = delete;

  void failed(Fault fault, Ms rest) {
    fault_ = std::move(fault);
    rest_ = rest;
  }

 private:
  Renewed& owner_;
  std::optional<Fault> fault_;
  Ms rest_{0};
};

Renewed::Renewed(Credentials fixed) {
  fixed.ends.reset();
  keep(std::move(fixed), WallTime{});
}
Renewed::Renewed(std::unique_ptr<const CredentialSource> source, RenewRules rules)
    : source_(std::move(source)), rules_(rules) {}
Renewed::~Renewed() = default;

bool Renewed::valid(const EntryPtr& entry, WallTime now) {
  return entry && (!entry->credentials->ends || now < *entry->credentials->ends);
}

bool Renewed::resting() const {
  return now().time_since_epoch().count() < rest_until_.load(std::memory_order_acquire);
}

Renewed::Held Renewed::held() const {
  const auto entry = entry_.get();
  return entry ? entry->credentials : nullptr;
}

Renewed::Held Renewed::ready(WallTime now) const {
  const auto entry = entry_.get();
  if (!valid(entry, now)) return nullptr;
  const bool due = now >= entry->due;
  return !due || fetching_.load(std::memory_order_acquire) || resting() ? entry->credentials : nullptr;
}

// What a request has to do now. It is on the list of those who wait, or the one that fetches, when that is the answer.
Renewed::Decision Renewed::decide(WallTime now, Waiter& waiter) {
  const std::lock_guard lock(mutex_);
  const auto entry = entry_.get();
  const Held old = valid(entry, now) ? entry->credentials : nullptr;
  if (old && (now < entry->due || fetching_ || resting())) return {Turn::kReady, old, {}};
  if (fetching_) {
    waiting_.push_back(&waiter);
    return {Turn::kWait, {}, {}};
  }
  if (!old && last_fault_ && resting()) return {Turn::kFailed, {}, last_fault_};
  fetching_ = true;
  return {Turn::kFetch, old, {}};
}

// False when a flight has taken the waiter off the list already.
bool Renewed::leave(Waiter& waiter) {
  const std::lock_guard lock(mutex_);
  return std::erase(waiting_, &waiter) > 0;
}

void Renewed::land(const std::optional<Fault>& fault, Ms rest) {
  std::vector<Waiter*> woken;
  {
    const std::lock_guard lock(mutex_);
    woken = std::exchange(waiting_, {});
    last_fault_ = fault;
    rest_until_.store(fault ? (now() + rest).time_since_epoch().count() : 0);
    fetching_ = false;
    for (Waiter* waiter : woken) waiter->fault = fault;
  }
  for (Waiter* waiter : woken) waiter->loop.post([waiter] { waiter->wake(); });
}

Renewed::Held Renewed::keep(Credentials credentials, WallTime now) {
  auto entry = std::make_shared<Entry>();
  entry->issued = now;
  entry->due = WallTime::max();
  if (credentials.ends) {
    const auto life = *credentials.ends - now;
    entry->due = *credentials.ends - std::min<WallTime::duration>(rules_.early, life / 2);
  }
  auto held = std::make_shared<const Credentials>(std::move(credentials));
  entry->credentials = held;
  const std::lock_guard lock(mutex_);
  entry_.set(std::move(entry));
  return held;
}

bool Renewed::distrust(WallTime now) {
  const std::lock_guard lock(mutex_);
  const auto entry = entry_.get();
  if (!source_ || !entry || now - entry->issued < rules_.distrust_after) return false;
  entry_.set(nullptr);
  return true;
}

Task<Result<Renewed::Held>> Renewed::fetch(SignTools& tools, Held old) {
  Flight flight(*this);
  const auto limit = old ? std::min(rules_.early_limit, source_->limit()) : source_->limit();
  auto fetched = co_await source_->fetch(tools, limit);
  if (fetched) co_return keep(std::move(*fetched), tools.now);
  if (tools.cancel.cancelled()) co_return fail(tools.cancel.reason());
  flight.failed(fetched.error(), old ? rules_.rest_while_valid : rules_.rest);
  if (old) co_return old;
  co_return fail_from(fetched);
}

// The fault to give up with; nothing when there is something new to decide about.
Task<std::optional<Fault>> Renewed::wait(SignTools& tools, Waiter& waiter) {
  const auto end = co_await waiter.wait.until(source_->limit() + rules_.early_limit);
  bool landed = end == net::Wait::End::kSet;
  if (!landed && !leave(waiter)) {
    waiter.leaving = true;
    co_await waiter.came.wait();
    landed = true;
  }
  if (tools.cancel.cancelled()) co_return tools.cancel.reason();
  if (landed) co_return waiter.fault;
  Fault late{.kind = FaultKind::kProviderTimeout,
             .told = "The provider's credentials were not fetched in time.",
             .retry = Retry::kOther};
  co_return late;
}

Task<Result<Renewed::Held>> Renewed::get(SignTools& tools) {
  while (true) {
    Waiter waiter(tools);
    auto decision = decide(tools.now, waiter);
    if (decision.turn == Turn::kReady) co_return decision.held;
    if (decision.turn == Turn::kFailed) co_return fail(std::move(*decision.fault));
    if (decision.turn == Turn::kFetch) co_return co_await fetch(tools, std::move(decision.held));
    auto fault = co_await wait(tools, waiter);
    if (fault) co_return fail(std::move(*fault));
  }
}

}  // namespace sluice::provider
