#include "quota/reservation.h"

#include <algorithm>
#include <utility>

namespace sluice::quota {

template <class Visit>
void Reservation::each_budget(const Held& held, Visit&& visit) {
  for (std::size_t i = 0; i < held.account->budgets_.size(); ++i) {
    auto& budget = *held.account->budgets_[i];
    const bool is_own = (held.budgets >> i & 1) != 0 && held.seen >= budget.since;
    if (is_own || held.seen < budget.carried_cut) visit(budget, is_own);
  }
}

// With the account's lock held.
void Reservation::change(const Held& held, Money by) const {
  held.account->open_.nanos += by.nanos;
  held.account->newest_us_ = std::max(held.account->newest_us_, at_us_);
  each_budget(held, [&](Account::Budget& budget, bool is_own) {
    (is_own ? budget.held : budget.carried).nanos += by.nanos;
    budget.spending.reserve(is_own ? at_us_ : budget.carried_at_us, by);
  });
}

// Accounts that have no budget now may get one meanwhile.
void Reservation::open_elsewhere(std::span<Account* const> accounts) {
  for (auto* account : accounts) {
    auto is_here = [&](const Held& held) { return held.account == account; };
    if (!account || count_ == held_.size() || std::ranges::any_of(std::span(held_).first(count_), is_here)) continue;
    std::lock_guard lock(account->mutex_);
    auto& held = held_[count_++] = {account, 0, account->cuts_.made()};
    change(held, amount_);
  }
}

std::expected<Reservation, Shortage> Reservation::make(std::span<Account* const> accounts, const Claim& claim) {
  auto made = make_together(accounts, claim);
  if (made && made->count_ > 0) made->open_elsewhere(accounts);
  return made;
}

std::expected<Reservation, Shortage> Reservation::make_together(std::span<Account* const> accounts,
                                                                const Claim& claim) {
  Reservation made;
  made.at_us_ = to_us(claim.arrived);
  const Together together(accounts, Together::Having::kBudgets);
  // Visits the budgets that are in force.
  auto each = [&](auto&& visit) {
    for (auto* account : together.accounts()) {
      for (std::size_t i = 0; i < account->budgets_.size(); ++i) {
        if (account->budgets_[i]->active) visit(*account, *account->budgets_[i], i);
      }
    }
  };
  Money granted = claim.most;
  const Account* poorest = nullptr;  // of those without room
  Account::Budget* lacking = nullptr;
  Money least_left{};
  std::optional<std::int64_t> room_us = 0;  // when all of the caller's have it
  each([&](const Account& account, Account::Budget& budget, std::size_t) {
    const Money left{budget.terms.limit.nanos - budget.spending.used(made.at_us_).all().nanos};
    const bool is_least = !made.left_before_ || left < *made.left_before_;
    if (is_least && !is_cap(account.scope())) made.left_before_ = left;
    if (budget.terms.hard && budget.terms.strict && left >= claim.least) granted = std::min(granted, left);
  });
  each([&](Account& account, Account::Budget& budget, std::size_t) {
    const Money left{budget.terms.limit.nanos - budget.spending.used(made.at_us_).all().nanos};
    if (!budget.terms.hard || granted.nanos == 0 || left >= granted) return;
    if (room_us && !is_cap(account.scope())) {
      const bool may_fit = granted <= budget.terms.limit;
      const auto leaves = budget.spending.leaves_us(made.at_us_, Money{granted.nanos - left.nanos});
      room_us = may_fit && leaves ? std::optional(std::max(*room_us, *leaves)) : std::nullopt;
    }
    if (lacking && left >= least_left) return;
    poorest = &account;
    lacking = &budget;
    least_left = left;
  });
  if (lacking) {
    Shortage shortage{.account = poorest, .budget = {lacking->terms, lacking->spending.used(made.at_us_), {}}};
    const auto renews = lacking->spending.leaves_us(made.at_us_, Money{1});
    if (renews) shortage.budget.renews = from_us(*renews);
    if (room_us > 0) shortage.room = from_us(*room_us);
    return std::unexpected(std::move(shortage));
  }
  made.amount_ = granted;
  if (!together.accounts().empty()) made.counted_ = together.accounts().front()->cuts_.made();
  each([&](Account& account, Account::Budget& budget, std::size_t place) {
    if (made.count_ == 0 || made.held_[made.count_ - 1].account != &account)
      made.held_[made.count_++] = {&account, 0, made.counted_};
    made.held_[made.count_ - 1].budgets |= 1U << place;
    ++budget.holds;
  });
  for (const auto& held : std::span(made.held_).first(made.count_)) made.change(held, granted);
  return made;
}

Reservation::Reservation(Reservation&& other) noexcept
    : held_(other.held_),
      count_(std::exchange(other.count_, 0)),
      amount_(other.amount_),
      at_us_(other.at_us_),
      counted_(other.counted_),
      left_before_(other.left_before_) {}

Reservation& Reservation::operator=(Reservation&& other) noexcept {
  if (this == &other) return *this;
  release(Money{});
  held_ = other.held_;
  count_ = std::exchange(other.count_, 0);
  amount_ = other.amount_;
  at_us_ = other.at_us_;
  counted_ = other.counted_;
  left_before_ = other.left_before_;
  return *this;
}

bool Reservation::extend(Money more) {
  std::array<Account*, Together::kMost> accounts{};
  for (std::size_t i = 0; i < count_; ++i) accounts[i] = held_[i].account;
  const Together together(std::span(accounts).first(count_), Together::Having::kAnything);
  bool fits = true;
  for (const auto& held : std::span(held_).first(count_)) {
    each_budget(held, [&](Account::Budget& budget, bool) {
      const auto used = budget.spending.used(at_us_).all();
      if (budget.active && budget.terms.hard && budget.terms.limit.nanos - used.nanos < more.nanos) fits = false;
    });
  }
  if (!fits) return false;
  for (const auto& held : std::span(held_).first(count_)) change(held, more);
  amount_.nanos += more.nanos;
  return true;
}

void Reservation::shrink(Money to) {
  if (to >= amount_) return;
  for (const auto& held : std::span(held_).first(count_)) {
    std::lock_guard lock(held.account->mutex_);
    change(held, Money{to.nanos - amount_.nanos});
  }
  amount_ = to;
}

void Reservation::release(Money cost) {
  const auto count = std::exchange(count_, 0);
  for (const auto& held : std::span(held_).first(count)) {
    std::vector<Passing> passed;
    {
      std::lock_guard lock(held.account->mutex_);
      change(held, Money{-amount_.nanos});
      each_budget(held, [&](Account::Budget& budget, bool is_own) {
        if (!is_own) return;
        --budget.holds;
        if (cost.nanos == 0) return;
        // Of books that have begun since it is no part: its row will say it.
        const bool counts = counted_ >= budget.cut.number;
        if (!counts && budget.past_known) return;
        budget.spending.spend(at_us_, cost, counts ? Spending::Books::kBoth : Spending::Books::kPresent);
        if (auto one = held.account->note_passing(budget, at_us_)) passed.push_back(std::move(*one));
      });
    }
    for (const auto& one : passed) held.account->observer_.passed(*held.account, one);
  }
}

}  // namespace sluice::quota
