#include "base/money.h"

#include <gtest/gtest.h>

#include <limits>

namespace sluice::money_test {
namespace {

std::int64_t nanos(std::string_view text) {
  auto money = parse_money(text);
  EXPECT_TRUE(money.has_value()) << text << " " << (money ? "" : money.error());
  return money ? money->nanos : -1;
}

std::string_view mistake(std::string_view text) {
  auto money = parse_money(text);
  return money ? "none" : money.error();
}

TEST(Money, ReadsDollarsToTheNano) {
  EXPECT_EQ(nanos("12.50"), 12'500'000'000);
  EXPECT_EQ(nanos("0"), 0);
  EXPECT_EQ(nanos("0.000000001"), 1);
  EXPECT_EQ(nanos("007"), 7'000'000'000);
  EXPECT_EQ(nanos("-3.1"), -3'100'000'000);
  EXPECT_EQ(nanos("0.1") + nanos("0.2"), nanos("0.3"));
  EXPECT_EQ(nanos("1.0000000000000000"), 1'000'000'000) << "zeros at the end say nothing";
  EXPECT_EQ(nanos("9223372036.854775807"), std::numeric_limits<std::int64_t>::max());
}

TEST(Money, SaysWhatIsWrong) {
  EXPECT_EQ(mistake(""), "is empty");
  EXPECT_EQ(mistake("12,50"), "holds something else than digits and one point");
  EXPECT_EQ(mistake("1.2.3"), "holds something else than digits and one point");
  EXPECT_EQ(mistake("+1"), "holds something else than digits and one point");
  EXPECT_EQ(mistake("1e-6"), "holds something else than digits and one point");
  EXPECT_EQ(mistake(" 1"), "holds something else than digits and one point");
  EXPECT_EQ(mistake("$1"), "holds something else than digits and one point");
  EXPECT_EQ(mistake(".5"), "has no digit before its point");
  EXPECT_EQ(mistake("-"), "has no digit before its point");
  EXPECT_EQ(mistake("5."), "has no digit behind its point");
  EXPECT_EQ(mistake("0.0000000001"), "has more than 9 decimals");
  EXPECT_EQ(mistake("9223372036.854775808"), "is more than can be counted");
  EXPECT_EQ(mistake("99999999999999999999"), "is more than can be counted");
}

TEST(Money, WritesTheShortestText) {
  EXPECT_EQ(to_text(Money{12'500'000'000}), "12.5");
  EXPECT_EQ(to_text(Money{}), "0");
  EXPECT_EQ(to_text(Money{1}), "0.000000001");
  EXPECT_EQ(to_text(Money{-1}), "-0.000000001");
  EXPECT_EQ(to_text(Money{100'000'000'000}), "100");
  EXPECT_EQ(to_text(Money{std::numeric_limits<std::int64_t>::min()}), "-9223372036.854775808");
}

TEST(Money, ReadsWhatItWrote) {
  for (std::int64_t sample = 1; sample > 0 && sample < std::numeric_limits<std::int64_t>::max() / 7; sample *= 7) {
    EXPECT_EQ(nanos(to_text(Money{sample})), sample);
    EXPECT_EQ(nanos(to_text(Money{-sample})), -sample);
  }
}

}  // namespace
}  // namespace sluice::money_test
