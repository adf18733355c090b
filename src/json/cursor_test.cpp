#include "json/cursor.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "json/reader.h"

namespace sluice::json::cursor_test {
namespace {

// Why and where a text is refused; "" when it is JSON.
std::string refusal(std::string_view text) {
  Reader reader;
  auto cursor = reader.scan_copy(text);
  if (!cursor) return std::to_string(cursor.error().offset) + ": " + std::string(cursor.error().why);
  cursor->skip();
  if (cursor->finish()) return "";
  return std::to_string(cursor->broken()->offset) + ": " + std::string(cursor->broken()->why);
}

TEST(Cursor, AcceptsJson) {
  for (std::string_view text :
       {"{}", "[]", " { } ", "[[],{}]", "null", "true", " false ", "0", "-0", "1.5e+3", "-12E9", "\"\"", "\"a\\\"b\"",
        R"({"a":[1,2,{"b":null}],"c":"\\"})", "[1 , 2\t,\r\n3]", "\"\xc3\xa9\xf0\x9f\x98\x80\"", R"({"":{"":[""]}})"}) {
    EXPECT_EQ(refusal(text), "") << text;
  }
}

TEST(Cursor, RefusesWhatIsNotJson) {
  for (std::string_view text : {"",          " ",           "{",
                                "[",         "}",           "]",
                                "[1 2]",     "[1,]",        "[,1]",
                                "{\"a\"}",   "{\"a\":}",    "{\"a\":1,}",
                                "{a:1}",     "{1:1}",       "{\"a\" 1}",
                                "[1}",       "{\"a\":1]",   "{\"a\":[1,2}",
                                "01",        "-",           "+1",
                                "1.",        ".5",          "1e",
                                "1e+",       "0x1",         "NaN",
                                "tru",       "truex",       "nul",
                                "\"a\"x",    "1 1",         "{} {}",
                                "[]]",       "'a'",         "[1]\v",
                                "\"\\\"",    ":",           ",",
                                "[\"a\":1]", "{\"a\":1:2}", "1\"a\"",
                                "tr\"ue\"",  "[\x0c]",      "{\"a\":1\x1a\"b\":2}"}) {
    EXPECT_NE(refusal(text), "") << text;
  }
}

TEST(Cursor, TellsWhereTheGrammarBreaks) {
  EXPECT_EQ(refusal(R"({"a": [1 2]})"), "9: a comma or ']' is expected");
  EXPECT_EQ(refusal(R"({"a": tru})"), "6: the word is neither true, false nor null");
  EXPECT_EQ(refusal(R"({"a": 01})"), "6: the number is not written as JSON asks");
  EXPECT_EQ(refusal(R"({"a":1} x)"), "8: nothing may follow the value");
  EXPECT_EQ(refusal(R"({"a":1)"), "6: a comma or '}' is expected");
  EXPECT_EQ(refusal(R"({"a":)"), "5: a value is expected, but the text ends");
}

TEST(Cursor, TakesCountsAndLeavesTheRest) {
  auto count_in = [](std::string_view text) {
    Reader reader;
    auto cursor = reader.scan_copy(text);
    const auto count = cursor->take_count();
    if (!count) cursor->skip();  // nothing was consumed
    EXPECT_TRUE(cursor->finish()) << text;
    return count;
  };
  EXPECT_EQ(count_in("0"), 0u);
  EXPECT_EQ(count_in(" 17 \n"), 17u);
  EXPECT_EQ(count_in("999999999999999999"), 999'999'999'999'999'999u);
  for (std::string_view other : {"1000000000000000000", "-1", "1.0", "1e3", "\"1\"", "null", "[1]", "{}"}) {
    EXPECT_EQ(count_in(other), std::nullopt) << other;
  }
  for (std::string_view broken : {"[01]", "[1 2]", "[1x]", "[1\"2\"]", "[1"}) {
    Reader reader;
    auto cursor = reader.scan_copy(broken);
    cursor->enter_array();
    while (cursor->next_element()) {
      if (!cursor->take_count()) cursor->skip();
    }
    EXPECT_FALSE(cursor->finish()) << broken;
  }
}

TEST(Cursor, TellsWhereTheFirstStageComplains) {
  EXPECT_EQ(refusal("[\"a\xff\"]"), "3: the bytes are not UTF-8");
  EXPECT_EQ(refusal("[\"a\xed\xa0\x80\"]"), "3: the bytes are not UTF-8");
  EXPECT_EQ(refusal("[1, \"a\\\"b]"), "4: the string that begins here is not closed");
  EXPECT_EQ(refusal("[\"a\nb\"]"), "3: a control character stands unescaped in a string");
  EXPECT_EQ(refusal("[\"a\\\nb\"]"), "4: a control character stands unescaped in a string");
}

TEST(Cursor, RefusesDeepNestingAndAcceptsTheDeepestAllowed) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(refusal(nested(kMaxDepth)), "");
  EXPECT_EQ(refusal(nested(kMaxDepth + 1)), "1024: the nesting is too deep");
  EXPECT_NE(refusal(std::string(1 << 20, '[')), "");
}

TEST(Cursor, WalksMembersWithTheirTexts) {
  Reader reader;
  auto cursor = reader.scan_copy(R"( {"a" : [1, 2] , "b":"x\"y" ,"c":-1.5 } )");
  ASSERT_TRUE(cursor);
  std::vector<std::string> seen;
  ASSERT_TRUE(cursor->enter_object());
  while (auto key = cursor->next_key()) {
    std::string name(*key);
    seen.push_back(name + "=" + std::string(cursor->skip()));
  }
  EXPECT_TRUE(cursor->finish());
  EXPECT_EQ(seen, (std::vector<std::string>{"a=[1, 2]", R"(b="x\"y")", "c=-1.5"}));
}

TEST(Cursor, ComparesKeysUnescaped) {
  Reader reader;
  auto cursor = reader.scan_copy(R"({"mod\u0065l":"m"})");
  ASSERT_TRUE(cursor);
  ASSERT_TRUE(cursor->enter_object());
  EXPECT_EQ(cursor->next_key(), "model");
  EXPECT_EQ(cursor->key_begin(), 1u);
  EXPECT_EQ(cursor->key_end(), 13u);
  EXPECT_EQ(cursor->take_text(), "m");
  EXPECT_FALSE(cursor->next_key());
  EXPECT_TRUE(cursor->finish());
}

TEST(Cursor, RefusesKeysWithBrokenEscapes) {
  Reader reader;
  auto cursor = reader.scan_copy(R"({"a":1,"\x":2})");
  ASSERT_TRUE(cursor);
  ASSERT_TRUE(cursor->enter_object());
  EXPECT_TRUE(cursor->next_key());
  cursor->skip();
  EXPECT_FALSE(cursor->next_key());
  EXPECT_FALSE(cursor->finish());
  EXPECT_EQ(cursor->broken()->offset, 7u);
}

TEST(Cursor, WalksEmptyContainersInsideOfOthers) {
  Reader reader;
  auto cursor = reader.scan_copy(R"([{}, [], {"a":{}}, 1])");
  ASSERT_TRUE(cursor);
  ASSERT_TRUE(cursor->enter_array());
  ASSERT_TRUE(cursor->next_element());
  ASSERT_TRUE(cursor->enter_object());
  EXPECT_FALSE(cursor->next_key());
  ASSERT_TRUE(cursor->next_element());
  ASSERT_TRUE(cursor->enter_array());
  EXPECT_FALSE(cursor->next_element());
  ASSERT_TRUE(cursor->next_element());
  EXPECT_EQ(cursor->skip(), R"({"a":{}})");
  ASSERT_TRUE(cursor->next_element());
  EXPECT_EQ(cursor->skip(), "1");
  EXPECT_FALSE(cursor->next_element());
  EXPECT_TRUE(cursor->finish());
}

TEST(Cursor, SaysThereIsNothingMoreOnceBroken) {
  Reader reader;
  auto cursor = reader.scan_copy(R"({"a":1 "b":2})");
  ASSERT_TRUE(cursor);
  ASSERT_TRUE(cursor->enter_object());
  EXPECT_TRUE(cursor->next_key());
  cursor->skip();
  EXPECT_FALSE(cursor->next_key());
  EXPECT_FALSE(cursor->next_key());
  EXPECT_FALSE(cursor->next_element());
  EXPECT_FALSE(cursor->enter_object());
  EXPECT_EQ(cursor->skip(), "");
  EXPECT_EQ(cursor->take_text(), "");
  EXPECT_EQ(cursor->kind(), Kind::kNone);
}

TEST(Cursor, TellsWhereAMemberIsCut) {
  Reader reader;
  auto cursor = reader.scan_copy(R"({"a":1 , "b":2})");
  ASSERT_TRUE(cursor);
  ASSERT_TRUE(cursor->enter_object());
  ASSERT_TRUE(cursor->next_key());
  EXPECT_TRUE(cursor->first_member());
  EXPECT_EQ(cursor->cut_begin(), 1u);
  cursor->skip();
  ASSERT_TRUE(cursor->next_key());
  EXPECT_FALSE(cursor->first_member());
  EXPECT_EQ(cursor->cut_begin(), 6u);
}

}  // namespace
}  // namespace sluice::json::cursor_test
