#include "app/restore.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "quota/rows.h"

namespace sluice::app {

namespace {

using quota::Scope;
using quota::Spending;
using Spent = std::vector<std::pair<std::int64_t, Money>>;  // by when the period begins
using ByValue = std::map<std::string, Spent, std::less<>>;

// By which the ledger tells its rows apart. Whose key a row is of is no tag there.
std::vector<std::string> dimensions_of(const quota::Book::Past& past) {
  switch (past.scope) {
    case Scope::kOrganisation:
      return {"all"};
    case Scope::kTag: {
      auto tag = past.name.substr(0, past.name.find('='));
      std::vector<std::string> all{std::string(store::kTagPrefix) + tag};
      if (tag == quota::kTeamTag || tag == quota::kUserTag) all.push_back(std::move(tag));
      return all;
    }
    case Scope::kSession:
      return {std::string(store::kTagPrefix).append(quota::kSessionTag)};
    default:
      return {std::string(name(past.scope))};
  }
}

// The value of the dimension that is this account.
std::string value_of(const quota::Book::Past& past) {
  return past.scope == Scope::kTag ? past.name.substr(past.name.find('=') + 1) : past.name;
}

// Where rows are gone the ledger has whole spans alone: a period begins with one there, which counts a little more than
// there was rather than less.
std::int64_t begin_of(const quota::Period& period, std::int64_t kept_from_us) {
  const auto from = std::max<std::int64_t>(period.from_us, 0);
  return from < kept_from_us ? store::span_of(from) * store::kSpanUs : from;
}

// A clock that was ahead and is right again leaves rows that have arrived later than now: they count in the window that
// is now, of a rolling one in its last slice.
std::int64_t end_of(const quota::Account::Past& past) {
  using Kind = quota::Window::Kind;
  const auto kind = past.window.kind;
  return kind == Kind::kTotal || kind == Kind::kRolling ? store::kLatestUs : past.periods.back().until_us;
}

// Several periods may begin with one span.
std::vector<std::int64_t> bounds_of(const quota::Account::Past& past, std::int64_t kept_from_us) {
  std::vector<std::int64_t> bounds;
  bounds.reserve(past.periods.size() + 1);
  for (const auto& period : past.periods) {
    const auto begin = begin_of(period, kept_from_us);
    if (bounds.empty() || begin > bounds.back()) bounds.push_back(begin);
  }
  bounds.push_back(std::max(end_of(past), bounds.back() + 1));
  return bounds;
}

// What the ledger says of values, in the periods that were asked for.
struct Answer {
  ByValue by_value;
  Spending::Known known = Spending::Known::kWhole;
};

// Which values have accounts.
struct Wanted {
  bool all = false;
  std::set<std::string, std::less<>> some;
};

void add(Spent& spent, std::int64_t from_us, Money cost) {
  auto same = std::ranges::find(spent, from_us, &Spent::value_type::first);
  if (same == spent.end()) {
    spent.emplace_back(from_us, cost);
  } else {
    same->second.nanos += cost.nanos;
  }
}

// Callers make up values without number, and a book has so many accounts: those that cost most are kept.
void keep_the_dearest(ByValue& by_value, const Wanted& wanted, std::size_t most) {
  auto cost_of = [](const Spent& spent) {
    std::int64_t cost = 0;
    for (const auto& [from_us, some] : spent) cost += some.nanos;
    return cost;
  };
  std::vector<std::int64_t> costs;
  costs.reserve(by_value.size());
  for (const auto& [value, spent] : by_value) costs.push_back(cost_of(spent));
  const auto last = costs.begin() + static_cast<std::ptrdiff_t>(most);
  std::ranges::nth_element(costs, last, std::greater());
  auto excess = by_value.size() - most;
  std::erase_if(by_value, [&](const auto& one) {
    const bool goes = excess > 0 && cost_of(one.second) <= *last && !wanted.some.contains(one.first);
    excess -= goes ? 1 : 0;
    return goes;
  });
}

// All values of a dimension are asked for at once: one question serves the accounts of all keys.
class Restoring {
 public:
  Restoring(store::Ledger& ledger, quota::Book& book, WallTime at) : ledger_(ledger), book_(book), at_(at) {}

  Status run(const EachWaiting& each_waiting) {
    auto kept_from = ledger_.kept_from();
    if (!kept_from) return fail_from(kept_from);
    kept_from_us_ = *kept_from;
    const auto opening = book_.begin_past(at_);
    if (auto counted = count_waiting(opening.cut, each_waiting); !counted) return counted;
    for (const auto& past : opening.pasts) {
      auto& wanted = wanted_[dimensions_of(past)];
      if (past.of == quota::Book::Past::Of::kOne) {
        wanted.some.insert(value_of(past));
      } else {
        wanted.all = true;
      }
    }
    Status all;
    for (const auto& past : opening.pasts) {
      auto restored = restore(past, opening.cut);
      if (restored) continue;
      // What is asked wrongly is one account's; a ledger that does not answer does not answer others either.
      if (restored.error().kind != FaultKind::kInvalidRequest) return restored;
      all = std::move(restored);
    }
    return all;
  }

 private:
  Status count_waiting(const quota::Cut& cut, const EachWaiting& each_waiting) {
    return each_waiting(cut.row, [&](const store::ExchangeRow& row, std::uint64_t number) {
      quota::each_charge(row, [&](Scope scope, std::string_view name, std::size_t, Money cost) {
        // What a clock that was ahead called later is of now: a window that has not begun would end this one.
        const auto arrived_us = std::min(row.arrived_us, to_us(at_));
        book_.count_before(scope, name, {.arrived_us = arrived_us, .cost = cost, .number = number});
      });
    });
  }

  Status restore(const quota::Book::Past& past, const quota::Cut& cut) {
    auto asked = ask(past);
    if (!asked) return fail_from(asked);
    const auto& by_value = (*asked)->by_value;
    auto before = [&](const Spent* spent) {
      quota::Account::Before said{.cut = cut.number, .spent = {}, .known = (*asked)->known};
      const auto& periods = past.past.periods;
      for (std::size_t i = 0; i < periods.size(); ++i) {
        // What several began with is of the last of them, which leaves the window last.
        const auto begin = begin_of(periods[i], kept_from_us_);
        const bool is_last = i + 1 == periods.size() || begin_of(periods[i + 1], kept_from_us_) > begin;
        said.spent.emplace_back(periods[i], is_last ? amount_from(spent, begin) : Money{});
      }
      return said;
    };
    if (past.of == quota::Book::Past::Of::kOne) {
      auto found = by_value.find(value_of(past));
      book_.spent_before(past, past.name, before(found == by_value.end() ? nullptr : &found->second));
      return {};
    }
    for (const auto& [value, spent] : by_value) {
      book_.spent_before(past, past.scope == Scope::kTag ? past.name + "=" + value : value, before(&spent));
    }
    book_.close_past(past, before(nullptr));
    return {};
  }

  static Money amount_from(const Spent* spent, std::int64_t begin_us) {
    if (!spent) return {};
    const auto found = std::ranges::find(*spent, begin_us, &Spent::value_type::first);
    return found == spent->end() ? Money{} : found->second;
  }

  Result<const Answer*> ask(const quota::Book::Past& past) {
    auto key = std::pair(dimensions_of(past), bounds_of(past.past, kept_from_us_));
    if (auto known = answers_.find(key); known != answers_.end()) return &known->second;
    const auto& wanted = wanted_[key.first];
    Answer answer;
    for (const auto& dimension : key.first) {
      const bool is_whole = dimension == "all" || dimension.starts_with(store::kTagPrefix);
      auto told = ledger_.each_cost({.by = dimension, .bounds_us = key.second},
                                    [&](std::int64_t from_us, std::string_view value, std::int64_t nanos) {
                                      if (value.empty() && !is_whole) return;  // of nobody
                                      take(answer, wanted, value, {from_us, Money{nanos}});
                                    });
      if (!told) return fail_from(told);
      if (*told == store::Ledger::Told::kNotAll) answer.known = Spending::Known::kAtLeast;
    }
    return &answers_.emplace(std::move(key), std::move(answer)).first->second;
  }

  static void take(Answer& answer, const Wanted& wanted, std::string_view value, const Spent::value_type& cost) {
    constexpr auto kMost = quota::Book::kMostVisited;
    if (!wanted.all && !wanted.some.contains(value)) return;
    auto place = answer.by_value.find(value);
    if (place == answer.by_value.end()) place = answer.by_value.emplace(value, Spent()).first;
    add(place->second, cost.first, cost.second);
    if (!wanted.all || answer.by_value.size() < 2 * kMost) return;
    keep_the_dearest(answer.by_value, wanted, kMost);
    answer.known = Spending::Known::kAtLeast;
  }

  store::Ledger& ledger_;
  quota::Book& book_;
  WallTime at_;
  std::int64_t kept_from_us_ = 0;
  std::map<std::pair<std::vector<std::string>, std::vector<std::int64_t>>, Answer> answers_;
  std::map<std::vector<std::string>, Wanted> wanted_;  // by dimensions
};

}  // namespace

Status restore_spending(store::Ledger& ledger, const EachWaiting& each_waiting, quota::Book& book, WallTime at) {
  return Restoring(ledger, book, at).run(each_waiting);
}

}  // namespace sluice::app
