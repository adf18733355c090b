#include "quota/book.h"

#include "quota/fixture_test.h"

namespace sluice::quota {
namespace {

using namespace std::chrono_literals;

using BookTest = QuotaTest;

TEST_F(BookTest, AccountsStayWhenConfigurationsChange) {
  auto& key = book_.account(Scope::kKey, "web");
  book_.configure({{Scope::kKey, "web", budget("1")}, {Scope::kTeam, "shop", budget("2")}}, {});
  EXPECT_EQ(&book_.account(Scope::kKey, "web"), &key);
  EXPECT_NE(&book_.account(Scope::kTeam, "web"), &key);
  reserve({&key}, "0.4")->settle(usd("0.4"));
  book_.set_terms(Scope::kKey, "made later", budget("3"));
  book_.configure({{Scope::kTeam, "shop", budget("2")}}, {});
  EXPECT_FALSE(key.has_budgets()) << "no longer in the configuration";
  EXPECT_TRUE(book_.account(Scope::kKey, "made later").has_budgets()) << "never was";
  book_.configure({{Scope::kKey, "web", budget("1")}}, {});
  EXPECT_EQ(used(key).spent, usd("0.4"));
}

TEST_F(BookTest, ValuesOfATagHaveAccountsOfTheirOwn) {
  EXPECT_FALSE(book_.wants(Scope::kTag));
  EXPECT_EQ(book_.visit(Scope::kTag, "feature=search").account(), nullptr);
  book_.configure({{Scope::kTag, "feature=search", budget("5")}}, {{Scope::kTag, "feature", budget("1")}});
  ASSERT_TRUE(book_.wants(Scope::kTag));
  EXPECT_EQ(book_.visit(Scope::kTag, "workflow=x").account(), nullptr);
  EXPECT_EQ(book_.visit(Scope::kTag, "feature=search").account(), &book_.account(Scope::kTag, "feature=search"));
  auto chat = book_.visit(Scope::kTag, "feature=chat");
  ASSERT_NE(chat.account(), nullptr);
  EXPECT_EQ(chat.account()->terms().budgets[0].limit, usd("1"));
  EXPECT_EQ(book_.visit(Scope::kTag, "feature=chat").account(), chat.account());
  book_.configure({}, {{Scope::kTag, "feature", budget("2")}});
  EXPECT_EQ(chat.account()->terms().budgets[0].limit, usd("2"));
  EXPECT_EQ(book_.visit(Scope::kTag, "feature=search").account()->terms().budgets[0].limit, usd("2"));
}

TEST_F(BookTest, SessionsAreNoMoreThanTheyMayBe) {
  Book book(metrics_, 100);
  book.configure({}, {{Scope::kSession, "", budget("1")}});
  auto held = book.visit(Scope::kSession, "held");
  for (int i = 0; i < 1'000; ++i) {
    book.visit(Scope::kSession, "run " + std::to_string(i));
    book.visit(Scope::kSession, "busy");
    ASSERT_LE(book.visited(), 100u);
  }
  EXPECT_EQ(book.visit(Scope::kSession, "held").account(), held.account()) << "never while it is in use";
  EXPECT_NE(text().find("sluice_accounts_forgotten_total{scope=\"session\"} 902\n"), std::string::npos) << text();
}

TEST_F(BookTest, WhatWasSpentBeforeIsToldOnce) {
  book_.configure({{Scope::kKey, "web", budget("5", window(Window::Kind::kDay))}},
                  {{Scope::kTag, "feature", budget("1", rolling(Ms(3'600'000)))}});
  auto& key = book_.account(Scope::kKey, "web");
  auto past = book_.unknown_past(at_);
  ASSERT_EQ(past.size(), 2u);
  EXPECT_EQ(past[0].name, "web");
  ASSERT_EQ(past[0].past.periods.size(), 1u);
  const auto today = past[0].past.periods[0];
  EXPECT_EQ(from_us(today.from_us), at_ - 12h);
  std::pair<Period, Money> spent[] = {{today, usd("4")}};
  book_.spent_before(Scope::kKey, "web", past[0].past.window, spent);
  EXPECT_EQ(used(key).spent, usd("4"));
  EXPECT_FALSE(reserve({&key}, "1.1"));
  reserve({&key}, "0.5")->settle(usd("0.5"));
  book_.spent_before(Scope::kKey, "web", past[0].past.window, spent);
  EXPECT_EQ(used(key).spent, usd("4.5")) << "at least what it says: more is known here";

  EXPECT_EQ(past[1].of, Book::Past::Of::kEach);
  ASSERT_EQ(past[1].past.periods.size(), 49u);
  EXPECT_LE(from_us(past[1].past.periods.front().from_us), at_ - 1h);
  std::pair<Period, Money> slices[] = {{past[1].past.periods[10], usd("0.3")}, {past[1].past.periods[48], usd("0.2")}};
  book_.spent_before(Scope::kTag, "feature=search", past[1].past.window, slices);
  auto search = book_.visit(Scope::kTag, "feature=search");
  EXPECT_EQ(used(*search.account()).spent, usd("0.5"));
  at_ += 30min;
  EXPECT_EQ(used(*search.account()).spent, usd("0.2")) << "the older slice has left";
  EXPECT_EQ(book_.unknown_past(at_).size(), 1u) << "that of values not seen yet";
}

TEST_F(BookTest, BudgetsAreShown) {
  auto& key = account(Scope::kKey, "web", budget("5", window(Window::Kind::kMonth)));
  reserve({&key}, "1")->settle(usd("1.25"));
  auto held = reserve({&key}, "0.5");
  for (auto line : {"sluice_budget_limit_usd{scope=\"key\",account=\"web\",window=\"month\"} 5\n",
                    "sluice_budget_spent_usd{scope=\"key\",account=\"web\",window=\"month\"} 1.25\n",
                    "sluice_budget_reserved_usd{scope=\"key\",account=\"web\",window=\"month\"} 0.5\n"})
    EXPECT_NE(text().find(line), std::string::npos) << text();
}

TEST_F(BookTest, WindowsComeAndGoWithoutEnd) {
  for (int hours = 1; hours < 100; ++hours) {
    auto& key = account(Scope::kKey, "web", budget("5", rolling(Ms(hours * 3'600'000))));
    auto held = reserve({&key}, "5");
    ASSERT_TRUE(held) << hours;
    EXPECT_FALSE(reserve({&key}, "0.1"));
  }
}

}  // namespace
}  // namespace sluice::quota
