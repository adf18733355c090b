#include "dialect/plain_words.h"

#include <gtest/gtest.h>

namespace sluice::dialect::plain_words_test {
namespace {

TEST(PlainWords, AreWhatAShortTextSays) {
  EXPECT_EQ(plain_words("text/plain; charset=utf-8", "Failed to parse: a <b> was expected.\n"),
            "Failed to parse: a <b> was expected.");
  EXPECT_EQ(plain_words("", "upstream connect error\r\nreset"), "upstream connect error  reset");
  EXPECT_EQ(plain_words("text/html", "Too many requests"), "Too many requests");
  EXPECT_EQ(plain_words("application/json", R"("a string: \"bad\" thing")"), R"(a string: "bad" thing)");
  EXPECT_EQ(plain_words("text/plain", "\xc3\xa9t\xc3\xa9"), "\xc3\xa9t\xc3\xa9");
}

TEST(PlainWords, AreMaskedAndCut) {
  EXPECT_EQ(plain_words("text/plain", "Bad key sk-proj-0123456789abcdef here"), "Bad key *** here");
  const std::string told = plain_words("text/plain", std::string(900, 'a'));
  EXPECT_LE(told.size(), 500U);
  EXPECT_TRUE(told.starts_with("aaaa"));
}

TEST(PlainWords, AreNoPagesNoJsonAndNothingUnreadable) {
  for (std::string_view body : {"", " \n", "<html>nginx</html>", "  <!DOCTYPE html><p>x", "{", "{\"a\":1}", "[1]",
                                "null", "7", "-1.5", "\xff\xfe", "ab\x01", "\x1f\x8b\x08"}) {
    EXPECT_EQ(plain_words("text/plain", body), "") << body;
    EXPECT_EQ(plain_words("", body), "") << body;
  }
  for (std::string_view body : {"Bad <b>gateway</b>", "x <!-- y -->", "\"", "\"half"}) {
    EXPECT_EQ(plain_words("text/html", body), "") << body;
  }
  EXPECT_EQ(plain_words("text/event-stream", "data: {}\n\n"), "");
  EXPECT_EQ(plain_words("text/plain", std::string(5000, 'a')), "");
}

}  // namespace
}  // namespace sluice::dialect::plain_words_test
