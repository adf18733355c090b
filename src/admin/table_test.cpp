#include "admin/table.h"

#include <gtest/gtest.h>

namespace sluice::admin::table_test {
namespace {

const Table kTable{.columns = {{"team", Table::Side::kLeft}, {"cost", Table::Side::kRight}},
                   .rows = {{"shöp", "1.5"}, {"=1+1|x", "-2"}, {"a\"b,c\n", "100"}}};

TEST(Table, IsAlignedByWhatIsSeen) {
  EXPECT_EQ(to_text({kTable.columns, {{"shöp", "1.5"}, {"longer", "100"}}}),
            "team    cost\n"
            "shöp     1.5\n"
            "longer   100\n");
}

TEST(Table, CsvIsQuotedAndHoldsNoFormulas) {
  EXPECT_EQ(to_csv(kTable), "team,cost\r\nshöp,1.5\r\n'=1+1|x,-2\r\n\"a\"\"b,c\n\",100\r\n");
}

TEST(Table, MarkdownHoldsNoMarkupOfValues) {
  EXPECT_TRUE(to_markdown(kTable).starts_with("| team | cost |\n| --- | ---: |\n| shöp | 1.5 |\n| =1+1\\|x | -2 |\n"));
}

}  // namespace
}  // namespace sluice::admin::table_test
