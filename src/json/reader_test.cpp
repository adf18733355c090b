#include "json/reader.h"

#include <gtest/gtest.h>

#include <string>

namespace sluice::json::reader_test {
namespace {

TEST(Reader, OpensPaddedTextsAndCopies) {
  Reader reader;
  std::string text = R"({"a":7})";
  pad(text);
  auto document = reader.open(text);
  ASSERT_FALSE(document.error());
  EXPECT_EQ(document.value_unsafe()["a"].get_uint64().value_unsafe(), 7u);
  auto copied = reader.open_copy(std::string_view(text).substr(0, 7));
  ASSERT_FALSE(copied.error());
  EXPECT_EQ(copied.value_unsafe()["a"].get_uint64().value_unsafe(), 7u);
}

TEST(Reader, IsUsedAgainForTextsOfAnySize) {
  Reader reader;
  for (std::size_t size : {1u, 100u, 100000u, 10u, 3000000u, 5u}) {
    std::string text = "\"" + std::string(size, 'x') + "\"";
    auto cursor = reader.scan_copy(text);
    ASSERT_TRUE(cursor);
    EXPECT_EQ(cursor->take_text().size(), size);
    EXPECT_TRUE(cursor->finish());
    reader.shrink();
  }
}

TEST(Reader, ScansPaddedTextsInPlace) {
  Reader reader;
  std::string text = R"(["abc"])";
  pad(text);
  auto cursor = reader.scan(text);
  ASSERT_TRUE(cursor);
  ASSERT_TRUE(cursor->enter_array());
  ASSERT_TRUE(cursor->next_element());
  EXPECT_EQ(cursor->take_text().data(), text.data() + 2);
}

TEST(Reader, PadMakesRoomBehindTheText) {
  std::string text(100, 'x');
  pad(text);
  EXPECT_GE(text.capacity(), 100 + kPadding);
  EXPECT_EQ(text.size(), 100u);
}

TEST(Reader, CountsLinesFromOne) {
  EXPECT_EQ(line_of("a\nb\nc", 0), 1u);
  EXPECT_EQ(line_of("a\nb\nc", 2), 2u);
  EXPECT_EQ(line_of("a\nb\nc", 99), 3u);
}

}  // namespace
}  // namespace sluice::json::reader_test
