#include "app/restore.h"

#include <gtest/gtest.h>

#include "base/metrics.h"
#include "quota/reservation.h"
#include "store/memory/memory_ledger.h"
#include "store/rows_test.h"

namespace sluice::app::restore_test {
namespace {

using quota::Scope;
using quota::Window;
using namespace std::chrono_literals;

class RestoreTest : public ::testing::Test {
 protected:
  void row(std::string key, WallTime arrived, std::int64_t nanos, std::string feature = {}) {
    store::ExchangeRow row;
    row.id = "req_" + std::to_string(++rows_);
    row.arrived_us = to_us(arrived);
    row.key = std::move(key);
    row.team = "shop";
    if (!feature.empty()) row.tags = {{"feature", feature}};
    row.attempts.push_back({.deployment = "openai/gpt", .provider = "openai", .status = 200, .cost_nanos = nanos});
    ASSERT_TRUE(ledger_.insert(store::views_of({&row, 1}), {}));
  }
  Status restore() {
    return restore_spending(
        ledger_, [this](std::uint64_t last, const auto& visit) { return each_waiting(last, visit); }, book_, at_);
  }
  Status each_waiting(std::uint64_t last, const auto& visit) {
    std::uint64_t number = 0;
    for (const auto& row : waiting_) {
      if (++number <= last) visit(row, number);
    }
    return waited_;
  }
  // It waits in the journal.
  void wait(std::string key, std::int64_t nanos, std::string feature = {}) {
    auto& row = waiting_.emplace_back();
    row.arrived_us = to_us(at_ - 1min);
    row.key = std::move(key);
    if (!feature.empty()) row.tags = {{"feature", feature}};
    row.attempts.push_back({.deployment = "openai/gpt", .provider = "openai", .status = 200, .cost_nanos = nanos});
    book_.cuts().rows_from([this] { return waiting_.size(); });
  }
  Money spent(const quota::Account& account, std::size_t which = 0) {
    return account.budgets(at_).at(which).used.spent;
  }
  static quota::Terms terms(Window window) {
    return {.budgets = {{.limit = Money{1'000'000}, .window = std::move(window)}}};
  }

  store::MemoryLedger ledger_{1'000};
  std::vector<store::ExchangeRow> waiting_;
  Status waited_;
  Metrics metrics_;
  quota::Book book_{metrics_};
  int rows_ = 0;
  WallTime at_ = std::chrono::sys_days(std::chrono::year(2026) / 11 / 29) + 12h;
};

TEST_F(RestoreTest, BudgetsHaveSpentWhatTheRowsInTheirWindowsCost) {
  row("web", at_ - 1h, 100);
  row("web", at_ - 13h, 20);      // of yesterday
  row("web", at_ - 30 * 24h, 7);  // of October
  row("batch", at_ - 10min, 3000, "search");
  row("batch", at_ - 5min, 40'000, "chat");
  book_.configure({{Scope::kKey,
                    "web",
                    {.budgets = {{.limit = Money{1}, .window = {.kind = Window::Kind::kDay}},
                                 {.limit = Money{1}, .window = {.kind = Window::Kind::kMonth}},
                                 {.limit = Money{1}},
                                 {.limit = Money{1}, .window = {.kind = Window::Kind::kRolling, .rolling = 24h}}}}},
                   {Scope::kTeam, "shop", terms({.kind = Window::Kind::kWeek})},
                   {Scope::kOrganisation, "", terms({})},
                   {Scope::kProvider, "openai", terms({.kind = Window::Kind::kDay})},
                   {Scope::kDeployment, "openai/gpt", terms({.kind = Window::Kind::kDay, .zone = "America/New_York"})},
                   {Scope::kTag, "feature=chat", terms({})}},
                  {{Scope::kTag, "feature", terms({})}});
  ASSERT_TRUE(restore());
  auto& web = book_.account(Scope::kKey, "web");
  EXPECT_EQ(spent(web, 0), Money{100});
  EXPECT_EQ(spent(web, 1), Money{120});
  EXPECT_EQ(spent(web, 2), Money{127});
  EXPECT_EQ(spent(web, 3), Money{120});
  EXPECT_EQ(spent(book_.account(Scope::kTeam, "shop")), Money{43'120});
  EXPECT_EQ(spent(book_.account(Scope::kOrganisation, "")), Money{43'127});
  EXPECT_EQ(spent(book_.account(Scope::kProvider, "openai")), Money{43'100});
  EXPECT_EQ(spent(book_.account(Scope::kDeployment, "openai/gpt")), Money{43'100});
  EXPECT_EQ(spent(book_.account(Scope::kTag, "feature=chat")), Money{40'000});
  EXPECT_EQ(spent(*book_.visit(Scope::kTag, "feature=search").account()), Money{3'000});
}

// Slices of a rolling window begin anywhere; what is left of removed rows are sums of quarters of an hour.
TEST_F(RestoreTest, RollingWindowsLongerThanRowsAreKeptCountRatherMore) {
  row("web", at_ - 25h, 1000);
  row("web", at_ - 23h, 100);
  row("web", at_ - 5min, 20);
  row("batch", at_ - 40min, 3000);
  ASSERT_TRUE(ledger_.remove_before(to_us(at_ - 30min), 100));
  book_.configure({{Scope::kKey, "web", terms({.kind = Window::Kind::kRolling, .rolling = 25h - 10min})},
                   {Scope::kKey, "batch", terms({.kind = Window::Kind::kRolling, .rolling = 1h})},
                   {Scope::kTeam, "shop", terms({.kind = Window::Kind::kRolling, .rolling = 50h})},
                   {Scope::kOrganisation, "", terms({})}},
                  {});
  const auto status = restore();
  ASSERT_TRUE(status) << status.error().told;
  EXPECT_EQ(spent(book_.account(Scope::kKey, "web")), Money{1'120});
  EXPECT_EQ(spent(book_.account(Scope::kKey, "batch")), Money{3'000});
  EXPECT_EQ(spent(book_.account(Scope::kTeam, "shop")), Money{4'120});
  EXPECT_EQ(spent(book_.account(Scope::kOrganisation, "")), Money{4'120});
}

// On a Monday that is a 1st a day, a week and a month have begun at once, and end at other times.
TEST_F(RestoreTest, WindowsThatBeginTogetherAreToldApart) {
  at_ = std::chrono::sys_days(std::chrono::year(2026) / 6 / 1) + 12h;
  row("web", at_ - 1h, 100);
  row("batch", at_ - 2h, 3000);
  const auto budget = [](Window::Kind kind) { return quota::BudgetTerms{.limit = Money{1}, .window = {.kind = kind}}; };
  using Kind = Window::Kind;
  book_.configure({{Scope::kKey, "web", {.budgets = {budget(Kind::kWeek), budget(Kind::kDay), budget(Kind::kMonth)}}},
                   {Scope::kKey, "batch", {.budgets = {budget(Kind::kDay)}}}},
                  {});
  ASSERT_TRUE(restore());
  auto& web = book_.account(Scope::kKey, "web");
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(spent(web, i), Money{100}) << i;
  EXPECT_EQ(spent(book_.account(Scope::kKey, "batch")), Money{3000});
}

TEST_F(RestoreTest, RowsOfAClockThatWasAheadCount) {
  row("web", at_ + 3h, 100);
  row("web", at_ - 1h, 20);
  using Kind = Window::Kind;
  book_.configure({{Scope::kKey,
                    "web",
                    {.budgets = {{.limit = Money{1}},
                                 {.limit = Money{1}, .window = {.kind = Kind::kDay}},
                                 {.limit = Money{1}, .window = {.kind = Kind::kMonth}},
                                 {.limit = Money{1}, .window = {.kind = Kind::kRolling, .rolling = 24h}}}}}},
                  {});
  ASSERT_TRUE(restore());
  auto& web = book_.account(Scope::kKey, "web");
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(spent(web, i), Money{120}) << i;
}

TEST_F(RestoreTest, WhatWasCountedAtItsWorstIsCountedSoAgain) {
  store::ExchangeRow row{.id = "req_1", .arrived_us = to_us(at_ - 1h), .key = "web"};
  row.attempts.push_back({.deployment = "openai/gpt", .provider = "openai", .status = 200, .held_nanos = 900});
  ASSERT_TRUE(ledger_.insert(store::views_of({&row, 1}), {}));
  book_.configure({{Scope::kKey, "web", terms({})}}, {});
  ASSERT_TRUE(restore());
  EXPECT_EQ(spent(book_.account(Scope::kKey, "web")), Money{900});
}

// Whose key it is is the value of the tags `team` and `user`, and no tag of the row.
TEST_F(RestoreTest, TagsThatAKeyFixesByWhoseItIsAreThere) {
  row("web", at_ - 1h, 100);
  row("web", at_ - 1h, 20, "search");
  store::ExchangeRow other{.id = "req_other", .arrived_us = to_us(at_ - 1h), .key = "free", .user = "ann"};
  other.tags = {{"team", "shop"}, {"user", "bob"}};
  other.attempts.push_back({.deployment = "openai/gpt", .provider = "openai", .status = 200, .cost_nanos = 3'000});
  ASSERT_TRUE(ledger_.insert(store::views_of({&other, 1}), {}));
  auto& late = waiting_.emplace_back(other);
  late.team = "red";
  late.attempts[0].cost_nanos = 40'000;
  book_.cuts().rows_from([this] { return waiting_.size(); });
  book_.configure({{Scope::kTag, "team=shop", terms({})}, {Scope::kTag, "user=ann", terms({})}},
                  {{Scope::kTag, "team", terms({.kind = Window::Kind::kDay})}});
  ASSERT_TRUE(restore());
  EXPECT_EQ(spent(book_.account(Scope::kTag, "team=shop")), Money{3'120});
  EXPECT_EQ(spent(book_.account(Scope::kTag, "user=ann")), Money{43'000});
  EXPECT_EQ(spent(*book_.visit(Scope::kTag, "team=red").account()), Money{40'000});
}

TEST_F(RestoreTest, WhatIsKnownIsNotAskedForAgain) {
  book_.configure({{Scope::kKey, "web", terms({.kind = Window::Kind::kDay})}}, {});
  row("web", at_ - 1h, 100);
  ASSERT_TRUE(restore());
  row("web", at_ - 1min, 5'000);
  ASSERT_TRUE(restore());
  EXPECT_EQ(spent(book_.account(Scope::kKey, "web")), Money{100});
  // Another window is.
  book_.configure({{Scope::kKey, "web", terms({.kind = Window::Kind::kWeek})}}, {});
  ASSERT_TRUE(restore());
  EXPECT_EQ(spent(book_.account(Scope::kKey, "web")), Money{5'100});
}

TEST_F(RestoreTest, RowsThatWaitInTheJournalCount) {
  row("web", at_ - 1h, 100);
  wait("web", 20, "search");
  wait("batch", 3);
  book_.configure({{Scope::kKey, "web", terms({.kind = Window::Kind::kDay})},
                   {Scope::kOrganisation, "", terms({})},
                   {Scope::kProvider, "openai", terms({})}},
                  {{Scope::kTag, "feature", terms({})}});
  ASSERT_TRUE(restore());
  wait("web", 4'000);
  ASSERT_TRUE(restore());
  EXPECT_EQ(spent(book_.account(Scope::kKey, "web")), Money{120});
  EXPECT_EQ(spent(book_.account(Scope::kOrganisation, "")), Money{123});
  EXPECT_EQ(spent(book_.account(Scope::kProvider, "openai")), Money{123});
  EXPECT_EQ(spent(*book_.visit(Scope::kTag, "feature=search").account()), Money{20});
}

TEST_F(RestoreTest, WhatCouldNotBeSaidIsAskedForAgain) {
  wait("web", 20);
  book_.configure({{Scope::kKey, "web", terms({})}}, {});
  waited_ = fail(FaultKind::kOverloaded, "locked");
  EXPECT_FALSE(restore());
  EXPECT_TRUE(book_.has_unknown_past());
  waited_ = {};
  ASSERT_TRUE(restore());
  EXPECT_EQ(spent(book_.account(Scope::kKey, "web")), Money{20});
}

// An empty one, and one that is called as the ledger calls those that it adds up.
TEST_F(RestoreTest, ValuesAreTextsLikeAnyOther) {
  row("web", at_ - 1h, 100, std::string(store::kOthers));
  store::ExchangeRow empty{.id = "req_empty", .arrived_us = to_us(at_ - 1h), .key = "web"};
  empty.tags = {{"feature", ""}};
  empty.attempts.push_back({.deployment = "openai/gpt", .provider = "openai", .status = 200, .cost_nanos = 20});
  ASSERT_TRUE(ledger_.insert(store::views_of({&empty, 1}), {}));
  row("web", at_ - 1h, 3'000);
  book_.configure({}, {{Scope::kTag, "feature", terms({})}, {Scope::kTag, "team", terms({})}});
  ASSERT_TRUE(restore());
  EXPECT_EQ(spent(*book_.visit(Scope::kTag, "feature=(others)").account()), Money{100});
  EXPECT_EQ(spent(*book_.visit(Scope::kTag, "feature=").account()), Money{20});
  EXPECT_EQ(spent(*book_.visit(Scope::kTag, "team=").account()), Money{});
}

TEST_F(RestoreTest, CorrectedRowsAreFollowed) {
  row("web", at_ - 1h, 100);
  row("batch", at_ - 1h, 100, "search");
  book_.configure({{Scope::kKey, "web", terms({.kind = Window::Kind::kDay})}}, {{Scope::kTag, "feature", terms({})}});
  ASSERT_TRUE(restore());
  const store::Correction corrections[] = {{.id = "req_1", .attempt = 0, .cost_nanos = 7},
                                           {.id = "req_2", .attempt = 0, .cost_nanos = 0}};
  ASSERT_TRUE(ledger_.correct(corrections, 0));
  EXPECT_EQ(ledger_.corrections().value_or(0), 2);
  book_.forget_past();
  EXPECT_EQ(spent(book_.account(Scope::kKey, "web")), Money{100});
  ASSERT_TRUE(restore());
  EXPECT_EQ(spent(book_.account(Scope::kKey, "web")), Money{7});
  EXPECT_EQ(spent(*book_.visit(Scope::kTag, "feature=search").account()), Money{});
}

}  // namespace
}  // namespace sluice::app::restore_test
