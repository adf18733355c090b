// What tests of accounts share: a book of accounts, a time, money as one writes it.
//
// Thread rule: one thread, but for what is said to be safe.
#pragma once

#include <gtest/gtest.h>

#include "quota/book.h"
#include "quota/permit.h"
#include "quota/reservation.h"

namespace sluice::quota {

inline Money usd(std::string_view text) {
  return *parse_money(text);
}
inline WallTime utc(std::chrono::sys_days day, std::chrono::seconds time = std::chrono::seconds(0)) {
  return day + time;
}
inline Window window(Window::Kind kind, std::string zone = "UTC") {
  return {.kind = kind, .zone = std::move(zone)};
}
inline Window rolling(Ms length) {
  return {.kind = Window::Kind::kRolling, .rolling = length};
}
inline Terms budget(std::string_view limit, Window of = {}) {
  return {.budgets = {{.limit = usd(limit), .window = std::move(of)}}};
}

class QuotaTest : public ::testing::Test {
 protected:
  Account& account(Scope scope, std::string_view name, Terms terms) {
    book_.set_terms(scope, name, std::move(terms));
    return book_.account(scope, name);
  }
  std::expected<Reservation, Shortage> reserve(std::vector<Account*> accounts, std::string_view amount) {
    return Reservation::make(accounts, {.most = usd(amount), .least = usd(amount), .arrived = at_});
  }
  Spending::Used used(const Account& account, std::size_t which = 0) const {
    return account.budgets(at_).at(which).used;
  }
  std::string text() {
    book_.refresh(at_);
    return metrics_.render();
  }

  Metrics metrics_;
  Book book_{metrics_};
  WallTime at_ = utc(std::chrono::sys_days(std::chrono::year(2026) / 11 / 29), std::chrono::hours(12));
};

}  // namespace sluice::quota
