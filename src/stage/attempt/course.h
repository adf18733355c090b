// The course of one request's tries: which candidate comes next, and after what pause. Pure logic, no clock of its own.
//
// Each candidate is tried once, in their order, without a pause; those whose circuit breaker is open behind the others.
// When all have failed, those that may be tried again are, after a pause and as often as the route says; first those
// that are owed a try, last those that asked for a longer pause.
//
// Thread rule: one exchange.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.h"
#include "exchange/try.h"
#include "provider/failure.h"

namespace sluice::stage {

class Course {
 public:
  // `retries`: further tries of one candidate. `longest_pause`: one that asks for more is not tried again.
  Course(std::size_t candidates, std::uint32_t retries, Ms longest_pause);
  Course(const Course&) = delete;
  Course& operator=(const Course&) = delete;

  struct Step {
    std::size_t candidate = 0;
    Begun why = Begun::kFirst;
    Ms pause{0};
    bool owed = false;  // whatever `retries` says
  };
  std::optional<Step> next(Instant at) const;  // nothing: none is left
  // Whether what failed last is to be tried again before anything else.
  bool insists() const { return again_.has_value(); }
  // A candidate that was never tried, to be tried beside another one.
  std::optional<std::size_t> untried() const;

  void began(std::size_t candidate);
  // `asked`: the pause that the provider asks for; without it `backoff` is made.
  void failed(std::size_t candidate, provider::Remedy remedy, std::optional<Ms> asked, Ms backoff, Instant at);
  // Before failed(): it is to be tried once more whatever `retries` says, for the next try is another one.
  void owe(std::size_t candidate);
  void put_off(std::size_t candidate);      // its breaker is open
  void had_no_room(std::size_t candidate);  // it was not let in, and may wait in the queue when no other is left
  void take_back(std::size_t candidate);    // it was never begun
  void rule_out(std::size_t candidate);
  void give_up();                    // no try helps
  void add(std::size_t candidates);  // further ones, behind the others
  std::uint32_t tries_of(std::size_t candidate) const { return states_[candidate].tries; }

 private:
  struct State {
    std::uint32_t tries = 0;
    bool out = false;
    bool put_off = false;
    bool owed = false;
    Instant asked_until{};
    Instant not_before{};
  };
  bool may_repeat(const State& state) const {
    return !state.out && state.tries > 0 && (state.owed || state.tries <= retries_);
  }
  Step step(std::size_t candidate, Begun why, Instant at) const;

  static constexpr std::size_t kFew = 2;  // candidates need no memory of their own

  std::array<State, kFew> few_;
  std::vector<State> many_;
  std::span<State> states_;  // of one of the two
  std::uint32_t retries_;
  Ms longest_pause_;
  std::optional<std::size_t> again_;  // it failed last and its remedy is to try it again before others
  bool begun_ = false;
};

}  // namespace sluice::stage
