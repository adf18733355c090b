#include "json/text.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace sluice::json::text_test {
namespace {

std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(Unescape, ResolvesAllEscapes) {
  EXPECT_EQ(unescape(R"(a\"\\\/\b\f\n\r\tz)"), "a\"\\/\b\f\n\r\tz");
  EXPECT_EQ(unescape(R"(\u0041\u00e9\u20AC\ud83d\ude00)"), "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
  EXPECT_EQ(unescape(""), "");
}

TEST(Unescape, RefusesBrokenEscapes) {
  for (std::string_view raw : {R"(\x)", R"(\)", R"(\u12)", R"(\u12g4)", R"(\ud83d)", R"(\ud83dx)", R"(\ude00)",
                               R"(\ud83d\u0041)", R"(\ud83d\ud83d)"}) {
    EXPECT_FALSE(unescape(raw)) << raw;
  }
}

TEST(AppendQuoted, EscapesWhatJsonAsksFor) {
  EXPECT_EQ(json_string("a\"b\\c\nd\te\x01\x7f"), R"("a\"b\\c\nd\u0009e\u0001\u007f")");
  EXPECT_EQ(json_string("na\xc3\xafve"), "\"na\xc3\xafve\"");
  EXPECT_EQ(json_string(""), "\"\"");
}

TEST(AppendQuoted, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(json_string("a\xff\xc3"), "\"a\xef\xbf\xbd\xef\xbf\xbd\"");
  EXPECT_EQ(json_string("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

TEST(Utf8Length, KnowsTheBorders) {
  EXPECT_EQ(utf8_length("\xc2\x80"), 2u);
  EXPECT_EQ(utf8_length("\xc1\xbf"), 0u);
  EXPECT_EQ(utf8_length("\xe0\xa0\x80"), 3u);
  EXPECT_EQ(utf8_length("\xe0\x9f\xbf"), 0u);
  EXPECT_EQ(utf8_length("\xf4\x8f\xbf\xbf"), 4u);
  EXPECT_EQ(utf8_length("\xf4\x90\x80\x80"), 0u);
  EXPECT_EQ(utf8_length("\xf0\x9f\x98"), 0u);
}

TEST(Text, TellsItsPlainSizeWithoutMakingIt) {
  for (const std::string_view raw :
       {"", "plain é", R"(a\n\"b\" \\ \u0041\u007f\u0080\u00e9\u07ff\u0800\u12aF\uFFFD \ud83d\uDE00)", R"(\\u0041)"}) {
    EXPECT_EQ(plain_size(raw), unescape_leniently(raw).size()) << raw;
  }
  for (const std::string_view raw : {"\\", R"(\u00)", R"(a\ud83d b)", R"(\q)"})
    EXPECT_LE(plain_size(raw), raw.size()) << raw;
}

}  // namespace
}  // namespace sluice::json::text_test
