#include "store/sqlite/migrations.h"

#include <fmt/format.h>

#include "store/rows_test.h"
#include "store/sqlite/sqlite_fixture_test.h"

namespace sluice::store::migrations_test {
namespace {

using MigrationsTest = SqliteLedgerTest;

// A field of an each_field() as SQL says it.
std::string in_sql(std::int64_t number) {
  return std::to_string(number);
}
std::string in_sql(bool flag) {
  return flag ? "1" : "0";
}
std::string in_sql(const std::optional<std::int64_t>& number) {
  return number ? in_sql(*number) : "NULL";
}
std::string in_sql(const std::string& text) {
  return "'" + text + "'";
}
std::string in_sql(const Tags&) {
  return R"('{"feature":"search","sé\"bag":"\n{}"}')";
}

// What people may ask the database for, by the names of the fields.
TEST_F(MigrationsTest, TheViewsNameEveryField) {
  auto ledger = open();
  auto bare = small_row(7, 70);
  bare.attempts[0].cost_nanos.reset();
  const std::vector<ExchangeRow> rows{bare, full_row(1), full_row(2, 3)};  // as they arrived, so are they numbered
  ASSERT_TRUE(ledger->insert(views_of(rows), {}));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    each_field(rows[i], [&]<class Member>(int, const char* name, const Member& member) {
      if constexpr (std::is_same_v<Member, Tags>) {
        if (member.empty()) return;
      }
      EXPECT_EQ(asked(file_,
                      fmt::format(R"(SELECT "{}" IS {} FROM exchange WHERE number = {})", name, in_sql(member), i + 1)),
                1)
          << name << " " << i;
    });
    for (std::size_t k = 0; k < rows[i].attempts.size(); ++k) {
      each_field(rows[i].attempts[k], [&](int, const char* name, const auto& member) {
        EXPECT_EQ(asked(file_, fmt::format("SELECT {} IS {} FROM attempt WHERE exchange = {} AND number = {}", name,
                                           in_sql(member), i + 1, k)),
                  1)
            << name << " " << i << " " << k;
      });
    }
  }
  EXPECT_EQ(asked(file_, "SELECT COUNT(*) FROM attempt"), 6);
}

// As rows were when they were columns: without what was counted later.
ExchangeRow column_row(std::int64_t seed) {
  auto row = full_row(seed);
  for (auto& attempt : row.attempts) {
    attempt.usage.file_searches = attempt.usage.tool_calls = attempt.usage.search_size = 0;
    attempt.usage.billed_request_nanos.reset();
  }
  return row;
}
constexpr int kUsageOfColumns = 117;  // the last of its numbers

TEST_F(MigrationsTest, RowsOfColumnsBecomeRecords) {
  constexpr int kColumns = 6;  // the last version that had them
  {
    auto database = sqlite::Database::open(file_);
    ASSERT_TRUE(database);
    ASSERT_TRUE(sqlite::migrate(**database, kColumns));
    for (std::int64_t number : {1, 2}) {
      auto insert = [&](std::string_view table, std::string names, std::string values, const auto& row) {
        each_field(row, [&](int number, const char* name, const auto& member) {
          if (number > kUsageOfColumns) return;
          names += fmt::format(R"(, "{}")", name);
          values += ", " + in_sql(member);
        });
        ASSERT_TRUE((*database)->run(fmt::format("INSERT INTO {} ({}) VALUES ({})", table, names, values).c_str()));
      };
      const auto row = column_row(number);
      insert("exchange", "number", std::to_string(number), row);
      for (std::size_t k = row.attempts.size(); k-- > 0;)
        insert("attempt", "exchange, number", fmt::format("{}, {}", number, k), row.attempts[k]);
    }
  }
  auto ledger = open();
  for (std::int64_t number : {1, 2}) EXPECT_EQ(**ledger->find(full_row(number).id), column_row(number));
  EXPECT_EQ((*ledger->find_kept(full_row(2).kept_id))->id, full_row(2).id);
}

TEST_F(MigrationsTest, RowsThatWereInOneOrderEachAreFoundAgain) {
  constexpr int kOrders = 8;  // the last version that had them
  {
    auto database = sqlite::Database::open(file_);
    ASSERT_TRUE(database);
    ASSERT_TRUE(sqlite::migrate(**database, kOrders));
    ASSERT_TRUE((*database)->run(R"(INSERT INTO record (number, id, arrived_us, key, team, user, fault, kept_id, fields)
      VALUES (7, printf('req_%014x0123456789abcdef01', 5000000), 5000000, 'web', '', 'ann', '', '', '[[]]'),
        (9, 'req_00000000000000000000beef', 6000000, 'web', 'shop', '', 'truncated', 'resp_1', '[[]]'))"));
  }
  auto ledger = open();
  EXPECT_EQ((*ledger->find("req_000000004c4b400123456789abcdef01"))->user, "ann");
  EXPECT_EQ((*ledger->find("req_00000000000000000000beef"))->team, "shop");
  EXPECT_EQ((*ledger->find_kept("resp_1"))->fault, "truncated");
  for (const auto& [by, value, rows] : std::vector<std::tuple<std::string, std::string, std::size_t>>{
           {"key", "web", 2}, {"team", "shop", 1}, {"user", "ann", 1}, {"fault", "truncated", 1}})
    EXPECT_EQ(ledger->page({.filters = {{by, value}}})->rows.size(), rows) << by;
  EXPECT_EQ(asked(file_, "SELECT COUNT(*) FROM attempt"), 0);
  EXPECT_EQ(asked(file_, "SELECT COUNT(*) FROM exchange"), 2);
  EXPECT_EQ(asked(file_, "SELECT COUNT(*) FROM sqlite_master WHERE name = 'old_record' OR sql LIKE '%old_record%'"), 0);
}

TEST_F(MigrationsTest, MigratingAgainDoesNothing) {
  open();
  auto database = sqlite::Database::open(file_);
  ASSERT_TRUE(database);
  EXPECT_TRUE(sqlite::migrate(**database));
  ASSERT_TRUE((*database)->run("PRAGMA user_version = 0"));  // as if it had ended before it was told
  EXPECT_TRUE(sqlite::migrate(**database));
}

TEST_F(MigrationsTest, ADatabaseOfAnOlderVersionKeepsItsRows) {
  {
    auto database = sqlite::Database::open(file_);
    ASSERT_TRUE(database);
    ASSERT_TRUE(sqlite::migrate(**database, 2));
    ASSERT_TRUE((*database)->run(
        "INSERT INTO sum SELECT 'all', 0, 0, '', 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 90, 0, 0, 0, 0, 0, 0, 0"));
  }
  auto ledger = open();
  ASSERT_TRUE(ledger->insert(views_of(std::vector{small_row(1, kSpanUs)}), {}));
  auto sums = ledger->sums({"all", {0, kSpanUs, 2 * kSpanUs}});
  ASSERT_TRUE(sums);
  ASSERT_EQ(sums->size(), 2U);
  EXPECT_EQ((*sums)[0].sum.exchanges, 7);
  EXPECT_EQ((*sums)[0].sum.cost_nanos, 90);
  EXPECT_EQ((*sums)[1].sum.exchanges, 1);
}

// Of its rows it is not known what was kept; of those that come it is.
TEST_F(MigrationsTest, ADatabaseThatKnewNoKeptIdsTakesThem) {
  {
    auto database = sqlite::Database::open(file_);
    ASSERT_TRUE(database);
    ASSERT_TRUE(sqlite::migrate(**database, 5));
    ASSERT_TRUE((*database)->run(
        "INSERT INTO exchange SELECT 1, 'req_old', 5, 0, 0, NULL, 'responses', 'responses', '', 'web', '', '', '{}', "
        "'fast', 'fast', '', 'openai', '', '', 200, '', '', '', 0, 0"));
  }
  auto row = small_row(2, kSpanUs);
  row.kept_id = "resp_2";
  ASSERT_TRUE(open()->insert(views_of(std::vector{row}), {}));
  auto ledger = open();
  EXPECT_EQ((*ledger->find("req_old"))->kept_id, "");
  EXPECT_FALSE(ledger->find_kept("")->has_value());
  EXPECT_EQ((*ledger->find_kept("resp_2"))->key, "web");
}

// Its sums of long spans that have begun are complete: they go on so.
TEST_F(MigrationsTest, LongSpansThatAnOlderVersionBeganAreKeptToTheirEnd) {
  {
    auto database = sqlite::Database::open(file_);
    ASSERT_TRUE(database);
    ASSERT_TRUE(sqlite::migrate(**database, 4));
    for (std::size_t level = 0; level < kWidths.size(); ++level) {
      const auto sum = fmt::format(
          "INSERT INTO sum SELECT 'all', {}, {}, '', 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 90, 0, 0, 0, 0, 0, 0, 0, 0",
          level, 1000 / kWidths[level]);
      ASSERT_TRUE((*database)->run(sum.c_str()));
    }
  }
  auto ledger = open();
  for (std::int64_t span : {1001, 1004, 1536, 2304}) {
    ASSERT_TRUE(ledger->insert(views_of(std::vector{small_row(span, span * kSpanUs)}), {}));
    for (std::int64_t end : {1001, 1002, 1004, 1008, 1536, 2304, 9216}) {
      auto sums = ledger->sums({"all", {0, end * kSpanUs}});
      ASSERT_TRUE(sums);
      const std::int64_t expected =
          7 + (end > 1001) + (span >= 1004 && end > 1004) + (span >= 1536 && end > 1536) + (span >= 2304 && end > 2304);
      EXPECT_EQ(sums->front().sum.exchanges, expected) << span << " " << end;
    }
  }
  EXPECT_EQ(asked(file_, "SELECT exchanges FROM sum WHERE dimension = 'all' AND level = 1 AND span = 250"), 8);
  EXPECT_EQ(asked(file_, "SELECT exchanges FROM sum WHERE dimension = 'all' AND level = 4 AND span = 1"), 9);
}

TEST_F(MigrationsTest, ANewerDatabaseIsRefusedAndLeftAsItIs) {
  open();
  auto database = sqlite::Database::open(file_);
  ASSERT_TRUE((*database)->run("PRAGMA user_version = 99"));
  auto ledger = SqliteLedger::open(file_);
  ASSERT_FALSE(ledger);
  EXPECT_EQ(ledger.error().kind, FaultKind::kInvalidConfig);
}

}  // namespace
}  // namespace sluice::store::migrations_test
