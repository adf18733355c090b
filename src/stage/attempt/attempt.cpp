#include "stage/attempt/attempt.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "exchange/fallbacks.h"
#include "exchange/refused_here.h"
#include "net/loop.h"
#include "net/wait.h"
#include "provider/choose/choose.h"
#include "stage/attempt/course.h"
#include "stage/attempt/deadline.h"
#include "stage/attempt/runner.h"
#include "stage/attempt/spoken.h"

namespace sluice::stage {

namespace {

using provider::Remedy;

// A uniformly random share of the exponential step ("full jitter"), at least a quarter of it.
Ms backoff(const provider::Route& route, std::uint32_t retry) {
  thread_local std::minstd_rand generator{std::random_device{}()};
  auto step = std::min(Ms(route.backoff.count() << std::min(retry, 20U)), route.max_backoff);
  return Ms(std::uniform_int_distribution<std::int64_t>(step.count() / 4, step.count())(generator));
}

// A passthrough request may create something: once a provider may have taken it, it is not sent again.
bool may_be_repeated(const Exchange& x, const Fault& fault) {
  if (x.endpoint || http::is_idempotent(x.request.head().method)) return true;
  return fault.kind == FaultKind::kUnreachable || (fault.answer && fault.answer->status == 429);
}

Fault total_timeout(const Deadline& deadline) {
  return Fault{.kind = FaultKind::kProviderTimeout,
               .told = fmt::format("The answer was not complete within {} ({}).",
                                   format_duration(deadline.limit.count()), deadline.from),
               .code = "total_timeout"};
}

// The tries of one exchange: what they share.
class Attempts {
 public:
  // `at`: the time, which is read again behind each wait.
  static Task<Status> run(Exchange& x, Sink& out, Next next, RetryBudget& budget, Deadline deadline, Instant at) {
    Attempts all(x, out, next, budget, deadline);
    Status status;  // of the last try
    while (true) {
      auto step = all.course_.next(at);
      if (all.is_shut(step, at)) continue;
      if (all.fall_back(step, status)) continue;
      if (!step || !all.may_take(*step, at)) break;
      if (step->pause.count() > 0) {
        if (!co_await net::sleep(x.tools.loop, step->pause, x.cancel)) break;
        at = now();
      }
      auto pass = all.enter(*step, at);
      if (!pass) continue;
      Race race;
      Runner first(x, all.begin(step->candidate, step->why, step->pause, at), *pass, race, all.sink());
      if (const auto delay = all.hedge_delay()) {
        status = co_await all.run_hedged(step->candidate, first, race, *delay);
      } else {
        co_await first.run(next);
        status = all.settled(step->candidate, first);
      }
      if (status) {
        if (race.winner) all.stay(*race.winner);
        co_return status;
      }
      if (x.cancel.cancelled()) break;
      at = now();
      if (!race.winner) continue;
      if (!all.broke_) all.broke_ = status;
      if (!all.may_continue(status.error())) break;
    }
    co_return all.without_answer(std::move(status));
  }

 private:
  Attempts(Exchange& x, Sink& out, Next next, RetryBudget& budget, const Deadline& deadline)
      : x_(x),
        out_(out),
        next_(next),
        budget_(budget),
        deadline_(deadline),
        timer_(x.tools.loop, [this] { x_.cancel.cancel(total_timeout(deadline_)); }),
        course_(x.candidates.size(), x.match.route->retries, x.match.route->max_backoff) {
    timer_.arm(until());
    if (route().broken == provider::Broken::kContinue && x.asked.stream) spoken_.emplace(out);
  }

  Instant until() const { return x_.arrived + deadline_.limit; }
  const provider::Route& route() const { return *x_.match.route; }

  // How it ends; what this needs has no part in a frame, which lasts as long as a stream.
  [[gnu::noinline]] Status without_answer(Status last) {
    if (writes_) x_.current = writes_;  // its writer tells the client
    if (x_.cancel.cancelled()) return fail(x_.cancel.reason());
    if (broke_) return std::move(*broke_);
    if (last) return fail(FaultKind::kOverloaded, "No deployment of this route may be used now.");
    return last;
  }

  std::size_t made() const { return x_.tries.size() - void_; }

  // Whether the route's caps, the deadline and the budget leave room for it.
  bool may_take(const Course::Step& step, Instant at) {
    if (x_.tries.empty()) return true;
    if (made() >= route().max_attempts) return give_up("max_attempts");
    if (at + step.pause >= until()) return give_up("deadline");
    if (step.why == Begun::kRetry && !step.owed && !budget_.take(at)) return give_up("retry_budget");
    return true;
  }
  // What its breaker will not let pass is not waited for.
  bool is_shut(const std::optional<Course::Step>& step, Instant at) {
    if (!step || step->why != Begun::kRetry) return false;
    if (x_.candidates[step->candidate].health().breaker.admits(route().breaker, at + step->pause)) return false;
    course_.put_off(step->candidate);
    return true;
  }
  // A conversation that was served elsewhere than where it belongs is cached there now. A hedge says nothing of where
  // it belongs: its prompt went there as well.
  void stay(const Try& served) const {
    const auto& target = served.target;
    if (served.why != Begun::kHedge && target.deployment != x_.candidates.front().deployment)
      provider::keep_served(x_.match, x_.asking, *target.deployment, now());
  }
  bool give_up(std::string_view why) {
    x_.gave_up = why;
    return false;
  }

  std::optional<provider::Breaker::Pass> enter(const Course::Step& step, Instant at) {
    auto& breaker = x_.candidates[step.candidate].health().breaker;
    auto pass =
        step.why == Begun::kLastResort ? breaker.enter_anyway(route().breaker, at) : breaker.enter(route().breaker, at);
    if (pass) return pass;
    if (step.why == Begun::kLastResort) {
      course_.rule_out(step.candidate);
    } else {
      course_.put_off(step.candidate);
    }
    return std::nullopt;
  }

  Try& begin(std::size_t candidate, Begun why, Ms pause, Instant at) {
    if (!broke_ && x_.current && x_.current->ended) x_.current->translation.reset();
    auto& t = x_.tries.emplace_back(x_.candidates[candidate], x_.cancel, at);
    t.why = broke_ ? Begun::kContinued : why;
    t.paused = pause;
    if (broke_) {
      t.continues = spoken_->text();
      t.continued = writes_;
      spoken_->resume();
    }
    t.sheds_state = refusals_of_state(candidate) > 0;
    course_.began(candidate);
    t.may_queue = why != Begun::kHedge && !course_.untried();  // another one may have room
    return t;
  }

  // How often this candidate could not open the reasoning of earlier turns.
  std::ptrdiff_t refusals_of_state(std::size_t candidate) const {
    const auto& target = x_.candidates[candidate];
    return std::ranges::count_if(x_.tries, [&](const Try& t) {
      return t.failure == provider::name(provider::Failure::kForeignState) &&
             t.target.deployment == target.deployment && t.target.model == target.model;
    });
  }

  void note_failure(std::size_t candidate, const Fault& fault) {
    auto remedy = may_be_repeated(x_, fault) ? route().on_failure.remedy(fault) : Remedy::kGiveUp;
    // A refusal to go on with what another one has said is no judgement of the client's request.
    if (broke_ && remedy == Remedy::kGiveUp) remedy = Remedy::kElsewhereOnly;
    const auto& fallbacks = route().fallbacks;
    const auto failure = provider::classify(fault);
    if (failure == provider::Failure::kForeignState) return note_foreign_state(candidate, remedy, fault);
    course_.failed(candidate, remedy, fault.retry_after, backoff(route(), course_.tries_of(candidate) - 1), now());
    const bool is_too_long = failure == provider::Failure::kContextWindow && !fallbacks.context_window.empty();
    const bool is_refused = failure == provider::Failure::kContentPolicy && !fallbacks.content_policy.empty();
    if (!is_too_long && !is_refused) return;
    course_.give_up();  // what is left would say the same
    go_on_with(is_too_long ? fallbacks.context_window : fallbacks.content_policy);
  }

  // It is tried again without that reasoning, unless it went without already; only chats are understood enough to leave
  // it out.
  void note_foreign_state(std::size_t candidate, Remedy remedy, const Fault& fault) {
    const bool is_chat = x_.endpoint && x_.endpoint->operation == dialect::Operation::kChat;
    const bool is_owed = is_chat && refusals_of_state(candidate) == 1;
    if (is_owed) course_.owe(candidate);
    course_.failed(candidate, remedy, std::nullopt, Ms(0), now());
    if (!is_owed) course_.rule_out(candidate);
    foreign_state_ = fail(fault);
  }

  // Before a deployment of the route is tried again or as a last resort, or when none is left, for whatever reason but
  // the request's own.
  bool fall_back(const std::optional<Course::Step>& step, const Status& status) {
    const bool is_fresh = step && step->why != Begun::kRetry && step->why != Begun::kLastResort;
    if (is_fresh || (step && course_.insists())) return false;
    if (step && step->owed) return false;  // rather the same model without the reasoning
    return !is_its_own(status) && !broke_ && go_on_with(route().fallbacks.any);
  }
  static bool is_its_own(const Status& status) {
    if (status) return false;  // nothing was tried
    const auto failure = provider::classify(status.error());
    return failure == provider::Failure::kRequest || failure == provider::Failure::kBudget;
  }
  // Adds the deployments of other routes, once: what a fallback falls back to is not followed. What builds on something
  // kept has nowhere else to go.
  bool go_on_with(const std::vector<const provider::Route*>& routes) {
    const auto added = add_fallbacks(x_, routes);
    course_.add(added);
    return added > 0;
  }

  // An answer of which the client has seen a part: whether another deployment may go on with it.
  bool may_continue(const Fault& fault) const {
    return spoken_ && !spoken_->text().empty() && blame(fault.kind) == Blame::kProvider;
  }
  Sink& sink() { return spoken_ ? static_cast<Sink&>(*spoken_) : out_; }

  static bool is_full(const Fault& fault) { return provider::classify(fault) == provider::Failure::kNoRoom; }

  Status settled(std::size_t candidate, Runner& runner) {
    auto status = runner.result();
    const bool may_wait = !status && !runner.tried().may_queue && is_full(status.error());
    if (may_wait) {
      course_.had_no_room(candidate);
    } else if (!status && status.error().kind != FaultKind::kSuperseded) {
      note_failure(candidate, status.error());
      // What cannot be said anew without the reasoning is no news to the client: the provider's refusal is.
      const bool is_ours = status.error().kind == FaultKind::kInvalidRequest;
      if (runner.tried().sheds_state && is_ours && !foreign_state_) status = foreign_state_;
    }
    const auto& translation = runner.tried().translation;
    if (runner.released() || broke_) writes_ = translation && translation->writer ? &runner.tried() : writes_;
    return status;
  }

  // After how long without anything to show a second deployment is asked; nothing: it is not.
  std::optional<Ms> hedge_delay() const {
    const auto& hedge = route().hedge;
    if (!hedge.enabled || broke_ || !x_.endpoint || x_.tries.size() > 1 || !course_.untried()) return std::nullopt;
    if (hedge.tools == provider::HedgePolicy::Tools::kRefuse && x_.asking.needs.has(dialect::Need::kTools))
      return std::nullopt;
    return hedge.after.count() > 0 ? std::optional(hedge.after) : route().first_pieces.percentile(hedge.percentile);
  }

  // Two tries of which the other is the hedge. Without a winner both have failed.
  Task<Status> run_hedged(std::size_t candidate, Runner& first, Race& race, Ms delay) {
    net::Wait changed(x_.tools.loop, x_.cancel);
    race.changed = &changed;
    TaskGroup group;
    spawn(first.run(next_), group);
    if (!first.ended() && !race.winner) co_await changed.until(delay);
    std::optional<Runner> second;
    auto hedge = first.ended() || race.winner || x_.cancel.cancelled() ? std::nullopt : enter_hedge(now());
    if (hedge) {
      second.emplace(x_, begin(hedge->candidate, Begun::kHedge, Ms(0), hedge->at), hedge->pass, race, sink());
      spawn(second->run(next_), group);
    }
    while (second && !race.winner && !(first.ended() && second->ended()) && !x_.cancel.cancelled()) {
      co_await changed.until(kLongest);
    }
    if (second && race.winner) {
      auto& loser = race.winner == &first.tried() ? *second : first;
      loser.tried().cancel.cancel(superseded());
    }
    co_await group.join();
    const bool is_void = second && take_back(hedge->candidate, *second, first);
    auto status = settled(candidate, first);
    if (!second || is_void) co_return status;
    auto its = settled(hedge->candidate, *second);
    co_return race.winner == &first.tried() ? std::move(status) : std::move(its);
  }

  // A hedge that was refused here says nothing of the request: what it lacked may be what the first one holds. It is as
  // if it had not been begun.
  bool take_back(std::size_t candidate, Runner& hedge, Runner& first) {
    if (!was_refused_here(hedge.tried())) return false;
    course_.take_back(candidate);
    ++void_;
    if (x_.current == &hedge.tried()) x_.current = &first.tried();
    return true;
  }

  // The first untried candidate, where its breaker lets it pass and the route's budget for hedges pays.
  struct Hedge {
    std::size_t candidate = 0;
    provider::Breaker::Pass pass;
    Instant at;
  };
  std::optional<Hedge> enter_hedge(Instant at) {
    auto candidate = course_.untried();
    if (!candidate || made() >= route().max_attempts) return std::nullopt;
    auto& breaker = x_.candidates[*candidate].health().breaker;
    if (!breaker.admits(route().breaker, at) || !route().hedges.take(at)) return std::nullopt;
    auto pass = breaker.enter(route().breaker, at);
    return pass ? std::optional(Hedge{*candidate, *pass, at}) : std::nullopt;
  }

  static Fault superseded() {
    return Fault{.kind = FaultKind::kSuperseded, .told = "Another deployment answered first."};
  }

  static constexpr Ms kLongest{3'600'000};  // what it waits for has limits of its own

  Exchange& x_;
  Sink& out_;
  Next next_;
  RetryBudget& budget_;
  Deadline deadline_;
  net::Timer timer_;
  Course course_;
  std::size_t void_ = 0;          // hedges that were taken back
  Status foreign_state_;          // how the reasoning of earlier turns was refused
  std::optional<Spoken> spoken_;  // where broken streams are continued
  std::optional<Status> broke_;   // how the first stream broke off behind what the client has seen
  Try* writes_ = nullptr;         // whose writer the client's answer comes from
};

}  // namespace

Task<Status> Attempt::run(Exchange& x, Sink& out, Next next) {
  auto deadline =
      deadline_of(x.request.head().headers, x.timeouts.total, x.asked.stream ? Answer::kStreamed : Answer::kWhole);
  if (!deadline) return Task<Status>::ready(fail_from(deadline));
  const auto at = now();
  budget_.on_request(at);
  x.match.route->hedges.on_request(at);
  return Attempts::run(x, out, next, budget_, *deadline, at);
}

}  // namespace sluice::stage
