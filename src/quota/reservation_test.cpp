#include "quota/reservation.h"

#include <thread>

#include "quota/fixture_test.h"

namespace sluice::quota::reservation_test {
namespace {

using std::chrono::hours;
using std::chrono::sys_days;
using namespace std::chrono_literals;

using ReservationTest = QuotaTest;

TEST_F(ReservationTest, IsGivenBackUnlessItIsSettled) {
  auto& key = account(Scope::kKey, "web", budget("1"));
  {
    auto held = reserve({&key}, "0.4");
    ASSERT_TRUE(held);
    EXPECT_EQ(used(key), (Spending::Used{{}, usd("0.4")}));
  }
  EXPECT_EQ(used(key), Spending::Used());
  auto held = reserve({&key}, "0.4");
  held->settle(usd("0.1"));
  EXPECT_EQ(used(key), (Spending::Used{usd("0.1"), {}}));
  held = reserve({&key}, "0.9");
  EXPECT_TRUE(held) << "all that is left can be spent";
}

TEST_F(ReservationTest, IsOfAllAccountsOrOfNone) {
  auto& team = account(Scope::kTeam, "shop", budget("10"));
  auto& key = account(Scope::kKey, "web", budget("1"));
  auto& unlimited = account(Scope::kUser, "ann", {});
  auto refused = reserve({&key, &unlimited, &team}, "1.5");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().account, &key);
  EXPECT_EQ(refused.error().budget.terms.limit, usd("1"));
  EXPECT_FALSE(refused.error().room) << "a total does not come back";
  EXPECT_EQ(used(team), Spending::Used());
  auto held = reserve({&key, &unlimited, &team, &key, nullptr}, "0.5");
  ASSERT_TRUE(held);
  EXPECT_EQ(held->left_before(), usd("1"));
  EXPECT_EQ(used(team).reserved, usd("0.5"));
  EXPECT_EQ(used(key).reserved, usd("0.5")) << "once, however often it is named";
}

TEST_F(ReservationTest, ABudgetThatBeginsHasSetAsideWhatIsUnderWay) {
  auto day = budget("1");
  day.budgets[0].window = {.kind = Window::Kind::kDay};
  auto& key = account(Scope::kKey, "web", budget("1"));
  auto& team = account(Scope::kTeam, "shop", {});
  auto first = reserve({&key, &team}, "0.4");
  auto second = reserve({&key, &team}, "0.3");
  ASSERT_TRUE(first && second);
  account(Scope::kKey, "web", day);
  account(Scope::kTeam, "shop", budget("1"));
  EXPECT_EQ(used(key), (Spending::Used{{}, usd("0.7")}));
  EXPECT_EQ(used(team), (Spending::Used{{}, usd("0.7")}));
  EXPECT_FALSE(reserve({&key}, "0.31"));
  EXPECT_FALSE(reserve({&team}, "0.31"));
  EXPECT_FALSE(first->extend(usd("0.31")));
  EXPECT_TRUE(first->extend(usd("0.2")));
  first->shrink(usd("0.5"));
  auto third = reserve({&key, &team}, "0.1");
  ASSERT_TRUE(third);
  EXPECT_EQ(used(key).reserved, usd("0.9"));
  first->settle(usd("0.5"));
  EXPECT_EQ(used(key), (Spending::Used{{}, usd("0.4")})) << "its row will say what it cost";
  third->settle(usd("0.1"));
  EXPECT_EQ(used(team), (Spending::Used{usd("0.1"), usd("0.3")}));
  account(Scope::kKey, "web", budget("1"));  // the first window again: the second is still set aside there
  EXPECT_EQ(used(key).reserved, usd("0.3"));
  account(Scope::kKey, "web", day);
  EXPECT_EQ(used(key).reserved, usd("0.3"));
  *second = Reservation();
  EXPECT_EQ(used(key).reserved, Money());
  EXPECT_EQ(used(team).reserved, Money());
  account(Scope::kKey, "web", budget("1"));
  EXPECT_EQ(used(key).reserved, Money());
}

TEST_F(ReservationTest, ABudgetHasAPlaceThoughRequestsUnderWayHoldAllOfThem) {
  auto rolling_from = [](int minutes) {
    Terms terms;
    for (int i = 0; i < 8; ++i) terms.budgets.push_back({.limit = usd("9"), .window = rolling((minutes + i) * 1min)});
    return terms;
  };
  auto& key = account(Scope::kKey, "web", rolling_from(1));
  auto first = reserve({&key}, "0.4");
  account(Scope::kKey, "web", rolling_from(9));
  auto second = reserve({&key}, "0.3");
  account(Scope::kKey, "web", budget("1"));
  ASSERT_EQ(key.terms(), budget("1"));
  EXPECT_EQ(used(key), (Spending::Used{{}, usd("0.7")}));
  EXPECT_FALSE(reserve({&key}, "0.31"));
  auto third = reserve({&key}, "0.1");
  ASSERT_TRUE(third);
  EXPECT_TRUE(first->extend(usd("0.1")));
  first->settle(usd("0.5"));
  third->settle(usd("0.1"));
  EXPECT_EQ(used(key), (Spending::Used{usd("0.1"), usd("0.3")}));
  account(Scope::kKey, "web", rolling_from(1));  // one of them has lost its place
  for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(used(key, i).reserved, usd("0.3")) << i;
  *second = Reservation();
  for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(used(key, i).reserved, Money()) << i;
}

TEST_F(ReservationTest, AWindowThatStaysKeepsItsPlaceWhateverElseIsWanted) {
  auto in = [](std::initializer_list<int> minutes) {
    Terms terms;
    for (const auto each : minutes) terms.budgets.push_back({.limit = usd("9"), .window = rolling(each * 1min)});
    return terms;
  };
  auto& key = account(Scope::kKey, "web", in({1, 2, 3, 4, 5, 6, 7, 8}));
  reserve({&key}, "0.4")->settle(usd("0.4"));
  account(Scope::kKey, "web", in({9, 10, 11, 12, 13, 14, 15, 16}));
  account(Scope::kKey, "web", in({17, 1}));
  EXPECT_EQ(used(key, 0).spent, usd("0.4"));
  EXPECT_EQ(used(key, 1).spent, Money());
}

TEST_F(ReservationTest, SoftBudgetsCountAndRefuseNothing) {
  auto terms = budget("1");
  terms.budgets[0].hard = false;
  auto& key = account(Scope::kKey, "web", terms);
  for (int i = 0; i < 3; ++i) reserve({&key}, "0.9")->settle(usd("0.9"));
  EXPECT_EQ(used(key).spent, usd("2.7"));
  EXPECT_FALSE(key.is_spent(at_));
}

TEST_F(ReservationTest, WhatWasTrulyChargedMayBeMoreThanWasReserved) {
  auto& key = account(Scope::kKey, "web", budget("1"));
  reserve({&key}, "0.5")->settle(usd("1.25"));
  EXPECT_EQ(key.budgets(at_)[0].left(), usd("-0.25"));
  EXPECT_TRUE(key.is_spent(at_));
  EXPECT_FALSE(reserve({&key}, "0.000000001"));
  EXPECT_TRUE(reserve({&key}, "0")) << "what is free";
}

TEST_F(ReservationTest, StrictBudgetsGrantWhatIsLeft) {
  auto terms = budget("1");
  terms.budgets[0].strict = true;
  auto& key = account(Scope::kKey, "web", terms);
  auto& team = account(Scope::kTeam, "shop", budget("0.5"));
  auto claim = Claim{.most = usd("3"), .least = usd("0.2"), .arrived = at_};
  Account* both[] = {&key, &team};
  auto refused = Reservation::make(both, claim);
  ASSERT_FALSE(refused) << "the team's is not strict";
  EXPECT_EQ(refused.error().account, &team);
  auto held = Reservation::make(std::span(both).first(1), claim);
  ASSERT_TRUE(held);
  EXPECT_EQ(held->amount(), usd("1"));
  held->shrink(usd("0.9"));
  EXPECT_EQ(used(key).reserved, usd("0.9"));
  EXPECT_FALSE(Reservation::make(std::span(both).first(1), claim)) << "0.1 is less than the least";
}

TEST_F(ReservationTest, GrowsWhereThereIsRoom) {
  auto& key = account(Scope::kKey, "web", budget("1"));
  auto& team = account(Scope::kTeam, "shop", budget("2"));
  auto held = reserve({&key, &team}, "0.5");
  EXPECT_FALSE(held->extend(usd("0.6")));
  EXPECT_EQ(used(team).reserved, usd("0.5"));
  EXPECT_TRUE(held->extend(usd("0.5")));
  EXPECT_EQ(used(key).reserved, usd("1"));
  auto moved = std::move(*held);
  held = Reservation();
  EXPECT_EQ(used(key).reserved, usd("1"));
  moved.settle(usd("0.7"));
  EXPECT_EQ(used(key), (Spending::Used{usd("0.7"), {}}));
}

TEST_F(ReservationTest, EachWindowRenewsAtItsTime) {
  Terms terms;
  terms.budgets = {{.limit = usd("1"), .window = window(Window::Kind::kDay, "Europe/Berlin")},
                   {.limit = usd("10"), .window = window(Window::Kind::kMonth)}};
  auto& key = account(Scope::kKey, "web", terms);
  at_ = utc(2026y / 11 / 29, 22h + 59min);
  reserve({&key}, "1")->settle(usd("1"));
  auto refused = reserve({&key}, "1");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().budget.renews, utc(2026y / 11 / 29, 23h));
  EXPECT_EQ(refused.error().room, utc(2026y / 11 / 29, 23h));
  at_ = utc(2026y / 11 / 29, 23h);
  EXPECT_TRUE(reserve({&key}, "1"));
  EXPECT_EQ(used(key, 0).spent, usd("0"));
  EXPECT_EQ(used(key, 1).spent, usd("1"));
}

TEST_F(ReservationTest, WaitingHelpsWhereItHelpsAllThatLackRoom) {
  Terms terms;
  terms.budgets = {{.limit = usd("1"), .window = window(Window::Kind::kDay)},
                   {.limit = usd("1.1"), .window = window(Window::Kind::kMonth)}};
  auto& key = account(Scope::kKey, "web", terms);
  auto& team = account(Scope::kTeam, "shop", budget("1.2"));
  auto& cap = account(Scope::kDeployment, "p/m", budget("1.3"));
  reserve({&key, &team, &cap}, "0.9")->settle(usd("0.9"));
  EXPECT_EQ(reserve({&key}, "0.15").error().room, utc(2026y / 11 / 30)) << "the month has room";
  EXPECT_EQ(reserve({&key}, "0.25").error().room, utc(2026y / 12 / 1));
  EXPECT_FALSE(reserve({&key, &team}, "0.35").error().room) << "the team's never has";
  EXPECT_EQ(reserve({&key, &cap}, "0.5").error().room, utc(2026y / 12 / 1)) << "another deployment may serve";
}

// A request of the day before that is settled after midnight is of the day before, as in the ledger.
TEST_F(ReservationTest, MoneyBelongsToWhenItsRequestArrived) {
  auto& key = account(Scope::kKey, "web", budget("1", window(Window::Kind::kDay)));
  at_ = utc(2026y / 11 / 29, 24h - 1s);
  auto held = reserve({&key}, "0.6");
  const auto yesterday = std::exchange(at_, utc(2026y / 11 / 30));
  EXPECT_TRUE(reserve({&key}, "1")) << "a new day has its own";
  held->settle(usd("0.6"));
  EXPECT_EQ(used(key), Spending::Used());
  at_ = yesterday;
  EXPECT_EQ(used(key).spent, usd("0.6"));
  EXPECT_FALSE(reserve({&key}, "0.5")) << "a retry of a request of yesterday is of yesterday's money";
}

TEST_F(ReservationTest, D10_AClockThatGoesBackRenewsNothingTwice) {
  auto& key = account(Scope::kKey, "web", budget("1", window(Window::Kind::kDay)));
  at_ = utc(2026y / 11 / 30, 1s);
  reserve({&key}, "1")->settle(usd("1"));
  at_ = utc(2026y / 11 / 29, 24h - 1s);
  (void)reserve({&key}, "0.1");
  at_ = utc(2026y / 11 / 30, 2s);
  EXPECT_EQ(used(key).spent, usd("1"));
  EXPECT_FALSE(reserve({&key}, "0.1"));
}

TEST_F(ReservationTest, D10_TermsChangeAndWhatWasSpentStays) {
  auto& key = account(Scope::kKey, "web", budget("1", window(Window::Kind::kMonth)));
  reserve({&key}, "0.6")->settle(usd("0.6"));
  auto held = reserve({&key}, "0.3");
  account(Scope::kKey, "web", budget("5", window(Window::Kind::kMonth)));
  EXPECT_EQ(used(key), (Spending::Used{usd("0.6"), usd("0.3")}));
  account(Scope::kKey, "web", budget("0.5", window(Window::Kind::kMonth)));
  EXPECT_FALSE(reserve({&key}, "0.000000001"));
  account(Scope::kKey, "web", budget("5", window(Window::Kind::kDay)));
  EXPECT_EQ(used(key), (Spending::Used{{}, usd("0.3")})) << "of a window that nobody counted: what is under way";
  held->settle(usd("0.2"));
  EXPECT_EQ(used(key), Spending::Used());
  account(Scope::kKey, "web", budget("1", window(Window::Kind::kMonth)));
  EXPECT_EQ(used(key), (Spending::Used{usd("0.8"), {}})) << "counted all the time";
}

TEST_F(ReservationTest, RollingWindowsNeverCountLessThanWasSpent) {
  auto& key = account(Scope::kKey, "web", budget("1", rolling(Ms(3'600'000))));
  const auto begin = at_;
  for (int minute = 0; minute < 50; minute += 10) {
    at_ = begin + std::chrono::minutes(minute);
    reserve({&key}, "0.2")->settle(usd("0.2"));
  }
  at_ = begin + 50min;
  auto refused = reserve({&key}, "0.4");
  ASSERT_FALSE(refused);
  ASSERT_TRUE(refused.error().room);
  EXPECT_GE(*refused.error().room, begin + 10min + 60min) << "0.4 leave with the second";
  EXPECT_LE(*refused.error().room, begin + 10min + 60min + 3min);
  at_ = *refused.error().room;
  EXPECT_TRUE(reserve({&key}, "0.4")) << "what was promised holds";
  at_ = begin + 59min;
  EXPECT_FALSE(reserve({&key}, "0.5")) << "a clock that goes back frees nothing";
  at_ = begin + 24h;
  EXPECT_EQ(used(key), Spending::Used());
}

TEST_F(ReservationTest, D1_ManyAtOnceNeverBreakABudget) {
  auto& team = account(Scope::kTeam, "shop", budget("1"));
  auto& web = account(Scope::kKey, "web", budget("0.7"));
  auto& batch = account(Scope::kKey, "batch", budget("0.7", rolling(Ms(86'400'000))));
  std::atomic<std::int64_t> charged{0}, beyond{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 20'000; ++i) {
          Account* accounts[] = {t % 2 == 0 ? &web : &batch, &team};
          auto held = Reservation::make(accounts, {.most = usd("0.1"), .least = usd("0.1"), .arrived = at_});
          if (team.budgets(at_)[0].left() < Money{}) ++beyond;
          if (!held || i % 3 == 0) continue;  // every third is given back
          const Money cost{1'000 + i % 7};
          held->settle(cost);
          charged += cost.nanos;
        }
      });
    }
  }
  EXPECT_EQ(beyond, 0);
  EXPECT_GT(charged.load(), 0);
  EXPECT_EQ(used(team), (Spending::Used{Money{charged}, {}}));
  EXPECT_EQ(used(web).spent.nanos + used(batch).spent.nanos, charged);
  EXPECT_EQ(used(web).reserved, Money{});
  EXPECT_TRUE(reserve({&team}, to_text(team.budgets(at_)[0].left()))) << "what is left can be spent";
}

TEST_F(ReservationTest, ThresholdsAreToldOnceAWindow) {
  std::vector<std::string> told;
  book_.on_alert([&](const Alert& alert) {
    told.push_back(std::string(name(alert.scope)) + " " + alert.name + " " + std::to_string(alert.passing.percent));
  });
  auto terms = budget("1", window(Window::Kind::kDay));
  terms.budgets[0].alerts_percent = {50, 80, 100};
  auto& key = account(Scope::kKey, "web", terms);
  auto spend = [&](std::string_view amount) { reserve({&key}, amount)->settle(usd(amount)); };
  spend("0.49");
  EXPECT_TRUE(told.empty());
  spend("0.01");
  spend("0.1");
  spend("0.4");
  EXPECT_EQ(told, (std::vector<std::string>{"key web 50", "key web 100"})) << "of two at once the higher";
  at_ += 24h;
  spend("0.5");
  EXPECT_EQ(told.size(), 3u);
  terms.budgets[0].limit = usd("2");
  book_.set_terms(Scope::kKey, "web", terms);
  spend("0.1");
  EXPECT_EQ(told.size(), 3u);
  spend("0.4");
  EXPECT_EQ(told.size(), 4u) << "half of the new limit is another threshold";
  EXPECT_NE(text().find("sluice_budget_alerts_total{scope=\"key\",account=\"web\",window=\"day\",percent=\"50\"} 3\n"),
            std::string::npos);
}

}  // namespace
}  // namespace sluice::quota::reservation_test
