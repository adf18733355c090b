#include "dialect/file_name.h"

#include <gtest/gtest.h>

namespace sluice::dialect::file_name_test {
namespace {

std::string named(std::string_view type, std::string_view name) {
  return file_name({.type = {type}, .data = {}, .name = {name}, .detail = {}, .context = {}});
}

TEST(FileName, HasTheEndingOfItsType) {
  EXPECT_EQ(named("application/pdf", "Q3 report"), "Q3 report.pdf");
  EXPECT_EQ(named("application/pdf", "v1.2"), "v1.2.pdf");
  EXPECT_EQ(named("Text/CSV; charset=utf-8", "table"), "table.csv");
  EXPECT_EQ(named("", "Q3 report"), "Q3 report.pdf");
  EXPECT_EQ(named("application/pdf", R"(\"Q3\")"), R"(\"Q3\".pdf)");
}

TEST(FileName, StaysWhereItHasTheEnding) {
  EXPECT_EQ(named("application/pdf", "a.pdf"), "a.pdf");
  EXPECT_EQ(named("application/pdf", "A.PDF"), "A.PDF");
  EXPECT_EQ(named("text/html", "page.htm"), "page.htm");
  EXPECT_EQ(named("application/zip", "a"), "a");
}

TEST(FileName, IsMadeUpWhereThereIsNone) {
  EXPECT_EQ(named("", ""), "document.pdf");
  EXPECT_EQ(named("application/pdf", ""), "document.pdf");
  EXPECT_EQ(named("application/msword", ""), "document.doc");
  EXPECT_EQ(named("text/x-python", ""), "document.txt");
}

TEST(FileName, TellsTheType) {
  EXPECT_EQ(type_of_file("a.b.CSV"), "text/csv");
  EXPECT_EQ(type_of_file("csv"), "");
  EXPECT_EQ(type_of_file("a.zip"), "");
}

}  // namespace
}  // namespace sluice::dialect::file_name_test
