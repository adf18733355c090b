#include "app/late_uses.h"

#include <gtest/gtest.h>

#include "store/memory/memory_ledger.h"
#include "store/rows_test.h"

namespace sluice::app::late_uses_test {
namespace {

class LateUsesTest : public ::testing::Test {
 protected:
  // An attempt that failed, and one that went into the background.
  store::ExchangeRow row(std::int64_t number) {
    auto row = store::small_row(number, 1'790'000'000'000'000 + number);
    row.kept_id = "resp_" + std::to_string(number);
    row.provider = row.attempts[0].provider = "openai";
    auto& gone = row.attempts.emplace_back(row.attempts[0]);
    row.attempts[0].cost_nanos = 0;
    row.attempts[0].usage = {};
    gone.cost_nanos = {};
    gone.price_version = {};
    gone.usage = {};
    gone.held_nanos = 900;
    return row;
  }
  void add(const store::ExchangeRow& row) { ASSERT_TRUE(ledger_.insert(store::views_of({&row, 1}), {})); }
  static stage::Owners::Use use(std::int64_t output, Instant told = now()) {
    return {.usage = {.source = "provider", .input = 4, .output = output}, .service_tier = "default", .told = told};
  }
  stage::Owners::Uses book(const stage::Owners::Uses& uses) {
    auto waiting = book_uses(ledger_, uses, [this](const auto&, const auto&) { return price_; }, now() - Ms(60'000));
    EXPECT_TRUE(waiting);
    return *waiting;
  }
  store::AttemptRow attempt(const store::ExchangeRow& row, std::size_t index = 1) {
    return (**ledger_.find(row.id)).attempts[index];
  }
  store::Sum all() { return ledger_.sums({"all", {0, 2'000'000'000'000'000}})->front().sum; }

  provider::Price known_ = [] {
    provider::Price price;
    price.version = "2026-11-30";
    price.rates.set(provider::Item::kInput, Money{1'000'000});
    price.rates.set(provider::Item::kOutput, Money{10'000'000});
    return price;
  }();
  const provider::Price* price_ = &known_;
  store::MemoryLedger ledger_{1000};
};

TEST_F(LateUsesTest, AreBookedWithTheAttemptThatWasCountedAsItsWorst) {
  const auto made = row(1);
  add(made);
  EXPECT_EQ(all().held_nanos, 900);
  EXPECT_TRUE(book({{"resp_1", use(7)}}).empty());
  EXPECT_EQ(attempt(made).cost_nanos, 4 + 70);
  EXPECT_EQ(attempt(made).price_version, "2026-11-30");
  EXPECT_EQ(attempt(made).usage.output, 7);
  EXPECT_EQ(attempt(made).service_tier, "default");
  EXPECT_EQ(attempt(made, 0), made.attempts[0]);
  EXPECT_EQ(all().held_nanos, 0);
  EXPECT_EQ(all().cost_nanos, 74);
  EXPECT_EQ(all().output, 7);
}

TEST_F(LateUsesTest, AreBookedOnce) {
  const auto made = row(1);
  add(made);
  book({{"resp_1", use(7)}});
  book({{"resp_1", use(8)}});
  EXPECT_EQ(attempt(made).usage.output, 7);
  EXPECT_EQ(*ledger_.corrections(), 1);
}

TEST_F(LateUsesTest, OfRowsThatAreKnownChangeNothing) {
  auto made = store::small_row(2, 1'790'000'000'000'000);
  made.kept_id = "resp_2";
  made.provider = made.attempts[0].provider;
  add(made);
  EXPECT_TRUE(book({{"resp_2", use(7)}}).empty());
  EXPECT_EQ(**ledger_.find(made.id), made);
}

TEST_F(LateUsesTest, WaitForTheirRowsSomeTime) {
  const auto waiting = book({{"resp_1", use(7)}, {"resp_elsewhere", use(7, now() - Ms(61'000))}});
  ASSERT_EQ(waiting.size(), 1u);
  EXPECT_EQ(waiting.begin()->first, "resp_1");
  add(row(1));
  EXPECT_TRUE(book(waiting).empty());
  EXPECT_EQ(attempt(row(1)).cost_nanos, 74);
}

TEST_F(LateUsesTest, WithoutAPriceTellTokensOnly) {
  price_ = nullptr;
  add(row(1));
  book({{"resp_1", use(7)}});
  EXPECT_EQ(attempt(row(1)).usage.output, 7);
  EXPECT_FALSE(attempt(row(1)).cost_nanos);
  EXPECT_EQ(all().held_nanos, 900) << "budgets go on counting the worst case";
}

}  // namespace
}  // namespace sluice::app::late_uses_test
