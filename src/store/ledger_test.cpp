// What every store does alike.
#include "store/ledger.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "base/journal/folder_test.h"
#include "store/memory/memory_ledger.h"
#include "store/rows_test.h"
#include "store/sqlite/sqlite_ledger.h"

namespace sluice::store::ledger_test {
namespace {

constexpr std::int64_t kNoon = 1'790'000'100'000'000;  // a whole span
static_assert(kNoon % kSpanUs == 0);

struct Kind {
  const char* name;
  std::unique_ptr<Ledger> (*make)(const std::string& folder);
};

class LedgerStore : public ::testing::TestWithParam<Kind> {
 protected:
  void add(std::vector<ExchangeRow> rows, journal::Position position = {}) {
    auto status = ledger_->insert(views_of(rows), position);
    ASSERT_TRUE(status) << status.error().detail;
  }
  std::vector<PeriodSum> sums(std::string by, std::vector<std::int64_t> bounds) {
    auto sums = ledger_->sums({std::move(by), std::move(bounds)});
    EXPECT_TRUE(sums) << sums.error().told << sums.error().detail;
    return sums.value_or(std::vector<PeriodSum>());
  }

  journal::Folder folder_;
  std::unique_ptr<Ledger> ledger_ = GetParam().make(folder_.path());
};

TEST_P(LedgerStore, FindsARowWithItsAttemptsAsItWasGiven) {
  auto row = full_row(5, 3);
  add({full_row(4), row, full_row(6, 0)});
  EXPECT_EQ(**ledger_->find(row.id), row);
  EXPECT_EQ(**ledger_->find(full_row(6, 0).id), full_row(6, 0));
  EXPECT_FALSE(ledger_->find("req_none")->has_value());
}

TEST_P(LedgerStore, ARowThatIsThereIsNotAddedAgain) {
  auto row = small_row(1, kNoon);
  add({row, row});
  row.status = 500;
  add({row, small_row(2, kNoon)});
  EXPECT_EQ((*ledger_->find(row.id))->status, 200);
  EXPECT_EQ(sums("all", {kNoon, kNoon + kSpanUs})[0].sum.exchanges, 2);
  EXPECT_EQ(ledger_->page({})->rows.size(), 2U);
}

// K9: an id of somebody else: it is known whose it is.
TEST_P(LedgerStore, K9TellsWhoHadMadeWhatAProviderKeeps) {
  auto made = [](std::int64_t number, std::string kept_id, std::string key) {
    auto row = small_row(number, kNoon + number);
    row.kept_id = std::move(kept_id);
    row.key = std::move(key);
    row.provider = "openai";
    return row;
  };
  auto alone = made(4, "resp_4", "batch");
  alone.team = "";
  add({made(1, "resp_1", "web"), made(2, "", "web"), made(3, "resp_3", "web"), alone, made(5, "resp_1", "app")});
  EXPECT_EQ((*ledger_->find_kept("resp_3"))->key, "web");
  EXPECT_EQ(**ledger_->find_kept("resp_4"), alone);
  EXPECT_EQ((*ledger_->find_kept("resp_1"))->key, "app") << "the newest";
  for (auto id : {"", "resp_", "resp_33", "RESP_3", "%", "web", "' OR '' = '"})
    EXPECT_FALSE(ledger_->find_kept(id)->has_value()) << id;
  EXPECT_EQ((*ledger_->find(alone.id))->kept_id, "resp_4");
}

TEST_P(LedgerStore, KeepsThePositionOfTheJournal) {
  EXPECT_EQ(*ledger_->position(), journal::Position{});
  add({}, {1, 2, 3});
  EXPECT_EQ(*ledger_->position(), (journal::Position{1, 2, 3}));
  add({small_row(1, kNoon)}, {4, 5, 6});
  EXPECT_EQ(*ledger_->position(), (journal::Position{4, 5, 6}));
}

TEST_P(LedgerStore, PagesGoFromTheNewestToTheOldestWithoutGapsOrRepeats) {
  std::vector<ExchangeRow> rows;
  for (int i = 0; i < 57; ++i) rows.push_back(small_row(i, kNoon + i / 3));  // three each at the same time
  add(rows);
  PageQuery query{.most = 10};
  std::vector<std::string> ids;
  for (std::size_t pages = 1;; ++pages) {
    auto page = ledger_->page(query);
    ASSERT_TRUE(page);
    for (const auto& row : page->rows) ids.push_back(row.id);
    query.before = page->next;
    if (!page->next) {
      EXPECT_EQ(pages, 6U);
      break;
    }
  }
  std::vector<std::string> expected;
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) expected.push_back(row->id);
  EXPECT_EQ(ids, expected);
}

TEST_P(LedgerStore, PagesAreOfATimeAndOfSomebody) {
  auto other = small_row(3, kNoon + 3);
  other.key = "batch";
  other.team = "";
  add({small_row(1, kNoon + 1), small_row(2, kNoon + 2), other, small_row(4, kNoon + 4)});
  auto ids = [&](PageQuery query) {
    std::string ids;
    auto page = ledger_->page(query);
    EXPECT_TRUE(page);
    if (page) {
      for (const auto& row : page->rows) ids += row.id.back();
    }
    return ids;
  };
  EXPECT_EQ(ids({.from_us = kNoon + 2, .to_us = kNoon + 4}), "32");
  EXPECT_EQ(ids({.filters = {{"key", "batch"}}}), "3");
  EXPECT_EQ(ids({.filters = {{"team", "shop"}}, .most = 2}), "42");
  EXPECT_EQ(ids({.filters = {{"team", ""}}}), "3");
  EXPECT_EQ(ids({.filters = {{"route", "fast"}}}), "4321");
  EXPECT_EQ(ids({.filters = {{"route", "fast"}, {"key", "batch"}}}), "3");
  EXPECT_EQ(ids({.filters = {{"route", "slow"}, {"key", "batch"}}}), "");
  EXPECT_EQ(ledger_->page({.filters = {{"error", "x"}}}).error().kind, FaultKind::kInvalidRequest);
  EXPECT_EQ(ledger_->page({.filters = std::vector<Filter>(kMostFilters + 1, {"all", ""})}).error().kind,
            FaultKind::kInvalidRequest);
  EXPECT_EQ(ledger_->page({.most = 0}).error().kind, FaultKind::kInvalidRequest);
  EXPECT_EQ(ledger_->page({.most = kMostRows + 1}).error().kind, FaultKind::kInvalidRequest);
}

TEST_P(LedgerStore, TextsOfRequestsAreDataAndNothingElse) {
  auto row = small_row(1, kNoon);
  row.key = "'; DROP TABLE exchange; --";
  row.model_asked = std::string("a\0b", 3);
  add({row});
  EXPECT_EQ(**ledger_->find(row.id), row);
  EXPECT_EQ(ledger_->page({.filters = {{"key", row.key}}})->rows.size(), 1U);
  EXPECT_EQ(sums("key", {kNoon, kNoon + 1})[0].value, row.key);
}

TEST_P(LedgerStore, RefusesSumsThatMakeNoSense) {
  for (auto bounds : {std::vector<std::int64_t>{}, {1}, {2, 1}, {1, 1}, {-5, 5}, {0, INT64_MAX}}) {
    EXPECT_EQ(ledger_->sums({"all", bounds}).error().kind, FaultKind::kInvalidRequest);
  }
  EXPECT_EQ(ledger_->sums({"error", {0, 1}}).error().kind, FaultKind::kInvalidRequest);
}

// The sums by the slow and obvious way.
std::vector<PeriodSum> added_up(const std::vector<ExchangeRow>& rows, const SumQuery& query) {
  std::map<std::pair<std::int64_t, std::string>, Sum> sums;
  for (std::size_t i = 0; i + 1 < query.bounds_us.size(); ++i) {
    for (const auto& row : rows) {
      if (row.arrived_us < query.bounds_us[i] || row.arrived_us >= query.bounds_us[i + 1]) continue;
      for (const auto& share : shares_of(row)) {
        if (share.dimension == query.by) sums[{query.bounds_us[i], share.value}].add(share.sum);
      }
    }
  }
  std::vector<PeriodSum> result;
  for (const auto& [place, sum] : sums) result.push_back({place.first, place.second, sum});
  return result;
}

UsageRow random_usage(std::minstd_rand& random) {
  UsageRow usage{.source = "provider"};
  usage.input = static_cast<std::int64_t>(random() % 1000);
  usage.output = static_cast<std::int64_t>(random() % 1000);
  usage.reasoning = usage.output / 2;
  if (random() % 2 == 0) usage.billed_input = usage.input;
  return usage;
}

std::vector<ExchangeRow> random_rows(std::minstd_rand& random, std::size_t count) {
  std::vector<ExchangeRow> rows;
  for (std::size_t i = 0; i < count; ++i) {
    auto row = small_row(static_cast<std::int64_t>(i), kNoon + static_cast<std::int64_t>(random() % (kSpanUs * 8)));
    row.key = "key" + std::to_string(random() % 3);
    if (random() % 3 == 0) row.tags = {{"feature", std::to_string(random() % 2)}};
    if (random() % 4 == 0) row.attempts.push_back(row.attempts[0]);
    row.attempts.back().deployment = "d" + std::to_string(random() % 3);
    row.attempts.back().cost_nanos = static_cast<std::int64_t>(random() % 1000);
    if (random() % 9 == 0) row.attempts.back().cost_nanos = {};
    if (random() % 6 == 0) row.attempts.back().fault = random() % 2 == 0 ? "truncated" : "superseded";
    if (random() % 6 == 0) row.attempts.back().why = "retry";
    if (random() % 7 == 0) row.fault = "truncated";
    if (random() % 5 == 0) row.attempts.clear();
    rows.push_back(row);
  }
  return rows;
}

TEST_P(LedgerStore, SumsAreThoseOfTheRowsWhereverPeriodsBegin) {
  std::minstd_rand random(7);
  auto rows = random_rows(random, 400);
  for (std::size_t i = 0; i < rows.size(); i += 50) add({rows.begin() + i, rows.begin() + i + 50});
  for (const char* by : {"all", "key", "deployment", "tag:feature", "tag:none"}) {
    for (int round = 0; round < 20; ++round) {
      std::set<std::int64_t> bounds;
      while (bounds.size() < 2 + round % 5U) {
        auto at = kNoon - kSpanUs + static_cast<std::int64_t>(random() % (kSpanUs * 10));
        bounds.insert(random() % 2 == 0 ? at : at - at % kSpanUs);
      }
      SumQuery query{by, {bounds.begin(), bounds.end()}};
      EXPECT_EQ(*ledger_->sums(query), added_up(rows, query)) << by;
    }
  }
}

// H4: totals wrong: each view of the same time has the same total, with months of rows and whatever days are.
TEST_P(LedgerStore, H4LongTimesAreTheSumOfTheirRows) {
  std::minstd_rand random(9);
  auto rows = random_rows(random, 300);
  constexpr std::int64_t kDayUs = 96 * kSpanUs;
  for (auto& row : rows)
    row.arrived_us = kNoon + static_cast<std::int64_t>(random() % 100) * kDayUs + row.arrived_us % kDayUs;
  add(rows);
  for (const char* by : {"all", "key", "status", "fault", "model", "tag:feature"}) {
    for (std::int64_t offset : {0, 1, -2, 22, 23}) {  // hours of zones
      SumQuery days{by, {}};
      for (std::int64_t day = -1; day <= 101; ++day)
        days.bounds_us.push_back(kNoon + day * kDayUs + offset * 4 * kSpanUs);
      EXPECT_EQ(*ledger_->sums(days), added_up(rows, days)) << by;
      SumQuery whole{by, {days.bounds_us.front(), days.bounds_us.back()}};
      EXPECT_EQ(*ledger_->sums(whole), added_up(rows, whole)) << by;
    }
  }
}

TEST_P(LedgerStore, AValueThatLooksLikeATagIsNone) {
  auto row = small_row(1, 0);
  row.tags = {{"note", R"(x","feature":"search)"}, {"path", R"(\"feature":"search")"}};
  add({row});
  EXPECT_TRUE(ledger_->page({.filters = {{"tag:feature", "search"}}})->rows.empty());
  for (const auto& [name, value] : row.tags)
    EXPECT_EQ(ledger_->page({.filters = {{"tag:" + name, value}}})->rows.size(), 1U) << name;
}

TEST_P(LedgerStore, PagesAreFoundByEveryDimension) {
  std::minstd_rand random(10);
  auto rows = random_rows(random, 120);
  add(rows);
  for (const auto& wanted : rows) {
    for (const auto& share : shares_of(wanted)) {
      auto page = ledger_->page({.filters = {{share.dimension, share.value}}, .most = 200});
      ASSERT_TRUE(page);
      std::set<std::string> ids, expected;
      for (const auto& row : page->rows) ids.insert(row.id);
      for (const auto& row : rows) {
        if (has_share(row, share.dimension, share.value)) expected.insert(row.id);
      }
      ASSERT_EQ(ids, expected) << share.dimension << " " << share.value;
    }
  }
}

TEST_P(LedgerStore, PagesHaveAttemptsWhereTheyAreAskedFor) {
  std::vector<ExchangeRow> rows{full_row(1, 3), full_row(2, 0)};
  add(rows);
  auto page = ledger_->page({.detail = PageQuery::Detail::kAttempts});
  ASSERT_TRUE(page);
  EXPECT_EQ(page->rows, (std::vector<ExchangeRow>{rows[1], rows[0]}));
  EXPECT_TRUE(ledger_->page({})->rows[1].attempts.empty());
}

// G11: the table of rows grows without bound: rows go after their time, a few at once, and what was spent stays known.
TEST_P(LedgerStore, G11OldRowsAreRemovedInStepsAndTheirSumsStay) {
  std::minstd_rand random(11);
  auto rows = random_rows(random, 200);
  add(rows);
  const std::vector<std::int64_t> bounds{kNoon, kNoon + 3 * kSpanUs, kNoon + 8 * kSpanUs};
  const auto before = sums("key", bounds);
  const auto limit = kNoon + 4 * kSpanUs + 5;
  EXPECT_EQ(*ledger_->kept_from(), 0);
  std::size_t removed = 0;
  for (std::size_t step = 30; step >= 30; removed += step) step = *ledger_->remove_before(limit, 30);
  std::size_t old = 0;
  for (const auto& row : rows) {
    const bool is_old = row.arrived_us < kNoon + 4 * kSpanUs;
    if (is_old) ++old;
    EXPECT_EQ(ledger_->find(row.id)->has_value(), !is_old);
  }
  EXPECT_EQ(removed, old);
  EXPECT_EQ(*ledger_->kept_from(), kNoon + 4 * kSpanUs);
  EXPECT_EQ(sums("key", bounds), before);
  EXPECT_EQ(ledger_->sums({"key", {kNoon + 1, kNoon + 8 * kSpanUs}}).error().kind, FaultKind::kInvalidRequest);
  SumQuery cut{"key", {kNoon + 4 * kSpanUs + 3, kNoon + 6 * kSpanUs + 7}};
  EXPECT_EQ(*ledger_->sums(cut), added_up(rows, cut));
  EXPECT_EQ(*ledger_->remove_before(limit, 30), 0U);
}

TEST_P(LedgerStore, CorrectionsChangeWhatAttemptsCostAndTheSums) {
  std::minstd_rand random(12);
  auto rows = random_rows(random, 100);
  add(rows);
  std::vector<Correction> corrections{{"req_none", 0, 5, "new", {}}, {rows[0].id, 9, 5, "new", {}}};
  std::size_t expected = 0;
  for (auto& row : rows) {
    for (std::size_t i = 0; i < row.attempts.size(); ++i) {
      if (random() % 2 == 0) continue;
      auto& attempt = row.attempts[i];
      attempt.cost_nanos = random() % 4 == 0 ? std::nullopt : std::optional<std::int64_t>(random() % 5000);
      attempt.price_version = "new";
      corrections.push_back({row.id, i, attempt.cost_nanos, "new", {}});
      if (random() % 3 == 0) {
        attempt.usage = random_usage(random);
        attempt.service_tier = "flex";
        corrections.back().used = {attempt.usage, attempt.service_tier};
      }
      ++expected;
    }
  }
  auto changed = ledger_->correct(corrections, kNoon);
  ASSERT_TRUE(changed) << changed.error().detail;
  EXPECT_EQ(*changed, expected);
  for (const auto& row : rows) EXPECT_EQ(**ledger_->find(row.id), row);
  for (const char* by : {"all", "key", "model", "tag:feature"}) {
    SumQuery query{by, {kNoon, kNoon + 2 * kSpanUs, kNoon + 8 * kSpanUs}};
    EXPECT_EQ(*ledger_->sums(query), added_up(rows, query)) << by;
  }
}

TEST_P(LedgerStore, MoneyAndTokensAreTheSameInEveryDimension) {
  std::minstd_rand random(8);
  add(random_rows(random, 200));
  const std::vector<std::int64_t> bounds{kNoon, kNoon + 8 * kSpanUs};
  auto whole = sums("all", bounds)[0].sum;
  for (const auto& by : kDimensions) {
    Sum sum;
    for (const auto& period : sums(std::string(by), bounds)) sum.add(period.sum);
    EXPECT_EQ(sum.wasted_nanos(), whole.wasted_nanos()) << by;
    EXPECT_EQ(sum.retries_nanos, whole.retries_nanos) << by;
    EXPECT_EQ(sum.cost_nanos, whole.cost_nanos) << by;
    EXPECT_EQ(sum.cost_unknown, whole.cost_unknown) << by;
    EXPECT_EQ(sum.input, whole.input) << by;
    EXPECT_EQ(sum.output, whole.output) << by;
    EXPECT_EQ(sum.attempts, whole.attempts) << by;
  }
}

INSTANTIATE_TEST_SUITE_P(, LedgerStore,
                         ::testing::Values(Kind{"memory",
                                                [](const std::string&) -> std::unique_ptr<Ledger> {
                                                  return std::make_unique<MemoryLedger>(10'000);
                                                }},
                                           Kind{"sqlite",
                                                [](const std::string& folder) -> std::unique_ptr<Ledger> {
                                                  auto ledger = SqliteLedger::open(folder + "/ledger.db");
                                                  EXPECT_TRUE(ledger) << ledger.error().detail;
                                                  return std::move(*ledger);
                                                }}),
                         [](const auto& info) { return info.param.name; });

TEST(MemoryLedger, KeepsTheNewest) {
  MemoryLedger ledger(2);
  std::vector<ExchangeRow> rows{small_row(1, 10), small_row(2, 5), small_row(3, 20)};
  ASSERT_TRUE(ledger.insert(views_of(rows), {}));
  EXPECT_FALSE(ledger.find(rows[1].id)->has_value());
  EXPECT_TRUE(ledger.find(rows[0].id)->has_value());
}

}  // namespace
}  // namespace sluice::store::ledger_test
