#include "json/escaped.h"

#include <gtest/gtest.h>

#include "json/reader.h"
#include "json/text.h"

namespace sluice::json::escaped_test {
namespace {

TEST(Escaped, StandsForItsText) {
  EXPECT_EQ(plain({R"(a\n\"b\" \u00e9 \ud83d\ude00)"}), "a\n\"b\" \u00e9 \U0001F600");
  EXPECT_EQ(escape("a\n\"b\"\\"), R"(a\n\"b\"\\)");
}

TEST(Escaped, HalfOfASurrogatePairBecomesTheReplacementCharacter) {
  EXPECT_EQ(plain({R"(a\ud83d b)"}), "a\uFFFD b");
  EXPECT_EQ(plain({R"(\ude00)"}), "\uFFFD");
}

TEST(Escaped, TellsEscapesFromOtherBackslashes) {
  EXPECT_TRUE(well_escaped(R"(\"\\\/\b\f\n\r\t\u12aF \ud83d)"));
  EXPECT_FALSE(well_escaped(R"(\q)"));
  EXPECT_FALSE(well_escaped(R"(\u12g4)"));
  EXPECT_FALSE(well_escaped("\\"));
}

TEST(Escaped, WalksMembersAndSkipsWhatIsNotTaken) {
  Reader reader;
  auto cursor = reader.scan_copy(R"({"a":{"x":[1]},"b":"t\n","c":3})");
  std::string seen;
  ASSERT_TRUE(each_member(*cursor, [&](std::string_view key) {
    if (key == "b") seen = take_string(*cursor)->raw;
  }));
  EXPECT_TRUE(cursor->finish());
  EXPECT_EQ(seen, R"(t\n)");
}

TEST(Escaped, WalksElements) {
  Reader reader;
  auto cursor = reader.scan_copy(R"([1,"x",{"y":2}])");
  std::size_t count = 0;
  ASSERT_TRUE(each_element(*cursor, [&](std::size_t) { ++count; }));
  EXPECT_TRUE(cursor->finish());
  EXPECT_EQ(count, 3U);
}

TEST(Escaped, AStringWithABrokenEscapeIsNone) {
  Reader reader;
  auto cursor = reader.scan_copy(R"(["\q",5,"ok"])");
  ASSERT_TRUE(cursor->enter_array());
  ASSERT_TRUE(cursor->next_element());
  EXPECT_FALSE(take_string(*cursor));
  ASSERT_TRUE(cursor->next_element());
  EXPECT_FALSE(take_string(*cursor));
  ASSERT_TRUE(cursor->next_element());
  EXPECT_TRUE(take_string(*cursor));
}

}  // namespace
}  // namespace sluice::json::escaped_test
