#include "app/restore.h"

#include <algorithm>
#include <map>

#include "quota/rows.h"

namespace sluice::app {

namespace {

using quota::Scope;
using quota::Spending;
using Spent = std::vector<std::pair<std::int64_t, Money>>;  // by when the period begins: several end with now
using ByValue = std::map<std::string, Spent, std::less<>>;

std::string dimension_of(const quota::Book::Past& past) {
  switch (past.scope) {
    case Scope::kOrganisation:
      return "all";
    case Scope::kTag:
      return "tag:" + past.name.substr(0, past.name.find('='));
    case Scope::kSession:
      return "tag:session";
    default:
      return std::string(name(past.scope));
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

// Several periods may begin with one span.
std::vector<std::int64_t> bounds_of(const std::vector<quota::Period>& periods, std::int64_t kept_from_us, WallTime at) {
  const auto end = to_us(at) + 3'600'000'000;  // nothing has arrived later; clocks may differ a little
  std::vector<std::int64_t> bounds;
  bounds.reserve(periods.size() + 1);
  for (const auto& period : periods) {
    const auto begin = begin_of(period, kept_from_us);
    if (bounds.empty() || begin > bounds.back()) bounds.push_back(begin);
  }
  bounds.push_back(std::max(std::min(periods.back().until_us, end), bounds.back() + 1));
  return bounds;
}

// The past of accounts whose values the ledger does not all tell apart is more than what it says of them.
Spending::Known known_of(const ByValue& by_value) {
  return by_value.contains(store::kOthers) ? Spending::Known::kAtLeast : Spending::Known::kWhole;
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
        book_.count_before(scope, name, {.arrived_us = row.arrived_us, .cost = cost, .number = number});
      });
    });
  }

  Status restore(const quota::Book::Past& past, const quota::Cut& cut) {
    auto asked = ask(past);
    if (!asked) return fail_from(asked);
    const auto& by_value = **asked;
    const auto known = known_of(by_value);
    auto before = [&](const Spent* spent) {
      quota::Account::Before said{.cut = cut.number, .spent = {}, .known = known};
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
      if (value.empty() || value == store::kOthers) continue;  // of requests without the tag
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

  Result<const ByValue*> ask(const quota::Book::Past& past) {
    store::SumQuery query{.by = dimension_of(past), .bounds_us = bounds_of(past.past.periods, kept_from_us_, at_)};
    auto key = std::pair(query.by, query.bounds_us);
    if (auto known = answers_.find(key); known != answers_.end()) return &known->second;
    auto sums = ledger_.sums(query);
    if (!sums) return fail_from(sums);
    auto& by_value = answers_[std::move(key)];
    for (const auto& [from_us, value, sum] : *sums) {
      if (const auto spent = sum.cost_nanos + sum.held_nanos; spent != 0)
        by_value[value].emplace_back(from_us, Money{spent});
    }
    return &by_value;
  }

  store::Ledger& ledger_;
  quota::Book& book_;
  WallTime at_;
  std::int64_t kept_from_us_ = 0;
  std::map<std::pair<std::string, std::vector<std::int64_t>>, ByValue> answers_;
};

}  // namespace

Status restore_spending(store::Ledger& ledger, const EachWaiting& each_waiting, quota::Book& book, WallTime at) {
  return Restoring(ledger, book, at).run(each_waiting);
}

}  // namespace sluice::app
