#include "quota/book.h"

#include "quota/fixture_test.h"

namespace sluice::quota::book_test {
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
  auto opening = book_.begin_past(at_);
  const auto& past = opening.pasts;
  ASSERT_EQ(past.size(), 2u);
  EXPECT_EQ(past[0].name, "web");
  ASSERT_EQ(past[0].past.periods.size(), 1u);
  const auto today = past[0].past.periods[0];
  EXPECT_EQ(from_us(today.from_us), at_ - 12h);
  const Account::Before spent{.cut = opening.cut.number, .spent = {{today, usd("4")}}};
  reserve({&key}, "0.25")->settle(usd("0.25"));  // before the answer is there
  book_.spent_before(past[0], "web", spent);
  EXPECT_EQ(used(key).spent, usd("4.25"));
  EXPECT_FALSE(reserve({&key}, "1.1"));
  reserve({&key}, "0.5")->settle(usd("0.5"));
  book_.spent_before(past[0], "web", spent);
  EXPECT_EQ(used(key).spent, usd("4.75")) << "once";

  EXPECT_EQ(past[1].of, Book::Past::Of::kEach);
  ASSERT_EQ(past[1].past.periods.size(), 49u);
  EXPECT_LE(from_us(past[1].past.periods.front().from_us), at_ - 1h);
  const Account::Before slices{
      .cut = opening.cut.number,
      .spent = {{past[1].past.periods[10], usd("0.3")}, {past[1].past.periods[48], usd("0.2")}}};
  book_.spent_before(past[1], "feature=search", slices);
  auto search = book_.visit(Scope::kTag, "feature=search");
  EXPECT_EQ(used(*search.account()).spent, usd("0.5"));
  at_ += 30min;
  EXPECT_EQ(used(*search.account()).spent, usd("0.2")) << "the older slice has left";
  EXPECT_TRUE(book_.has_unknown_past()) << "that of values not seen yet";
  book_.close_past(past[1], {.cut = opening.cut.number});
  EXPECT_FALSE(book_.has_unknown_past());
  EXPECT_EQ(used(*search.account()).spent, usd("0.2"));
}

// Rows of the journal have numbers; a budget begins between two of them.
class BookRowsTest : public BookTest {
 protected:
  BookRowsTest() {
    book_.cuts().rows_from([this] { return last_row_; });
  }
  Account::Row row(std::string_view cost) { return {to_us(at_), usd(cost), ++last_row_}; }
  // The ledger has nothing, the journal these.
  void open(Account& account, const std::vector<Account::Row>& rows) {
    const auto opening = book_.begin_past(at_);
    for (const auto& one : rows) book_.count_before(account.scope(), account.name(), one);
    for (const auto& past : opening.pasts) {
      Account::Before nothing{.cut = opening.cut.number};
      for (const auto& period : past.past.periods) nothing.spent.emplace_back(period, Money{});
      book_.spent_before(past, past.name, nothing);
    }
  }

  std::uint64_t last_row_ = 7;
};

TEST_F(BookRowsTest, EachRowCountsOnceInABudgetThatBeginsAmongThem) {
  auto& key = account(Scope::kKey, "web", budget("9"));
  open(key, {});
  Account* accounts[] = {&key};
  auto early = reserve({&key}, "1");  // set aside in the other window only
  const auto before = row("0.1");
  book_.set_terms(Scope::kKey, "web", budget("9", window(Window::Kind::kDay)));
  open(key, {before});
  EXPECT_EQ(used(key).spent, usd("0.1")) << "what waits in the journal";
  const auto counted = early->counted();
  early->settle(usd("0.02"));
  EXPECT_EQ(used(key).spent, usd("0.1"));
  book_.count_late(Scope::kKey, "web", row("0.02"), counted, accounts);
  EXPECT_EQ(used(key).spent, usd("0.12")) << "what was under way";
  auto live = reserve({&key}, "1");
  const auto later = live->counted();
  live->settle(usd("0.003"));
  book_.count_late(Scope::kKey, "web", row("0.003"), later, accounts);
  EXPECT_EQ(used(key).spent, usd("0.123")) << "what is counted as it is settled";
}

TEST_F(BookRowsTest, WhatEndsWhileThePastIsAskedForCountsOnce) {
  auto& key = account(Scope::kKey, "web", budget("9", window(Window::Kind::kDay)));
  open(key, {});
  Account* accounts[] = {&key};
  reserve({&key}, "1")->settle(usd("0.5"));
  auto first = reserve({&key}, "1"), second = reserve({&key}, "1");
  book_.forget_past();
  EXPECT_EQ(used(key).spent, usd("0.5")) << "counts until it is known anew";
  const auto opening = book_.begin_past(at_);
  const auto counted = first->counted();
  first->settle(usd("0.01"));
  EXPECT_EQ(used(key).spent, usd("0.51"));
  book_.count_late(Scope::kKey, "web", row("0.01"), counted, accounts);
  reserve({&key}, "1")->settle(usd("0.002"));
  const auto today = opening.pasts.at(0).past.periods.at(0);
  book_.spent_before(opening.pasts[0], "web", {.cut = opening.cut.number, .spent = {{today, usd("0.4")}}});
  EXPECT_EQ(used(key).spent, usd("0.412")) << "a price was corrected";
  second->settle(usd("0.0001"));
  book_.count_late(Scope::kKey, "web", row("0.0001"), counted, accounts);
  EXPECT_EQ(used(key), (Spending::Used{usd("0.4121"), {}}));
}

TEST_F(BookRowsTest, AnAnswerThatIsTooOldIsNone) {
  auto& key = account(Scope::kKey, "web", budget("9", window(Window::Kind::kDay)));
  const auto opening = book_.begin_past(at_);
  book_.forget_past();
  const auto today = opening.pasts.at(0).past.periods.at(0);
  book_.spent_before(opening.pasts[0], "web", {.cut = opening.cut.number, .spent = {{today, usd("4")}}});
  EXPECT_EQ(used(key).spent, Money{});
  EXPECT_TRUE(book_.has_unknown_past());
}

TEST_F(BookTest, WhatHasNoPriceIsToldOnceAnHour) {
  std::vector<std::string> told;
  book_.on_unpriced([&](const UnpricedUse& use) { told.push_back(use.model); });
  for (int minute = 0; minute < 120; minute += 10)
    book_.tell_unpriced({Scope::kKey, "web", "openai/new", "new"}, to_us(at_ + std::chrono::minutes(minute)));
  EXPECT_EQ(told.size(), 2u);
  for (int i = 0; i < 1'000; ++i)
    book_.tell_unpriced({Scope::kKey, "web", "openai/*", "made up " + std::to_string(i)}, to_us(at_ + 1h));
  EXPECT_EQ(told.size(), 2u + Book::kMostUnpriced - 1);
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
}  // namespace sluice::quota::book_test
