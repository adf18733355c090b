#include "stage/attempt/runner.h"

#include "provider/failure.h"
#include "provider/masks.h"

namespace sluice::stage {

namespace {

using Outcome = provider::Breaker::Outcome;

// What a try says of its deployment.
Outcome outcome_of(const Exchange& x, const Try& t, const Status& status) {
  const auto& policy = x.match.route->breaker;
  if (status) {
    const bool slow = t.first_piece && *t.first_piece - t.began > policy.slow_after;
    return slow ? Outcome::kSlow : Outcome::kServed;
  }
  if (t.cancel.cancelled() || blame(status.error().kind) == Blame::kClient) return Outcome::kNotCounted;
  const auto facts = provider::failures()[static_cast<std::size_t>(provider::classify(status.error()))];
  return facts.counts == provider::Counts::kYes ? Outcome::kFailed : Outcome::kNotCounted;
}

}  // namespace

Runner::Runner(Exchange& x, Try& t, provider::Breaker::Pass pass, Race& race, Sink& out)
    : x_(x), tried_(t), pass_(pass), race_(race), held_(out, [this] { return claim(); }) {
  tried_.target.deployment->health->in_flight.fetch_add(1, std::memory_order_relaxed);
}

bool Runner::claim() {
  if (race_.winner && race_.winner != &tried_) return false;
  race_.winner = x_.current = &tried_;
  tried_.first_piece = now();
  auto took = std::chrono::ceil<Ms>(*tried_.first_piece - tried_.began);
  tried_.target.health().observe_first_piece(took, *tried_.first_piece);
  x_.match.route->first_pieces.observe(took, *tried_.first_piece);
  if (race_.changed) race_.changed->set();
  return true;
}

Task<void> Runner::run(Next next) {
  try {
    x_.current = race_.winner ? race_.winner : &tried_;
    status_ = co_await next.of(tried_)(x_, held_);
    if (status_) status_ = co_await held_.release();
  } catch (...) {
    bug_ = std::current_exception();
    status_ = fail(FaultKind::kInternal, "An error inside the gateway.");
  }
  leave(now());
  if (race_.changed) race_.changed->set();
}

void Runner::leave(Instant at) {
  tried_.ended = at;
  if (!status_) {
    provider::mask(*tried_.target.deployment->provider, status_.error());
    tried_.fault = status_.error().kind;
    tried_.failure = provider::name(provider::classify(status_.error()));
    tried_.error = status_.error().told;
  }
  const bool lost = tried_.cancel.cancelled() && tried_.cancel.reason().kind == FaultKind::kSuperseded;
  if (lost) x_.match.route->first_pieces.observe(std::chrono::ceil<Ms>(at - tried_.began), at);  // at least
  tried_.target.deployment->health->in_flight.fetch_sub(1, std::memory_order_relaxed);
  auto& health = tried_.target.health();
  health.breaker.leave(x_.match.route->breaker, pass_, outcome_of(x_, tried_, status_), at);
  if (tried_.target.of_model) tell_all_models(at);
  if (!status_ && status_.error().retry_after && !tried_.cancel.cancelled()) {
    const auto failure = provider::classify(status_.error());
    const bool asks = failure == provider::Failure::kRateLimit || failure == provider::Failure::kOverloaded;
    if (asks) health.rest_until(at + *status_.error().retry_after);
  }
}

// A provider that cannot be reached, or can, is so for all models behind the deployment.
void Runner::tell_all_models(Instant at) const {
  auto& breaker = tried_.target.deployment->health->breaker;
  const auto& policy = x_.match.route->breaker;
  if (breaker.phase() != provider::Breaker::State::kClosed) return;
  const bool answered = tried_.provider_status != 0;
  const bool lost = !status_ && !answered && outcome_of(x_, tried_, status_) == Outcome::kFailed;
  const bool unreached = lost && tried_.failure != provider::name(provider::Failure::kFirstByteTimeout);
  if (!answered && !unreached) return;
  auto pass = breaker.enter(policy, at);
  if (pass) breaker.leave(policy, *pass, answered ? Outcome::kServed : Outcome::kFailed, at);
}

Status Runner::result() {
  if (bug_) std::rethrow_exception(bug_);
  return std::move(status_);
}

}  // namespace sluice::stage
