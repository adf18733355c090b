#include "quota/account.h"

#include <algorithm>
#include <stdexcept>

namespace sluice::quota {

Account::Account(Scope scope, std::string name, std::uint64_t order, Observer& observer, Cuts& cuts)
    : scope_(scope), name_(std::move(name)), order_(order), observer_(observer), cuts_(cuts) {}

void Account::set_terms(Terms terms, const ZoneOf& zone_of) {
  std::lock_guard lock(mutex_);
  limits_ = terms.limits;
  if (limits_.any() && !rates_) rates_ = std::make_unique<Rates>();
  for (auto& budget : budgets_) budget->active = false;
  if (terms.budgets.size() > kMostBudgets) terms.budgets.resize(kMostBudgets);
  for (const auto& wanted : terms.budgets) {
    auto& budget = place_for(wanted.window, terms.budgets, zone_of);
    if (budget.active) continue;
    budget.active = true;
    if (budget.terms.limit != wanted.limit) budget.passed = 0;  // its thresholds are others now
    budget.terms = wanted;
  }
  has_limits_ = limits_.any();
  has_budgets_ = std::ranges::any_of(budgets_, [](const auto& budget) { return budget->active; });
  for (auto& budget : budgets_) {
    if (!budget->active) budget->cut = {};  // what is spent meanwhile is not counted here: the ledger knows
    if (!budget->active || budget->cut.number != 0) continue;
    begin_books(*budget);  // behind has_budgets_, see Budget::run()
    carry(*budget);
  }
}

void Account::begin_books(Budget& budget) {
  budget.cut = cuts_.make();
  budget.past_known = false;
  budget.spending.begin_books();
}

// What is under way is set aside in a budget that begins, too; its rows will say what it cost.
void Account::carry(Budget& budget) {
  budget.spending.give_back(budget.carried_at_us, budget.carried);
  budget.carried = Money{open_.nanos - budget.held.nanos};
  budget.carried_at_us = newest_us_;
  budget.carried_cut = budget.cut.number;
  budget.spending.reserve(budget.carried_at_us, budget.carried);
}

// The counters of this window, new ones where there are none: in the place of one that is not wanted, if it must be.
// There is one, for no more than half of the places are. Requests under way that were set aside there lose nothing:
// what comes in its place has them carried, and so has that window if it is wanted again.
Account::Budget& Account::place_for(const Window& window, std::span<const BudgetTerms> wanted, const ZoneOf& zone_of) {
  for (auto& budget : budgets_) {
    if (budget->terms.window == window) return *budget;
  }
  auto made = std::make_unique<Budget>(Budget{.terms = {.limit = {}, .window = window},
                                              .spending = Spending(window, zone_of(window.zone)),
                                              .active = false,
                                              .since = cuts_.made() + 1});
  if (budgets_.size() < kMostWindows) return *budgets_.emplace_back(std::move(made));
  auto is_wanted = [&](const auto& budget) {
    return std::ranges::find(wanted, budget->terms.window, &BudgetTerms::window) != wanted.end();
  };
  auto place =
      std::ranges::find_if(budgets_, [&](const auto& budget) { return budget->holds == 0 && !is_wanted(budget); });
  if (place == budgets_.end()) place = std::ranges::find_if_not(budgets_, is_wanted);
  *place = std::move(made);
  return **place;
}

Terms Account::terms() const {
  std::lock_guard lock(mutex_);
  Terms terms{.limits = limits_};
  terms.budgets.reserve(budgets_.size());
  for (const auto& budget : budgets_) {
    if (budget->active) terms.budgets.push_back(budget->terms);
  }
  return terms;
}

std::vector<BudgetState> Account::budgets(WallTime at) const {
  const auto at_us = to_us(at);
  std::lock_guard lock(mutex_);
  std::vector<BudgetState> states;
  states.reserve(budgets_.size());
  for (const auto& budget : budgets_) {
    if (!budget->active) continue;
    auto renews = budget->spending.leaves_us(at_us, Money{1});
    states.push_back(
        {budget->terms, budget->spending.used(at_us), renews ? std::optional(from_us(*renews)) : std::nullopt});
  }
  return states;
}

bool Account::is_spent(WallTime at) const {
  if (!has_budgets()) return false;
  const auto at_us = to_us(at);
  std::lock_guard lock(mutex_);
  return std::ranges::any_of(budgets_, [&](const auto& budget) {
    return budget->active && budget->terms.hard && budget->spending.used(at_us).all() >= budget->terms.limit;
  });
}

std::uint32_t Account::running() const {
  std::lock_guard lock(mutex_);
  return rates_ ? rates_->running : 0;
}

std::vector<Account::Past> Account::begin_past(WallTime at) {
  std::vector<Past> all;
  std::lock_guard lock(mutex_);
  for (auto& budget : budgets_) {
    if (!budget->active || budget->past_known) continue;
    begin_books(*budget);
    all.push_back({budget->terms.window, budget->spending.periods(to_us(at))});
  }
  return all;
}

bool Account::has_unknown_past() const {
  std::lock_guard lock(mutex_);
  return std::ranges::any_of(budgets_, [](const auto& budget) { return budget->active && !budget->past_known; });
}

void Account::forget_past() {
  std::lock_guard lock(mutex_);
  for (auto& budget : budgets_) {
    if (budget->active) begin_books(*budget);
  }
}

void Account::count_before(const Row& row) {
  std::lock_guard lock(mutex_);
  for (auto& budget : budgets_) {
    if (budget->active && !budget->past_known && row.number <= budget->cut.row)
      budget->spending.spend(row.arrived_us, row.cost, Spending::Books::kNew);
  }
}

void Account::count_late(const Row& row, std::uint64_t counted) {
  std::lock_guard lock(mutex_);
  for (auto& budget : budgets_) {
    if (!budget->active || counted >= budget->cut.number) continue;
    if (row.number != 0 && row.number <= budget->cut.row) continue;  // count_before() has it, or the ledger
    budget->spending.spend(row.arrived_us, row.cost,
                           budget->past_known ? Spending::Books::kPresent : Spending::Books::kNew);
  }
}

void Account::spent_before(const Window& window, const Before& before) {
  std::lock_guard lock(mutex_);
  for (auto& budget : budgets_) {
    if (!budget->active || budget->past_known || budget->terms.window != window) continue;
    if (budget->cut.number > before.cut) continue;
    for (const auto& [period, amount] : before.spent) budget->spending.close_books(period, amount, before.known);
    budget->past_known = true;
  }
}

void Account::begin_from(const Window& window, Cut cut, bool past_known) {
  std::lock_guard lock(mutex_);
  for (auto& budget : budgets_) {
    if (budget->terms.window != window) continue;
    budget->cut = cut;
    budget->past_known = past_known;
  }
}

// The highest threshold that is passed now and was not in this window.
std::optional<Passing> Account::note_passing(Budget& budget, std::int64_t at_us) {
  if (!budget.active || budget.terms.alerts_percent.empty()) return std::nullopt;
  const auto spent = budget.spending.used(at_us).spent;
  std::uint32_t passed = 0;
  for (const auto percent : budget.terms.alerts_percent) {
    const auto threshold = static_cast<__int128>(budget.terms.limit.nanos) * percent / 100;
    if (spent.nanos > 0 && spent.nanos >= threshold) passed = std::max(passed, percent);
  }
  const auto period = budget.spending.period(at_us);
  if (budget.passed_in != period) budget.passed = 0;
  budget.passed_in = period;
  if (passed <= budget.passed) {
    if (budget.terms.window.kind == Window::Kind::kRolling) budget.passed = passed;  // it may be passed once more
    return std::nullopt;
  }
  budget.passed = passed;
  return Passing{budget.terms, period, passed, spent};
}

Together::Together(std::span<Account* const> accounts, Having having) {
  auto is_wanted = [having](const Account& account) {
    if (having == Having::kAnything) return true;
    return having == Having::kBudgets ? account.has_budgets() : account.has_limits();
  };
  for (auto* account : accounts) {
    if (!account || !is_wanted(*account)) continue;
    auto place = std::lower_bound(accounts_.begin(), accounts_.begin() + count_, account,
                                  [](const Account* a, const Account* b) { return a->order() < b->order(); });
    if (place != accounts_.begin() + count_ && *place == account) continue;
    if (count_ == kMost) throw std::length_error("more accounts at once than Together::kMost");
    std::move_backward(place, accounts_.begin() + count_, accounts_.begin() + count_ + 1);
    *place = account;
    ++count_;
  }
  for (auto* account : this->accounts()) account->mutex_.lock();
}

Together::~Together() {
  for (auto* account : accounts()) account->mutex_.unlock();
}

}  // namespace sluice::quota
