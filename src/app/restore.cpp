#include "app/restore.h"

#include <algorithm>
#include <map>

namespace sluice::app {

namespace {

using quota::Scope;
using Spent = std::vector<std::pair<quota::Period, Money>>;

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

std::vector<std::int64_t> bounds_of(const std::vector<quota::Period>& periods, WallTime at) {
  const auto end = quota::to_us(at) + 3'600'000'000;  // nothing has arrived later; clocks may differ a little
  std::vector<std::int64_t> bounds;
  bounds.reserve(periods.size() + 1);
  for (const auto& period : periods) bounds.push_back(std::max<std::int64_t>(period.from_us, 0));
  bounds.push_back(std::max(std::min(periods.back().until_us, end), bounds.back() + 1));
  return bounds;
}

// All values of a dimension are asked for at once: one question serves the accounts of all keys.
class Restoring {
 public:
  Restoring(store::Ledger& ledger, quota::Book& book, WallTime at) : ledger_(ledger), book_(book), at_(at) {}

  Status restore(const quota::Book::Past& past) {
    auto asked = ask(past);
    if (!asked) return fail_from(asked);
    const auto& by_value = **asked;
    if (past.of == quota::Book::Past::Of::kOne) {
      auto found = by_value.find(value_of(past));
      book_.spent_before(past.scope, past.name, past.past.window, found == by_value.end() ? Spent{} : found->second);
      return {};
    }
    for (const auto& [value, spent] : by_value) {
      if (value.empty()) continue;  // of requests without the tag
      const auto name = past.scope == Scope::kTag ? past.name + "=" + value : value;
      book_.spent_before(past.scope, name, past.past.window, spent);
    }
    return {};
  }

 private:
  using ByValue = std::map<std::string, Spent, std::less<>>;

  Result<const ByValue*> ask(const quota::Book::Past& past) {
    store::SumQuery query{.by = dimension_of(past), .bounds_us = bounds_of(past.past.periods, at_)};
    auto key = std::pair(query.by, query.bounds_us);
    if (auto known = answers_.find(key); known != answers_.end()) return &known->second;
    auto sums = ledger_.sums(query);
    if (!sums) return fail_from(sums);
    auto& by_value = answers_[std::move(key)];
    for (const auto& [from_us, value, sum] : *sums) {
      for (const auto& period : past.past.periods) {
        const auto spent = sum.cost_nanos + sum.held_nanos;
        if (std::max<std::int64_t>(period.from_us, 0) != from_us || spent == 0) continue;
        by_value[value].emplace_back(period, Money{spent});
      }
    }
    return &by_value;
  }

  store::Ledger& ledger_;
  quota::Book& book_;
  WallTime at_;
  std::map<std::pair<std::string, std::vector<std::int64_t>>, ByValue> answers_;
};

}  // namespace

Status restore_spending(store::Ledger& ledger, quota::Book& book, WallTime at) {
  Restoring restoring(ledger, book, at);
  for (const auto& past : book.unknown_past(at)) {
    if (auto restored = restoring.restore(past); !restored) return restored;
  }
  return {};
}

}  // namespace sluice::app
