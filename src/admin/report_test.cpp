#include "admin/report.h"

#include <gtest/gtest.h>

#include "store/memory/memory_ledger.h"
#include "store/rows_test.h"

namespace sluice::admin::report_test {
namespace {

constexpr std::int64_t kDayUs = 86'400'000'000, kBegin = 20'000 * kDayUs;

class ReportTest : public ::testing::Test {
 protected:
  // A row an hour; every third one has a tag, and every ninth one an empty one.
  ReportTest() {
    for (std::int64_t i = 0; i < 48; ++i) {
      auto row = store::small_row(i + 1, kBegin + i * kDayUs / 24);
      if (i % 3 == 0) row.tags = {{"feature", i % 9 == 0 ? "" : "search"}};
      EXPECT_TRUE(ledger_.insert(store::views_of({&row, 1}), {}));
    }
  }
  std::string ask(const std::string& query) {
    const Ask ask{.parameter = {}, .query = query, .body = {}, .who = master_};
    const Tools tools{routes_, recent_, nullptr, ledger_};
    auto report = get_report(tools, ask);
    return report ? std::string(report_type(ask)) + "\n" + *report : report.error().param;
  }

  store::MemoryLedger ledger_{100};
  provider::Routes routes_;
  stage::Recent recent_{1};
  const Caller master_{.name = "master", .role = Role::kMaster};
};

TEST_F(ReportTest, ByATagTheTotalIsThatOfAllViews) {
  ReportQuery query{.by = "all", .from_us = kBegin, .to_us = kBegin + 2 * kDayUs, .period = Period::kDay};
  const auto all = make_report(ledger_, query);
  ASSERT_TRUE(all);
  for (std::string by : {"tag:feature", "tag:none of them"}) {
    query.by = by;
    const auto tagged = make_report(ledger_, query);
    ASSERT_TRUE(tagged);
    EXPECT_EQ(tagged->total, all->total) << by;
    store::Sum sum;
    for (const auto& row : tagged->rows) sum.add(row.sum);
    EXPECT_EQ(sum, all->total) << by;
  }
  query.by = "tag:feature";
  const auto tagged = make_report(ledger_, query);
  ASSERT_EQ(tagged->rows.size(), 4U);
  EXPECT_EQ(tagged->rows[0].value, "");
  EXPECT_EQ(tagged->rows[0].sum.exchanges + tagged->rows[1].sum.exchanges, 24);
}

TEST_F(ReportTest, IsGivenInFormsForPeopleAndSpreadsheets) {
  const std::string query = "by=tag:feature&from=2024-10-04&to=2024-10-06&format=";
  EXPECT_TRUE(ask(query + "json").starts_with("application/json\n{\"by\":\"tag:feature\""));
  EXPECT_TRUE(ask(query + "csv").starts_with("text/csv; charset=utf-8\nfrom,to,value,exchanges,failed,client_left,"))
      << ask(query + "csv");
  EXPECT_NE(ask(query + "csv").find(",held_usd\r\n"), std::string::npos);
  const auto markdown = ask(query + "markdown");
  EXPECT_TRUE(markdown.starts_with("text/markdown; charset=utf-8\n## 2024-10-04 to 2024-10-06, UTC\n\n| tag:feature |"))
      << markdown;
  EXPECT_NE(markdown.find("| (none) | 38 |"), std::string::npos) << markdown;
  EXPECT_NE(markdown.find("| total | 48 |"), std::string::npos) << markdown;
  EXPECT_TRUE(ask(query + "table").starts_with("text/plain; charset=utf-8\n2024-10-04 to 2024-10-06, UTC\n"));
  EXPECT_EQ(ask(query + "pdf"), "format");
}

}  // namespace
}  // namespace sluice::admin::report_test
