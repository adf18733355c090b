#include "store/sqlite/stored_row.h"

#include <gtest/gtest.h>

#include "store/rows_test.h"

namespace sluice::store::sqlite::stored_row_test {
namespace {

std::string text_of(const ExchangeRow& row) {
  std::string text;
  append_text(text, row_as<ExchangeView>(row));
  return text;
}

// With what is in columns taken from `row`.
std::optional<ExchangeRow> read(std::string_view text, const ExchangeRow& row) {
  json::Reader reader;
  ExchangeRow back;
  back.id = row.id;
  back.arrived_us = row.arrived_us;
  back.key = row.key;
  back.team = row.team;
  back.user = row.user;
  back.fault = row.fault;
  back.kept_id = row.kept_id;
  if (!read_text(reader, text, back)) return std::nullopt;
  return back;
}

TEST(StoredRow, ComesBackAsItWas) {
  ExchangeRow bare;
  bare.id = "bare";
  auto odd = small_row(5, -7);
  odd.error = "a \"quote\", a \\, a\nline, a \x01 and \xc3\xa9";
  odd.attempts[0].cost_nanos = INT64_MIN;
  odd.attempts[0].held_nanos = INT64_MAX;
  for (const auto& row : {bare, small_row(1, 1000), full_row(2), full_row(3, 0), full_row(4, 20), odd})
    EXPECT_EQ(read(text_of(row), row), row) << text_of(row);
}

TEST(StoredRow, SaysLittleOfWhatIsEmpty) {
  auto row = small_row(1, 1000);
  row.attempts.clear();
  EXPECT_EQ(text_of(row), R"([[],0,0,10,0,null,"chat","","",0,0,0,{},"fast","","","","","",200,0,"","",0,0,0])");
}

// Every field has a place of its own, in the order in which it is written.
TEST(StoredRow, FieldsStandAtTheirNumbers) {
  auto check = [](const auto& row, int above) {
    int last = above;
    each_field(row, [&](int number, const char* name, const auto&) {
      if (number < above || number >= above + 100) return;
      EXPECT_EQ(number, ++last) << name;
    });
  };
  check(ExchangeRow(), 0);
  check(AttemptRow(), 0);
  check(UsageRow(), 0);
  EXPECT_EQ(path_in_exchange("route"), "$[13]");
  EXPECT_EQ(path_in_attempt("model_routed"), "$[5]");
}

// Of an older version fields are missing, of a newer one there are more.
TEST(StoredRow, FewerAndMoreFieldsAreRead) {
  auto row = small_row(1, 1000);
  row.attempts.resize(1);
  row.attempts[0] = {.began_us = 3, .usage = {.source = "provider", .input = 5}};
  row.operation = row.route = "";
  row.status = 0;
  EXPECT_EQ(read(R"([[[[0,"provider",5],3]],0,0,10])", row), row);
  EXPECT_EQ(
      read(R"([[[[0,"provider",5,0,0,0,0,0,0,0,0,0,0,0,0,null,null,null,"new"],3,0,"","","","",0,"","","","",0,null,)"
           R"("","","","","","",0,"",0,"new",[1]]],0,0,10,0,null,"","","",0,0,0,{},"","","","","","",0,0,"","",0,)"
           R"(0,0,{"new":[]}])",
           row),
      row);
}

TEST(StoredRow, TextsThatAreNotUtf8AndTagsThatAreNoneAreRead) {
  auto row = small_row(1, 1000);
  row.attempts.clear();
  auto text = text_of(row);
  text.replace(text.find("\"fast\""), 6, "\"f\xe9st\"");
  row.route = "f\xef\xbf\xbdst";
  EXPECT_EQ(read(text, row), row);
  text.replace(text.find("{}"), 2, "[1]");
  EXPECT_EQ(read(text, row), row);
}

TEST(StoredRow, WhatIsNoneIsRefused) {
  const auto row = full_row(1);
  const auto text = text_of(row);
  for (std::size_t size = 0; size < text.size(); ++size) EXPECT_FALSE(read(text.substr(0, size), row)) << size;
  EXPECT_FALSE(read(text + "]", row));
  EXPECT_FALSE(read("{}", row));
}

}  // namespace
}  // namespace sluice::store::sqlite::stored_row_test
