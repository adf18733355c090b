#include "store/record.h"

#include <gtest/gtest.h>

#include <set>

#include "store/rows_test.h"

namespace sluice::store::record_test {
namespace {

TEST(LedgerRecord, IsReadBackWhole) {
  for (int attempts : {0, 1, 5}) {
    auto row = full_row(7, attempts);
    EXPECT_EQ(from_record(to_record(row)), row);
  }
  ExchangeRow bare;
  bare.id = "x";
  EXPECT_EQ(from_record(to_record(bare)), bare);
}

TEST(LedgerRecord, IsReadIntoARowThatWasAnothers) {
  auto long_one = full_row(1, 3);
  long_one.error = std::string(5000, 'x');
  ExchangeRow bare;
  bare.id = "x";
  const ExchangeRow rows[] = {full_row(7, 5), bare, long_one, small_row(2, 3), full_row(8, 0), full_row(9)};
  ExchangeView used;
  for (const auto& row : rows) {
    const auto record = to_record(row);
    EXPECT_TRUE(read_record(record, used));
    EXPECT_EQ(row_as<ExchangeRow>(used), row);
    EXPECT_FALSE(read_record(record.substr(0, record.size() - 1), used));
  }
}

TEST(LedgerRecord, KeepsExtremeNumbersAndAnyBytes) {
  auto row = full_row(1);
  row.duration_us = INT64_MIN;
  row.upstream_us = INT64_MAX;
  row.ttft_us = 0;
  row.attempts[0].cost_nanos = 0;
  row.attempts[1].cost_nanos = {};
  row.error = std::string("\0\xff", 2);
  EXPECT_EQ(from_record(to_record(row)), row);
}

TEST(LedgerRecord, SkipsFieldsOfNewerVersions) {
  auto row = full_row(3);
  auto record = to_record(row);
  record += std::string("\xf0\x07\x05", 3);  // field 504, a number
  record += std::string(
      "\xf3\x07\x03"
      "abc",
      6);  // field 505, bytes
  EXPECT_EQ(from_record(record), row);
}

TEST(LedgerRecord, ARecordWithoutAFieldOfThisVersionHasItEmpty) {
  auto row = full_row(3);
  row.kept_id.clear();
  const auto before = to_record(row);
  EXPECT_EQ(from_record(before)->kept_id, "");
  row.kept_id = "resp_1";
  EXPECT_EQ(to_record(row).size(), before.size() + 8);
}

TEST(LedgerRecord, FieldsMayComeInAnyOrder) {
  const auto row = from_record(
      "\x01\x26\x90\x03\x03\x01"
      "x\x04\x0e");  // 19: 200, 1: "x", 2: 7
  ASSERT_TRUE(row);
  EXPECT_EQ(row->id, "x");
  EXPECT_EQ(row->status, 200);
  EXPECT_EQ(row->arrived_us, 7);
}

TEST(LedgerRecord, WhatIsCutOrOfAnotherFormatIsNone) {
  auto record = to_record(full_row(3, 0));
  EXPECT_FALSE(from_record(""));
  EXPECT_FALSE(from_record("\x02" + record.substr(1)));
  std::size_t read = 0;
  for (std::size_t size = 0; size < record.size(); ++size) read += from_record(record.substr(0, size)) ? 1 : 0;
  EXPECT_LE(read, 27U);  // a cut between two fields leaves a row with fewer of them
}

// Numbers are on disks: the list of them only grows.
TEST(LedgerRecord, NumbersAreDistinct) {
  std::set<int> exchange, attempt;
  ExchangeRow row;
  AttemptRow other;
  std::size_t fields = 0;
  each_field(row, [&](int number, const char*, auto&) { exchange.insert(number), ++fields; });
  each_field(other, [&](int number, const char*, auto&) { attempt.insert(number), ++fields; });
  EXPECT_EQ(exchange.size() + attempt.size(), fields);
  EXPECT_FALSE(exchange.contains(127));
}

}  // namespace
}  // namespace sluice::store::record_test
