#include "store/sqlite/sqlite_ledger.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <thread>

#include "base/ids.h"
#include "base/time_text.h"
#include "store/memory/memory_ledger.h"
#include "store/rows_test.h"
#include "store/sqlite/seen.h"
#include "store/sqlite/sqlite_fixture_test.h"

namespace sluice::store::sqlite_ledger_test {
namespace {

TEST_F(SqliteLedgerTest, WhatWasInsertedIsThereWhenItIsOpenedAgain) {
  const std::vector<ExchangeRow> rows{full_row(1)};
  ASSERT_TRUE(open()->insert(views_of(rows), {1, 2, 3}));
  auto ledger = open();
  EXPECT_EQ(**ledger->find(rows[0].id), rows[0]);
  EXPECT_EQ(*ledger->position(), (journal::Position{1, 2, 3}));
}

TEST_F(SqliteLedgerTest, RowsWithMoreAndWithLessFollowEachOther) {
  auto ledger = open();
  ExchangeRow bare;
  bare.id = "bare";
  bare.attempts.resize(1);
  std::vector<ExchangeRow> rows{bare, small_row(1, 1000), full_row(2), small_row(3, 2000)};
  for (const auto& row : rows) ASSERT_TRUE(ledger->insert(views_of({&row, 1}), {}));
  for (std::int64_t i = 10; i < 450; ++i)
    ASSERT_TRUE(ledger->insert(views_of({&rows.emplace_back(small_row(i, i)), 1}), {}));
  const std::vector<ExchangeRow> together{small_row(500, 1), full_row(501, 3), small_row(502, 1)};
  ASSERT_TRUE(ledger->insert(views_of(together), {}));
  rows.insert(rows.end(), together.begin(), together.end());
  for (const auto& row : rows) EXPECT_EQ(**ledger->find(row.id), row);
}

TEST_F(SqliteLedgerTest, ARecordThatCannotBeReadIsToldByItsNumber) {
  auto ledger = open();
  ASSERT_TRUE(ledger->insert(views_of(std::vector{small_row(1, 5), small_row(2, 6)}), {}));
  auto other = sqlite::Database::open(file_);
  ASSERT_TRUE((*other)->run("UPDATE record SET fields = substr(fields, 1, 40) WHERE number = 2"));
  EXPECT_TRUE(ledger->find(small_row(1, 5).id)->has_value());
  auto found = ledger->find(small_row(2, 6).id);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, FaultKind::kInternal);
  EXPECT_NE(found.error().told.find("row 2 of its table 'record'"), std::string::npos) << found.error().told;
}

TEST_F(SqliteLedgerTest, TheFilesAreClosedToOthers) {
  auto ledger = open();
  ASSERT_TRUE(ledger->insert({}, {1, 2, 3}));
  using std::filesystem::perms;
  for (const char* end : {"", "-wal", "-shm"}) {
    EXPECT_EQ(std::filesystem::status(file_ + end).permissions(), perms::owner_read | perms::owner_write) << end;
  }
}

constexpr std::int64_t kHourUs = 4 * kSpanUs, kDayUs = 24 * kHourUs;

// Batches of an hour each for twenty days, some of the rows days late.
TEST_F(SqliteLedgerTest, LongSpansAreAddedUpWhenTheyAreOverAndLateRowsAreInThem) {
  auto ledger = open();
  MemoryLedger plain(10'000);
  const std::int64_t begin = 1'790'000'100'000'000 / (8 * kDayUs) * (8 * kDayUs);
  std::int64_t number = 0;
  for (std::int64_t hour = 0; hour < 20 * 24; ++hour) {
    std::vector<ExchangeRow> rows{small_row(number++, begin + hour * kHourUs + hour % 60 * 60'000'000)};
    if (hour % 5 == 0) rows.push_back(small_row(number++, begin + hour * kHourUs * 2 / 3));
    if (hour % 7 == 0) rows.back().key = "late";
    ASSERT_TRUE(ledger->insert(views_of(rows), {}));
    ASSERT_TRUE(plain.insert(views_of(rows), {}));
    if (hour == 100) ledger = open();
  }
  for (const auto& [level, over] : std::vector<std::pair<int, int>>{{1, 479}, {2, 79}, {3, 19}, {4, 2}}) {
    const auto rows = fmt::format("FROM sum WHERE dimension = 'all' AND level = {}", level);
    EXPECT_EQ(asked(file_, "SELECT COUNT(*) " + rows), over);
    const auto end =
        kWidths[static_cast<std::size_t>(level)] * (begin / kSpanUs / kWidths[static_cast<std::size_t>(level)] + over);
    EXPECT_EQ(
        asked(file_, "SELECT SUM(exchanges) " + rows),
        asked(file_,
              fmt::format("SELECT SUM(exchanges) FROM sum WHERE dimension = 'all' AND level = 0 AND span < {}", end)));
  }
  for (const char* by : {"all", "key", "model"}) {
    for (std::int64_t step : {kSpanUs, kHourUs, 5 * kHourUs, kDayUs, 11 * kDayUs}) {
      SumQuery query{by, {}};
      for (auto at = begin; at <= begin + 22 * kDayUs && query.bounds_us.size() < kMostBounds; at += step)
        query.bounds_us.push_back(at);
      EXPECT_EQ(*ledger->sums(query), *plain.sums(query)) << by << " " << step;
    }
  }
  const std::vector<Correction> corrections{{small_row(0, 0).id, 0, 5, "new"},
                                            {small_row(number - 1, 0).id, 0, 7, "new"}};
  EXPECT_EQ(*ledger->correct(corrections, 1), 2U);
  EXPECT_EQ(*plain.correct(corrections, 1), 2U);
  const SumQuery all{"key", {begin, begin + 8 * kDayUs, begin + 20 * kDayUs}};
  EXPECT_EQ(*ledger->sums(all), *plain.sums(all));
}

TEST_F(SqliteLedgerTest, SeveralMayBeginAtOnce) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      auto ledger = SqliteLedger::open(file_);
      EXPECT_TRUE(ledger) << ledger.error().told << ledger.error().detail;
    });
}

// Another program that closes its connection takes the log away where it finds nobody else's lock.
TEST_F(SqliteLedgerTest, OpeningItAgainKeepsTheLocksOfThoseWhoHaveItOpen) {
  auto ledger = open();
  auto again = open();
  ASSERT_TRUE(ledger->insert({}, {1, 2, 3}));
  ASSERT_TRUE(std::filesystem::exists(file_ + "-wal"));
  const pid_t child = ::fork();
  if (child == 0) {
    auto other = sqlite::Database::open(file_);
    const bool read = other && (*other)->run("SELECT * FROM journal_position");
    other = fail(FaultKind::kInternal, "");  // closed
    ::_exit(read ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(std::filesystem::exists(file_ + "-wal"));
  ASSERT_TRUE(ledger->insert({}, {4, 5, 6}));
  EXPECT_EQ(*open()->position(), (journal::Position{4, 5, 6}));
}

TEST_F(SqliteLedgerTest, AFileThatIsNoDatabaseIsAFault) {
  journal::write_bytes(file_, std::string(5000, 'x'));
  EXPECT_FALSE(SqliteLedger::open(file_));
  EXPECT_FALSE(SqliteLedger::open(folder_.file("no/such/folder.db")));
}

TEST_F(SqliteLedgerTest, ALockedDatabaseIsAFaultThatPasses) {
  auto ledger = open();
  auto other = sqlite::Database::open(file_);
  ASSERT_TRUE((*other)->run("BEGIN IMMEDIATE"));
  const std::vector<ExchangeRow> rows{full_row(1)};
  auto status = ledger->insert(views_of(rows), {1, 2, 3});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, FaultKind::kOverloaded);
  EXPECT_EQ(status.error().retry, Retry::kSame);
  EXPECT_FALSE(ledger->find(rows[0].id)->has_value());  // readers are not held up
  ASSERT_TRUE((*other)->run("COMMIT"));
  EXPECT_TRUE(ledger->insert(views_of(rows), {1, 2, 3}));
  EXPECT_TRUE(ledger->find(rows[0].id)->has_value());
}

// What the database keeps in order grows at its end then.
TEST_F(SqliteLedgerTest, RowsOfABatchAreNumberedAsTheyArrived) {
  const std::vector<ExchangeRow> rows{small_row(3, 30), small_row(1, 10), small_row(2, 20)};
  const std::vector<ExchangeRow> more{small_row(5, 50), small_row(2, 20), small_row(4, 40)};
  auto ledger = open();
  ASSERT_TRUE(ledger->insert(views_of(rows), {}));
  ASSERT_TRUE(ledger->insert(views_of(more), {}));
  EXPECT_EQ(asked(file_, "SELECT group_concat(arrived_us, '') FROM (SELECT * FROM record ORDER BY number)"),
            1020304050);
  EXPECT_EQ(ledger->sums({"all", {0, 100}})->front().sum.exchanges, 5);
}

TEST_F(SqliteLedgerTest, OneThatIsOnlyReadSeesWhatIsWrittenAndWritesNothing) {
  EXPECT_FALSE(SqliteLedger::open_to_read(file_));
  EXPECT_FALSE(std::filesystem::exists(file_));
  auto writing = open();
  auto reading = SqliteLedger::open_to_read(file_);
  ASSERT_TRUE(reading) << reading.error().told;
  const std::vector<ExchangeRow> rows{full_row(1)};
  ASSERT_TRUE(writing->insert(views_of(rows), {1, 2, 3}));
  EXPECT_EQ(**(*reading)->find(rows[0].id), rows[0]);
  EXPECT_FALSE((*reading)->insert(views_of(rows), {}));
  EXPECT_FALSE((*reading)->remove_before(INT64_MAX, 1));
  writing.reset();
  auto alone = SqliteLedger::open_to_read(file_);
  ASSERT_TRUE(alone) << alone.error().told;
  EXPECT_TRUE((*alone)->find(rows[0].id)->has_value());
}

// Tags that are made up by the thousand do not make sums without number, and nothing is missing from the total.
TEST_F(SqliteLedgerTest, ValuesBeyondTheFirstThousandsOfADayAreAddedUpTogether) {
  auto ledger = open();
  constexpr std::int64_t kMany = sqlite::Values::kMostValues + 50;
  std::vector<ExchangeRow> rows;
  for (std::int64_t i = 0; i < kMany; ++i) {
    rows.push_back(small_row(i, 5 + i));
    rows.back().tags = {{"session", "s" + std::to_string(i)}};
  }
  ASSERT_TRUE(ledger->insert(views_of(rows), {}));
  ledger = open();  // what it knows of the day is in the database
  const std::vector<ExchangeRow> more{[&] {
    auto row = small_row(kMany, 5);
    row.tags = {{"session", "fresh"}};
    return row;
  }()};
  ASSERT_TRUE(ledger->insert(views_of(more), {}));
  auto sums = ledger->sums({"tag:session", {0, kSpanUs}});
  ASSERT_TRUE(sums);
  ASSERT_EQ(sums->size(), sqlite::Values::kMostValues + 1);
  EXPECT_EQ(sums->front().value, kOthers);
  EXPECT_EQ(sums->front().sum.exchanges, 51);
  // A correction goes to where the row was added.
  const Correction corrections[] = {{more[0].id, 0, 7'000, "new"}};
  EXPECT_EQ(*ledger->correct(corrections, 1), 1U);
  EXPECT_EQ(ledger->sums({"tag:session", {0, kSpanUs}})->front().sum.cost_nanos, 50 * 1000 + 7000);
}

// Budgets are asked for by value.
class Costs {
 public:
  explicit Costs(SqliteLedger& ledger) : ledger_(ledger) {}
  Ledger::Told ask(std::string by, std::vector<std::int64_t> bounds) {
    costs.clear();
    auto told = ledger_.each_cost({std::move(by), std::move(bounds)},
                                  [&](std::int64_t from_us, std::string_view value, std::int64_t nanos) {
                                    costs[{from_us, std::string(value)}] += nanos;
                                  });
    EXPECT_TRUE(told) << told.error().told;
    return told ? *told : Ledger::Told::kNotAll;
  }
  std::map<std::pair<std::int64_t, std::string>, std::int64_t> costs;

 private:
  SqliteLedger& ledger_;
};

ExchangeRow tagged(std::int64_t number, std::int64_t arrived_us, std::string value, std::int64_t cost) {
  auto row = small_row(number, arrived_us);
  row.tags = {{"feature", std::move(value)}};
  row.attempts.at(0).cost_nanos = cost;
  return row;
}

// A day of more values than have sums of their own, and a row on a later day.
TEST_F(SqliteLedgerTest, WhatEachOfTheOthersCostIsKnownAsLongAsRowsAreKept) {
  auto ledger = open();
  constexpr std::int64_t kMany = sqlite::Values::kMostValues, kLater = kDayUs + 5;
  std::vector<ExchangeRow> rows;
  for (std::int64_t i = 0; i < kMany; ++i) rows.push_back(tagged(i, 5 + i, "v" + std::to_string(i), 1));
  ASSERT_TRUE(ledger->insert(views_of(rows), {}));
  const std::vector<ExchangeRow> more{
      tagged(kMany, kSpanUs + 5, "late", 100), tagged(kMany + 1, 2 * kSpanUs - 5, "late", 20),
      tagged(kMany + 2, kSpanUs + 6, std::string(kOthers), 3), tagged(kMany + 3, kLater, "late", 4'000)};
  ASSERT_TRUE(ledger->insert(views_of(more), {}));
  Costs known(*ledger);
  EXPECT_EQ(known.ask("tag:feature", {0, 2 * kDayUs}), Ledger::Told::kAll);
  EXPECT_EQ(known.costs.size(), static_cast<std::size_t>(kMany) + 2);
  EXPECT_EQ((known.costs[{0, "late"}]), 4'120);
  EXPECT_EQ((known.costs[{0, std::string(kOthers)}]), 3);
  EXPECT_EQ((known.costs[{0, "v7"}]), 1);
  // Where a period cuts a span rows say it.
  EXPECT_EQ(known.ask("tag:feature", {kSpanUs, 2 * kSpanUs - 10, 2 * kDayUs}), Ledger::Told::kAll);
  EXPECT_EQ((known.costs[{kSpanUs, "late"}]), 100);
  EXPECT_EQ((known.costs[{2 * kSpanUs - 10, "late"}]), 4'020);
  const Correction corrections[] = {{more[0].id, 0, 7, "new"}};
  EXPECT_EQ(*ledger->correct(corrections, 1), 1U);
  EXPECT_EQ(known.ask("tag:feature", {0, kDayUs}), Ledger::Told::kAll);
  EXPECT_EQ((known.costs[{0, "late"}]), 27);
  EXPECT_EQ(ledger->sums({"tag:feature", {0, kDayUs}})->front().sum.cost_nanos, 30);
  // It goes with the rows, and others stay.
  while (*ledger->remove_before(kDayUs, 5'000) > 0) {
  }
  EXPECT_EQ(asked(file_, "SELECT COUNT(*) FROM sum WHERE dimension LIKE 'apart:%'"), 0);
  EXPECT_EQ(known.ask("tag:feature", {0, 2 * kDayUs}), Ledger::Told::kNotAll);
  EXPECT_EQ((known.costs[{0, "late"}]), 4'000);
  EXPECT_EQ(known.ask("tag:feature", {kDayUs, 2 * kDayUs}), Ledger::Told::kAll);
}

// Requests that are refused may be made by the thousand.
TEST_F(SqliteLedgerTest, WhatCostNothingLeavesRoomForOtherValues) {
  auto ledger = open();
  constexpr std::int64_t kMany = sqlite::Values::kMostValues;
  std::vector<ExchangeRow> rows;
  for (std::int64_t i = 0; i < kMany; ++i) rows.push_back(tagged(i, 5 + i, "v" + std::to_string(i), 0));
  ASSERT_TRUE(ledger->insert(views_of(rows), {}));
  const std::vector<ExchangeRow> more{tagged(kMany, 5, "late", 100)};
  ASSERT_TRUE(ledger->insert(views_of(more), {}));
  auto sums = ledger->sums({"tag:feature", {0, kSpanUs}});
  ASSERT_TRUE(sums);
  EXPECT_EQ(sums->size(), sqlite::Values::kMostValues / 2 + 2);
  EXPECT_EQ(sums->front().value, kOthers);
  EXPECT_EQ(sums->front().sum.cost_nanos, 0);
  EXPECT_EQ(asked(file_, "SELECT COUNT(*) FROM sum WHERE dimension LIKE 'apart:%'"), 0);
}

TEST_F(SqliteLedgerTest, APageThatFindsNothingInManyRowsGoesOn) {
  auto ledger = open();
  std::vector<ExchangeRow> rows;
  constexpr auto kMany = static_cast<std::int64_t>(kMostLookedAt) + 10;
  rows.reserve(kMany);
  for (std::int64_t i = 0; i < kMany; ++i) {
    rows.push_back(small_row(i, 1000 + i));
    rows.back().attempts.clear();
  }
  rows[3].route = "rare";
  rows[5].route = "rare";
  ASSERT_TRUE(ledger->insert(views_of(rows), {}));
  for (const std::vector<Filter>& filters : {std::vector<Filter>{{"route", "rare"}},
                                             {{"route", "rare"}, {"key", "web"}},
                                             {{"all", ""}, {"route", "rare"}}}) {
    PageQuery query{.filters = filters, .most = 1};
    std::vector<std::string> found;
    int pages = 0;
    do {
      auto page = ledger->page(query);
      ASSERT_TRUE(page);
      for (const auto& row : page->rows) found.push_back(row.id);
      query.before = page->next;
      ++pages;
    } while (query.before);
    EXPECT_EQ(found, (std::vector<std::string>{rows[5].id, rows[3].id}));
    EXPECT_EQ(pages, 3);
  }
}

// Rows of thirty seconds, many of the same microsecond, with ids as requests have them and with others.
std::vector<ExchangeRow> mixed_rows(std::minstd_rand& random) {
  constexpr std::int64_t kBegin = 1'790'000'000'000'000 / kSpanUs * kSpanUs;
  std::vector<ExchangeRow> rows;
  IdMaker ids;
  for (std::int64_t i = 0; i < 600; ++i) {
    rows.push_back(small_row(i, kBegin + static_cast<std::int64_t>(random() % 120) * 250'000));
    auto& row = rows.back();
    if (i % 3 != 0) row.id = ids.next(from_us(row.arrived_us));
    row.key = random() % 20 == 0 ? "rare" : random() % 9 == 0 ? "" : "web";
    row.team = "team" + std::to_string(random() % 3);
    if (random() % 5 == 0) row.user = "ann";
    if (random() % 7 == 0) row.fault = "truncated";
    row.route = random() % 2 == 0 ? "fast" : "slow";
  }
  return rows;
}

std::vector<std::string> listed(Ledger& ledger, PageQuery query) {
  std::vector<std::string> ids;
  do {
    auto page = ledger.page(query);
    EXPECT_TRUE(page);
    if (!page) break;
    for (const auto& row : page->rows) ids.push_back(row.id);
    query.before = page->next;
  } while (query.before);
  return ids;
}

TEST_F(SqliteLedgerTest, PagesOfSomebodyAreThoseOfAllRows) {
  std::minstd_rand random(5);
  const auto rows = mixed_rows(random);
  auto ledger = open();
  MemoryLedger plain(10'000);
  for (std::size_t i = 0; i < rows.size(); i += 100) {
    const std::vector<ExchangeRow> batch(rows.begin() + i, rows.begin() + i + 100);
    ASSERT_TRUE(ledger->insert(views_of(batch), {}));
    ASSERT_TRUE(plain.insert(views_of(batch), {}));
  }
  ASSERT_TRUE(ledger->insert(views_of(rows), {}));  // all once more, all known
  for (const auto& row : rows) EXPECT_EQ(**ledger->find(row.id), row);
  const std::vector<std::vector<Filter>> all{{},
                                             {{"key", "rare"}},
                                             {{"key", ""}},
                                             {{"user", "ann"}, {"team", "team1"}},
                                             {{"fault", "truncated"}, {"route", "slow"}},
                                             {{"all", ""}, {"route", "slow"}},
                                             {{"key", "nobody"}}};
  const auto begin = rows[0].arrived_us / kSpanUs * kSpanUs;
  for (const auto& filters : all) {
    for (std::size_t most : {1UL, 7UL, 1000UL}) {
      for (std::int64_t from : {std::int64_t{0}, begin + 1, begin + 7'250'000}) {
        for (std::int64_t to : {begin + 7'250'001, begin + 20'000'000, INT64_MAX}) {
          const PageQuery query{.from_us = from, .to_us = to, .filters = filters, .most = most};
          EXPECT_EQ(listed(*ledger, query), listed(plain, query)) << filters.size() << " " << most << " " << from;
        }
      }
    }
  }
}

TEST_F(SqliteLedgerTest, WhatWasSeenGoesWithItsRows) {
  std::minstd_rand random(6);
  const auto rows = mixed_rows(random);
  auto ledger = open();
  ASSERT_TRUE(ledger->insert(views_of(rows), {}));
  auto expected = [&](std::string_view dimension) {
    return fmt::format(
        "SELECT (SELECT COUNT(*) FROM seen WHERE dimension = '{0}') - (SELECT COUNT(*) FROM (SELECT DISTINCT \"{0}\", "
        "arrived_us / 1000000 FROM record WHERE \"{0}\" <> ''))",
        dimension);
  };
  const auto limit = rows[0].arrived_us + 2 * kSpanUs;
  std::size_t removed = 0;
  for (std::size_t step = 40; step >= 40;) {
    for (const auto dimension : sqlite::kSeen) EXPECT_EQ(asked(file_, expected(dimension)), 0) << dimension;
    step = *ledger->remove_before(limit, 40);
    removed += step;
  }
  EXPECT_EQ(removed, rows.size());
  EXPECT_EQ(asked(file_, "SELECT COUNT(*) FROM seen"), 0);
}

TEST_F(SqliteLedgerTest, ABatchIsInsertedWholeOrNotAtAll) {
  auto ledger = open();
  auto other = sqlite::Database::open(file_);
  ASSERT_TRUE(
      (*other)->run("CREATE TRIGGER no BEFORE INSERT ON record WHEN NEW.key = 'bad' "
                    "BEGIN SELECT RAISE(ABORT, 'refused'); END"));
  auto bad = small_row(2, 5);
  bad.key = "bad";
  const std::vector<ExchangeRow> rows{small_row(1, 5), bad};
  auto status = ledger->insert(views_of(rows), {1, 2, 3});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().retry, Retry::kNo);
  EXPECT_FALSE(ledger->find(rows[0].id)->has_value());
  EXPECT_EQ(*ledger->position(), journal::Position{});
  EXPECT_TRUE(ledger->sums({"all", {0, kSpanUs}})->empty());
}

}  // namespace
}  // namespace sluice::store::sqlite_ledger_test
