#include "stage/attempt/attempt.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "net/wait.h"
#include "stage/attempt/holdback.h"

namespace sluice::stage {

namespace {

// What follows a failed attempt.
enum class Then { kGiveUp, kSameAgain, kNextDeployment };

struct Position {
  std::size_t candidate = 0;
  std::uint32_t retries = 0;  // on this candidate
};

// A uniformly random share of the exponential step ("full jitter"), at least a quarter of it.
Ms backoff(const provider::Route& route, std::uint32_t retry) {
  thread_local std::minstd_rand generator{std::random_device{}()};
  auto step = std::min(Ms(route.backoff.count() << std::min(retry, 20U)), route.max_backoff);
  return Ms(std::uniform_int_distribution<std::int64_t>(step.count() / 4, step.count())(generator));
}

// A provider that asks for time, cannot be reached or is too slow is left alone while another one is there.
bool prefers_another(const Fault& fault) {
  return fault.retry_after.has_value() || fault.kind == FaultKind::kUnreachable ||
         fault.kind == FaultKind::kProviderTimeout;
}

// A passthrough request may create something: once a provider may have taken it, it is not sent again.
bool may_be_repeated(const Exchange& x, const Fault& fault) {
  if (x.endpoint || http::is_idempotent(x.request.head().method)) return true;
  return fault.kind == FaultKind::kUnreachable || (fault.answer && fault.answer->status == 429);
}

Then decide(const Exchange& x, const Position& at, const Fault& fault) {
  const auto& route = *x.match.route;
  bool others = at.candidate + 1 < x.candidates.size();
  if (x.cancel.cancelled() || fault.retry == Retry::kNo || !may_be_repeated(x, fault)) return Then::kGiveUp;
  if (x.tries.size() >= route.max_attempts) return Then::kGiveUp;
  if (fault.retry == Retry::kOther || fault.kind == FaultKind::kProviderTimeout) {
    return others ? Then::kNextDeployment : Then::kGiveUp;
  }
  if (others && (prefers_another(fault) || at.retries >= route.retries)) return Then::kNextDeployment;
  bool waits_too_long = fault.retry_after && *fault.retry_after > route.max_backoff;
  return at.retries < route.retries && !waits_too_long ? Then::kSameAgain : Then::kGiveUp;
}

void end(Try& t, const Status& status) {
  t.ended = true;
  t.duration_us = micros_between(t.began, now());
  if (!status) {
    t.fault = status.error().kind;
    t.error = status.error().told;
  }
}

Fault total_timeout(Ms limit) {
  return Fault{
      .kind = FaultKind::kProviderTimeout,
      .told = fmt::format("The answer was not complete within {} (timeout.total).", format_duration(limit.count())),
      .code = "total_timeout"};
}

}  // namespace

Task<Status> Attempt::run(Exchange& x, Sink& out, Next next) {
  auto total = x.timeouts.total;
  auto until = x.arrived + total;
  net::Timer deadline(x.tools.loop, [&] { x.cancel.cancel(total_timeout(total)); });
  deadline.arm(ms_until(until));

  for (Position at;;) {
    if (x.current) x.current->translation.reset();  // it failed, and another one is made
    auto& t = x.tries.emplace_back(x.candidates[at.candidate], x.cancel);
    x.current = &t;
    Holdback held(out);
    auto status = co_await next(x, held);
    if (status) status = co_await held.release();
    end(t, status);
    if (status || held.released()) co_return status;

    auto then = decide(x, at, status.error());
    if (then == Then::kGiveUp) co_return x.cancel.cancelled() ? fail(x.cancel.reason()) : std::move(status);
    if (then == Then::kNextDeployment) {
      at = {at.candidate + 1, 0};
      continue;
    }
    auto pause = status.error().retry_after.value_or(backoff(*x.match.route, at.retries));
    if (now() + pause >= until) co_return status;
    if (!co_await net::sleep(x.tools.loop, pause, x.cancel)) co_return fail(x.cancel.reason());
    ++at.retries;
  }
}

}  // namespace sluice::stage
