#include "stage/attempt/course.h"

#include <algorithm>
#include <tuple>

namespace sluice::stage {

Course::Course(std::size_t candidates, std::uint32_t retries, Ms longest_pause)
    : retries_(retries), longest_pause_(longest_pause) {
  add(candidates);
}

Course::Step Course::step(std::size_t candidate, Begun why, Instant at) const {
  auto not_before = states_[candidate].not_before;
  auto pause = not_before > at ? std::chrono::ceil<Ms>(not_before - at) : Ms(0);
  return {candidate, why, pause, states_[candidate].owed};
}

std::optional<std::size_t> Course::untried() const {
  auto found = std::ranges::find_if(states_, [](const State& s) { return s.tries == 0 && !s.out && !s.put_off; });
  if (found == states_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - states_.begin());
}

std::optional<Course::Step> Course::next(Instant at) const {
  if (again_) return step(*again_, Begun::kRetry, at);
  if (auto first = untried()) return step(*first, begun_ ? Begun::kFallback : Begun::kFirst, at);
  auto rest = std::ranges::find_if(states_, [](const State& s) { return s.put_off && s.tries == 0 && !s.out; });
  if (rest != states_.end()) return step(static_cast<std::size_t>(rest - states_.begin()), Begun::kLastResort, at);
  const State* best = nullptr;
  const auto rank = [](const State& state) { return std::tuple(!state.owed, state.asked_until, state.tries); };
  for (const auto& state : states_) {
    if (may_repeat(state) && (!best || rank(state) < rank(*best))) best = &state;
  }
  if (!best) return std::nullopt;
  return step(static_cast<std::size_t>(best - states_.data()), Begun::kRetry, at);
}

void Course::began(std::size_t candidate) {
  ++states_[candidate].tries;
  states_[candidate].owed = false;
  again_.reset();
  begun_ = true;
}

void Course::failed(std::size_t candidate, provider::Remedy remedy, std::optional<Ms> asked, Ms backoff, Instant at) {
  auto& state = states_[candidate];
  const auto pause = asked.value_or(backoff);
  if (remedy == provider::Remedy::kGiveUp) return give_up();
  state.out = remedy == provider::Remedy::kElsewhereOnly || pause > longest_pause_;
  state.asked_until = asked ? at + pause : Instant{};
  state.not_before = at + pause;
  if (remedy == provider::Remedy::kAgain && may_repeat(state)) again_ = candidate;
}

void Course::owe(std::size_t candidate) {
  states_[candidate].owed = true;
}

void Course::put_off(std::size_t candidate) {
  auto& state = states_[candidate];
  if (state.tries > 0) {
    state.out = true;  // it opened meanwhile
  } else {
    state.put_off = true;
  }
  again_.reset();
}

void Course::take_back(std::size_t candidate) {
  --states_[candidate].tries;
}

void Course::had_no_room(std::size_t candidate) {
  take_back(candidate);
  put_off(candidate);
}

void Course::rule_out(std::size_t candidate) {
  states_[candidate].out = true;
  again_.reset();
}

void Course::give_up() {
  for (auto& state : states_) state.out = true;
  again_.reset();
}

void Course::add(std::size_t candidates) {
  const auto count = states_.size() + candidates;
  if (count <= kFew) {
    states_ = std::span(few_).first(count);
    return;
  }
  if (many_.empty()) many_.assign(states_.begin(), states_.end());
  many_.resize(count);
  states_ = many_;
}

}  // namespace sluice::stage
