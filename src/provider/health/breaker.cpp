#include "provider/health/breaker.h"

#include <algorithm>

namespace sluice::provider {

namespace {

using State = Breaker::State;
using Hold = Breaker::Hold;
using Outcome = Breaker::Outcome;

// What the word says. One word, so that each change is one compare-and-exchange: of those who see the same reason for a
// change, one makes it.
struct Word {
  State phase = State::kClosed;  // 2 bits; open says nothing of whether the cool-down is over
  std::uint32_t era = 0;         // 10 bits; one more with each change of the phase
  std::uint32_t taken = 0;       // 4 bits; probes under way
  std::uint32_t succeeded = 0;   // 4 bits; probes that served
  std::uint32_t growth = 0;      // 4 bits; how often the cool-down was doubled
  std::uint64_t since_ms = 0;    // 40 bits; open: when it opened; half open: when the last probe was let in
};

constexpr std::uint32_t kEras = 1 << 10;
constexpr std::uint32_t kMostProbes = 15;
constexpr std::uint32_t kMostGrowth = 15;
constexpr std::uint64_t kTimeMask = (std::uint64_t{1} << 40) - 1;  // 34 years of running

constexpr Word unpack(std::uint64_t word) {
  return {.phase = static_cast<State>(word >> 62),
          .era = static_cast<std::uint32_t>(word >> 52 & 0x3ff),
          .taken = static_cast<std::uint32_t>(word >> 48 & 0xf),
          .succeeded = static_cast<std::uint32_t>(word >> 44 & 0xf),
          .growth = static_cast<std::uint32_t>(word >> 40 & 0xf),
          .since_ms = word & kTimeMask};
}

constexpr std::uint64_t pack(const Word& word) {
  return std::uint64_t{static_cast<std::uint32_t>(word.phase)} << 62 | std::uint64_t{word.era % kEras} << 52 |
         std::uint64_t{word.taken} << 48 | std::uint64_t{word.succeeded} << 44 | std::uint64_t{word.growth} << 40 |
         (word.since_ms & kTimeMask);
}

std::uint64_t ms_of(Instant at) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, std::chrono::floor<Ms>(at.time_since_epoch()).count()));
}

// Of two threads the one with the later time may come first.
Ms elapsed(const Word& word, std::uint64_t at_ms) {
  return Ms(at_ms - std::min(at_ms, word.since_ms));
}

Ms cool_down(const BreakerPolicy& policy, const Word& word) {
  return std::min(Ms(policy.cool_down.count() << word.growth), std::max(policy.max_cool_down, policy.cool_down));
}

std::uint32_t probes_of(const BreakerPolicy& policy) {
  return std::clamp(policy.probes, 1U, kMostProbes);
}

// A probe may never come back, or be a stream of minutes: others are let in meanwhile.
bool lapsed(const BreakerPolicy& policy, const Word& word, std::uint64_t at_ms) {
  return elapsed(word, at_ms) >= std::max(policy.slow_after, policy.cool_down);
}

// The word after a probe was let in; nothing when none may pass.
std::optional<Word> with_probe(const BreakerPolicy& policy, Word word, std::uint64_t at_ms) {
  if (word.phase == State::kOpen) {
    if (elapsed(word, at_ms) < cool_down(policy, word)) return std::nullopt;
    return Word{.phase = State::kHalfOpen, .era = word.era + 1, .taken = 1, .growth = word.growth, .since_ms = at_ms};
  }
  if (word.taken >= probes_of(policy)) {
    if (!lapsed(policy, word, at_ms)) return std::nullopt;
    ++word.era;  // nobody waits for those under way any more
    word.taken = 0;
  }
  ++word.taken;
  word.since_ms = std::max(word.since_ms, at_ms);
  return word;
}

bool is_failure(const BreakerPolicy& policy, Outcome outcome) {
  return outcome == Outcome::kFailed || (outcome == Outcome::kSlow && policy.slow_percent > 0);
}

// The word after such a call came back, half open or open.
Word after_probe(const BreakerPolicy& policy, Word word, Breaker::Pass pass, Outcome outcome, std::uint64_t at_ms) {
  if (pass.probe && word.taken > 0) --word.taken;
  if (outcome == Outcome::kNotCounted) return word;
  if (is_failure(policy, outcome)) {
    if (word.phase == State::kOpen) return word;
    const auto growth = std::min(word.growth + 1, kMostGrowth);
    return {.phase = State::kOpen, .era = word.era + 1, .growth = growth, .since_ms = at_ms};
  }
  if (++word.succeeded >= probes_of(policy)) return {.phase = State::kClosed, .era = word.era + 1, .since_ms = at_ms};
  if (word.phase == State::kHalfOpen) return word;
  return {.phase = State::kHalfOpen, .era = word.era + 1, .succeeded = 1, .growth = word.growth, .since_ms = at_ms};
}

CallWindow::Kind kind_of(Outcome outcome) {
  if (outcome == Outcome::kFailed) return CallWindow::Kind::kFailed;
  return outcome == Outcome::kSlow ? CallWindow::Kind::kSlow : CallWindow::Kind::kGood;
}

}  // namespace

State Breaker::phase() const {
  return unpack(word_.load(std::memory_order_acquire)).phase;
}

State Breaker::state(const BreakerPolicy& policy, Instant at) const {
  const auto hold = held();
  if (hold != Hold::kNone) return hold == Hold::kClosed ? State::kClosed : State::kOpen;
  const auto word = unpack(word_.load(std::memory_order_acquire));
  const bool rested = word.phase == State::kOpen && elapsed(word, ms_of(at)) >= cool_down(policy, word);
  return rested ? State::kHalfOpen : word.phase;
}

bool Breaker::admits(const BreakerPolicy& policy, Instant at) const {
  const auto hold = held();
  if (hold != Hold::kNone) return hold == Hold::kClosed;
  const auto word = unpack(word_.load(std::memory_order_acquire));
  return word.phase == State::kClosed || with_probe(policy, word, ms_of(at)).has_value();
}

std::optional<Breaker::Pass> Breaker::enter(const BreakerPolicy& policy, Instant at) {
  const auto hold = held();
  auto seen = word_.load(std::memory_order_acquire);
  if (hold != Hold::kNone) return hold == Hold::kClosed ? std::optional(Pass{unpack(seen).era}) : std::nullopt;
  while (true) {
    const auto word = unpack(seen);
    if (word.phase == State::kClosed) return Pass{word.era};
    const auto changed = with_probe(policy, word, ms_of(at));
    if (!changed) return std::nullopt;
    const auto wanted = pack(*changed);
    if (word_.compare_exchange_weak(seen, wanted, std::memory_order_acq_rel)) return Pass{unpack(wanted).era, true};
  }
}

std::optional<Breaker::Pass> Breaker::enter_anyway(const BreakerPolicy& policy, Instant at) {
  if (auto pass = enter(policy, at)) return pass;
  if (held() == Hold::kOpen || held() == Hold::kDrained) return std::nullopt;
  return Pass{unpack(word_.load(std::memory_order_acquire)).era};
}

void Breaker::leave(const BreakerPolicy& policy, Pass pass, Outcome outcome, Instant at) {
  if (held() != Hold::kNone) return;
  const auto seen = word_.load(std::memory_order_acquire);
  if (unpack(seen).era != pass.era) return;
  if (unpack(seen).phase != State::kClosed) return leave_probing(policy, pass, outcome, ms_of(at));
  if (outcome != Outcome::kNotCounted) leave_closed(policy, seen, outcome, ms_of(at));
}

void Breaker::leave_closed(const BreakerPolicy& policy, std::uint64_t word, Outcome outcome, std::uint64_t at_ms) {
  window_.count(kind_of(outcome), at_ms);
  if (outcome != Outcome::kFailed && failures_in_row_.load(std::memory_order_relaxed) != 0) {
    failures_in_row_.store(0, std::memory_order_relaxed);
  }
  if (!is_failure(policy, outcome)) return;
  const auto in_row = outcome == Outcome::kFailed ? failures_in_row_.fetch_add(1, std::memory_order_relaxed) + 1 : 0;
  const bool enough = policy.consecutive > 0 && in_row >= policy.consecutive;
  if (!enough && !too_many(policy, at_ms)) return;
  const auto wanted = pack({.phase = State::kOpen, .era = unpack(word).era + 1, .since_ms = at_ms});
  if (word_.compare_exchange_strong(word, wanted, std::memory_order_acq_rel)) {
    openings_.fetch_add(1, std::memory_order_relaxed);
  }
}

// Half open, or open where enter_anyway() let it in.
void Breaker::leave_probing(const BreakerPolicy& policy, Pass pass, Outcome outcome, std::uint64_t at_ms) {
  auto seen = word_.load(std::memory_order_acquire);
  while (true) {
    const auto word = unpack(seen);
    if (word.era != pass.era) return;
    const auto changed = after_probe(policy, word, pass, outcome, at_ms);
    // What led to the opening is no reason for the next one. Nothing is counted before it closes.
    if (changed.phase == State::kClosed) forget();
    if (!word_.compare_exchange_weak(seen, pack(changed), std::memory_order_acq_rel)) continue;
    if (changed.phase == State::kOpen && word.phase != State::kOpen) openings_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
}

void Breaker::trip(Instant at) {
  if (held() != Hold::kNone) return;
  auto seen = word_.load(std::memory_order_acquire);
  while (true) {
    const auto word = unpack(seen);
    const auto wanted =
        pack({.phase = State::kOpen, .era = word.era + 1, .growth = word.growth, .since_ms = ms_of(at)});
    if (!word_.compare_exchange_weak(seen, wanted, std::memory_order_acq_rel)) continue;
    if (word.phase != State::kOpen) openings_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
}

void Breaker::recover(Proof proof, Instant at) {
  auto seen = word_.load(std::memory_order_acquire);
  while (held() == Hold::kNone) {
    const auto word = unpack(seen);
    const bool has_news = proof == Proof::kWhole ? word.phase != State::kClosed : word.phase == State::kOpen;
    if (!has_news) return;
    Word changed{.phase = State::kHalfOpen, .era = word.era + 1, .growth = word.growth, .since_ms = ms_of(at)};
    if (proof == Proof::kWhole) changed = {.phase = State::kClosed, .era = word.era + 1, .since_ms = ms_of(at)};
    if (proof == Proof::kWhole) forget();
    if (word_.compare_exchange_weak(seen, pack(changed), std::memory_order_acq_rel)) return;
  }
}

bool Breaker::too_many(const BreakerPolicy& policy, std::uint64_t at_ms) const {
  if (policy.failure_percent == 0 && policy.slow_percent == 0) return false;
  const auto sums = window_.sums(policy.window, at_ms);
  if (sums.calls < policy.least_calls) return false;
  const auto reaches = [&](std::uint32_t part, std::uint32_t percent) {
    return percent > 0 && std::uint64_t{part} * 100 >= std::uint64_t{sums.calls} * percent;
  };
  return reaches(sums.failed, policy.failure_percent) || reaches(sums.slow, policy.slow_percent);
}

void Breaker::forget() {
  failures_in_row_.store(0, std::memory_order_relaxed);
  window_.clear();
}

Ms Breaker::remaining(const BreakerPolicy& policy, Instant at) const {
  if (held() != Hold::kNone) return Ms(0);
  const auto word = unpack(word_.load(std::memory_order_acquire));
  if (word.phase != State::kOpen) return Ms(0);
  return std::max(Ms(0), cool_down(policy, word) - elapsed(word, ms_of(at)));
}

void Breaker::hold(Hold hold) {
  auto seen = word_.load(std::memory_order_acquire);
  while (!word_.compare_exchange_weak(seen, pack({.phase = State::kClosed, .era = unpack(seen).era + 1}),
                                      std::memory_order_acq_rel)) {
  }
  forget();
  hold_.store(hold, std::memory_order_relaxed);
}

std::string_view name(State state) {
  switch (state) {
    case State::kClosed:
      return "closed";
    case State::kOpen:
      return "open";
    default:
      return "half_open";
  }
}

std::string_view name(Hold hold) {
  switch (hold) {
    case Hold::kNone:
      return "none";
    case Hold::kOpen:
      return "open";
    case Hold::kClosed:
      return "closed";
    default:
      return "drained";
  }
}

}  // namespace sluice::provider
