#include "quota/book.h"

#include <algorithm>
#include <map>

namespace sluice::quota {

Book::Book(Metrics& metrics, std::size_t most_visited)
    : most_visited_(most_visited),
      limit_usd_(metrics.money_gauge("sluice_budget_limit_usd", "What a budget allows, in US dollars.",
                                     {"scope", "account", "window"})),
      spent_usd_(metrics.money_gauge("sluice_budget_spent_usd", "What of a budget is spent in its window.",
                                     {"scope", "account", "window"})),
      reserved_usd_(metrics.money_gauge("sluice_budget_reserved_usd", "What is set aside for requests under way.",
                                        {"scope", "account", "window"})),
      refused_(metrics.counter("sluice_limit_refusals", "Requests refused for want of room under a limit.",
                               {"scope", "limit"})),
      alerts_(metrics.counter("sluice_budget_alerts", "Thresholds of budgets that were passed.",
                              {"scope", "account", "window", "percent"})),
      estimated_(metrics.counter("sluice_budget_estimated",
                                 "Tries charged at their worst case, for nobody told what they used.", {"scope"})),
      unpriced_(metrics.counter("sluice_budget_unpriced",
                                "Tries under a budget whose worst case has no known bound or price.", {"scope"})),
      forgotten_(metrics.counter("sluice_accounts_forgotten", "Accounts of tags and sessions that had to make room.",
                                 {"scope"})) {}

Book::~Book() = default;

Account& Book::find(Scope scope, std::string_view name) {
  auto& accounts = accounts_[static_cast<std::size_t>(scope)];
  auto found = accounts.find(name);
  if (found == accounts.end()) {
    found = accounts
                .emplace(std::string(name), std::make_unique<Account>(scope, std::string(name), ++made_,
                                                                      static_cast<Observer&>(*this), cuts_))
                .first;
  }
  return *found->second;
}

Account& Book::account(Scope scope, std::string_view name) {
  std::lock_guard lock(mutex_);
  return find(scope, name);
}

void Book::give(Account& account, const Terms& terms) {
  account.set_terms(terms, [this](const std::string& name) -> const Zone& { return zone(name); });
  if (terms.any()) wanted_[static_cast<std::size_t>(account.scope())] = true;
}

void Book::set_terms(Scope scope, std::string_view name, Terms terms) {
  std::lock_guard lock(mutex_);
  give(find(scope, name), terms);
}

void Book::configure(std::vector<AccountTerms> accounts, std::vector<EachTerms> each) {
  std::lock_guard lock(mutex_);
  auto before = std::move(configured_);
  configured_.clear();
  configured_.reserve(accounts.size());
  for (const auto& [scope, name, terms] : accounts) {
    give(find(scope, name), terms);
    configured_.emplace_back(scope, name);
  }
  std::ranges::sort(configured_);
  for (const auto& [scope, name] : before) {
    if (!std::ranges::binary_search(configured_, std::pair(scope, name))) give(find(scope, name), {});
  }
  const auto each_before = std::exchange(each_, {});
  for (auto& one : each) {
    wanted_[static_cast<std::size_t>(one.scope)] = true;
    keep_begun(each_.emplace_back(std::move(one), std::vector<Each::Begun>()), each_before);
  }
  for (auto& one : visited_) {
    const auto* terms = each_of(one.account->scope(), one.account->name());
    give(*one.account, terms ? terms->terms.terms : Terms{});
  }
}

// A window that was there goes on, another one begins.
void Book::keep_begun(Each& each, const std::vector<Each>& before) {
  for (const auto& budget : each.terms.terms.budgets) {
    Each::Begun begun;
    for (const auto& [terms, its] : before) {
      if (terms.scope != each.terms.scope || terms.name != each.terms.name) continue;
      const auto same = std::ranges::find(terms.terms.budgets, budget.window, &BudgetTerms::window);
      if (same != terms.terms.budgets.end()) begun = its[static_cast<std::size_t>(same - terms.terms.budgets.begin())];
    }
    if (begun.cut.number == 0) begun.cut = cuts_.make();
    each.begun.push_back(begun);
  }
}

const Book::Each* Book::each_of(Scope scope, std::string_view name) const {
  const auto tag = scope == Scope::kTag ? name.substr(0, name.find('=')) : std::string_view();
  for (const auto& one : each_) {
    if (one.terms.scope == scope && one.terms.name == tag) return &one;
  }
  return nullptr;
}

Book::Visit Book::visit(Scope scope, std::string_view name) {
  if (!wants(scope)) return {};
  std::lock_guard lock(mutex_);
  const auto& accounts = accounts_[static_cast<std::size_t>(scope)];
  auto own = accounts.find(name);
  if (own != accounts.end() && (own->second->has_budgets() || own->second->has_limits()))
    return Visit(*own->second, nullptr);
  auto* visited = visit_each(scope, name);
  if (!visited) return {};
  visited->pins.fetch_add(1, std::memory_order_relaxed);
  return Visit(*visited->account, &visited->pins);
}

Book::Visited* Book::visit_each(Scope scope, std::string_view name) {
  auto& known = by_name_[static_cast<std::size_t>(scope)];
  if (auto found = known.find(name); found != known.end()) {
    visited_.splice(visited_.begin(), visited_, found->second);
    return &visited_.front();
  }
  const auto* each = each_of(scope, name);
  if (!each) return nullptr;
  make_room();
  auto& made = visited_.emplace_front();
  made.account = std::make_unique<Account>(scope, std::string(name), ++made_, static_cast<Observer&>(*this), cuts_);
  give(*made.account, each->terms.terms);
  for (std::size_t i = 0; i < each->begun.size(); ++i)
    made.account->begin_from(each->terms.terms.budgets[i].window, each->begun[i].cut, each->begun[i].past_known);
  known.emplace(std::string(name), visited_.begin());
  return &made;
}

void Book::make_room() {
  constexpr int kLooks = 16;  // those that are held are few
  auto oldest = visited_.end();
  for (int i = 0; i < kLooks && visited_.size() >= most_visited_ && oldest != visited_.begin(); ++i) {
    --oldest;
    if (oldest->pins.load(std::memory_order_acquire) > 0) continue;
    forgotten_.find({quota::name(oldest->account->scope())}).add();
    by_name_[static_cast<std::size_t>(oldest->account->scope())].erase(oldest->account->name());
    oldest = visited_.erase(oldest);
  }
}

std::size_t Book::visited() const {
  std::lock_guard lock(mutex_);
  return visited_.size();
}

const Zone& Book::zone(const std::string& name) {
  auto& known = zones_[name];
  if (!known) known = std::make_unique<Zone>(Zone::load(name).value_or(Zone()));  // names were checked before
  return *known;
}

bool Book::has_unknown_past() {
  std::lock_guard lock(mutex_);
  auto is_unknown = [](const Each& one) { return !std::ranges::all_of(one.begun, &Each::Begun::past_known); };
  if (std::ranges::any_of(each_, is_unknown)) return true;
  return std::ranges::any_of(accounts_, [](const auto& accounts) {
    return std::ranges::any_of(accounts, [](const auto& one) { return one.second->has_unknown_past(); });
  });
}

Book::Opening Book::begin_past(WallTime at) {
  Opening opening;
  std::lock_guard lock(mutex_);
  for (const auto& accounts : accounts_) {
    for (const auto& [name, account] : accounts) {
      if (!account->has_budgets()) continue;
      for (auto& past : account->begin_past(at))
        opening.pasts.push_back({account->scope(), name, Past::Of::kOne, std::move(past)});
    }
  }
  begin_past_of_each(opening.pasts, at);
  opening.cut = cuts_.make();
  return opening;
}

void Book::begin_past_of_each(std::vector<Past>& all, WallTime at) {
  for (auto& visited : visited_) visited.account->begin_past(at);
  for (auto& [terms, begun] : each_) {
    for (std::size_t i = 0; i < begun.size(); ++i) {
      if (begun[i].past_known) continue;
      begun[i].cut = cuts_.make();
      const auto& window = terms.terms.budgets[i].window;
      Spending spending(window, zone(window.zone));
      all.push_back({terms.scope, terms.name, Past::Of::kEach, {window, spending.periods(to_us(at))}});
    }
  }
}

// With the mutex held: until it is given back the account stays.
Account* Book::account_to_count(Scope scope, std::string_view name) {
  auto& accounts = accounts_[static_cast<std::size_t>(scope)];
  auto own = accounts.find(name);
  if (own != accounts.end() && own->second->has_budgets()) return own->second.get();
  const auto* each = each_of(scope, name);
  auto* visited = each && !each->begun.empty() ? visit_each(scope, name) : nullptr;
  return visited ? visited->account.get() : nullptr;
}

void Book::count_before(Scope scope, std::string_view name, const Account::Row& row) {
  std::lock_guard lock(mutex_);
  if (auto* account = account_to_count(scope, name)) account->count_before(row);
}

void Book::count_late(Scope scope, std::string_view name, const Account::Row& row, std::uint64_t counted,
                      std::span<Account* const> accounts) {
  std::lock_guard lock(mutex_);
  auto* account = account_to_count(scope, name);
  if (account) account->count_late(row, std::ranges::find(accounts, account) == accounts.end() ? 0 : counted);
}

void Book::spent_before(const Past& past, std::string_view name, const Account::Before& before) {
  std::lock_guard lock(mutex_);
  if (auto* account = account_to_count(past.scope, name)) account->spent_before(past.past.window, before);
}

void Book::close_past(const Past& past, const Account::Before& nothing) {
  std::lock_guard lock(mutex_);
  for (auto& [terms, begun] : each_) {
    if (terms.scope != past.scope || terms.name != past.name) continue;
    for (std::size_t i = 0; i < begun.size(); ++i) {
      if (terms.terms.budgets[i].window == past.past.window && begun[i].cut.number <= nothing.cut)
        begun[i].past_known = true;
    }
  }
  for (auto& visited : visited_) {
    const auto& account = *visited.account;
    const auto* each = each_of(account.scope(), account.name());
    if (each && each->terms.scope == past.scope && each->terms.name == past.name)
      visited.account->spent_before(past.past.window, nothing);
  }
}

void Book::forget_past() {
  std::lock_guard lock(mutex_);
  for (const auto& accounts : accounts_) {
    for (const auto& [name, account] : accounts) account->forget_past();
  }
  for (auto& visited : visited_) visited.account->forget_past();
  for (auto& each : each_) {
    for (auto& begun : each.begun) begun = {.cut = cuts_.make(), .past_known = false};
  }
}

void Book::passed(const Account& account, const Passing& passing) {
  alerts_.find({name(account.scope()), account.name(), to_text(passing.budget.window), std::to_string(passing.percent)})
      .add();
  if (tell_) tell_({account.scope(), account.name(), passing});
}

void Book::refresh(WallTime at) {
  std::vector<Account*> all;
  {
    std::lock_guard lock(mutex_);
    for (const auto& accounts : accounts_) {
      for (const auto& [name, account] : accounts) {
        if (account->has_budgets()) all.push_back(account.get());
      }
    }
  }
  for (const auto* account : all) {
    std::map<std::string, int> alike;  // a hard and a soft budget may have one window
    for (const auto& budget : account->budgets(at)) {
      auto window = to_text(budget.terms.window);
      if (const auto number = ++alike[window]; number > 1) window += " #" + std::to_string(number);
      const Metrics::Labels labels{name(account->scope()), account->name(), window};
      limit_usd_.find(labels).set(budget.terms.limit);
      spent_usd_.find(labels).set(budget.used.spent);
      reserved_usd_.find(labels).set(budget.used.reserved);
    }
  }
}

void Book::count_refusal(Scope scope, std::string_view limit) {
  refused_.find({name(scope), limit}).add();
}

void Book::tell_unpriced(const UnpricedUse& use, std::int64_t at_us) {
  constexpr std::int64_t kHourUs = 3'600'000'000;
  {
    std::lock_guard lock(mutex_);
    if (std::exchange(unpriced_hour_, at_us / kHourUs) != at_us / kHourUs) unpriced_told_.clear();
    if (unpriced_told_.size() == kMostUnpriced) return;
    if (!unpriced_told_.insert(use.deployment + ' ' + use.model).second) return;
  }
  if (tell_unpriced_) tell_unpriced_(use);
}

void Book::count_unpriced(Scope scope) {
  unpriced_.find({name(scope)}).add();
}

void Book::count_estimated(Scope scope) {
  estimated_.find({name(scope)}).add();
}

}  // namespace sluice::quota
