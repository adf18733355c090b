#include "http/message.h"

#include <gtest/gtest.h>

namespace sluice::http::message_test {
namespace {

std::string shown(const Headers& headers) {
  std::string text;
  for (const auto& [name, value] : headers) text += std::string(name) + "=" + std::string(value) + ";";
  return text;
}

TEST(Headers, KeepOrderSpellingAndRepetition) {
  Headers headers{{"Host", "x"}, {"accept", "a"}};
  headers.add("Accept", "b");
  EXPECT_EQ(shown(headers), "Host=x;accept=a;Accept=b;");
  EXPECT_EQ(headers.size(), 3u);
}

TEST(Headers, FindTheFirstWithoutCase) {
  Headers headers{{"Accept", "a"}, {"ACCEPT", "b"}};
  EXPECT_EQ(headers.get("accept"), "a");
  EXPECT_FALSE(headers.get("accept-"));
  EXPECT_FALSE(headers.get(""));
  EXPECT_TRUE(headers.has("aCCEPT"));
}

TEST(Headers, NoOtherCharacterPassesForALetterOfTheOtherCase) {
  Headers headers{{"x-a@bcdef", "1"}, {"a-b", "2"}, {"x^yz", "3"}};
  EXPECT_FALSE(headers.has("x-a`bcdef"));
  EXPECT_FALSE(headers.has("a\rb"));
  EXPECT_FALSE(headers.has("x~yz"));
  EXPECT_TRUE(headers.has("X-A@BCDEF"));
  EXPECT_FALSE(headers.has("X-A@BCDEG"));
  EXPECT_TRUE(headers.has("X^YZ"));
}

TEST(Headers, NamesOfAllSizesAreFound) {
  for (std::size_t size = 1; size < 40; ++size) {
    const std::string name(size, 'n');
    const Headers headers{{name, "1"}};
    EXPECT_TRUE(headers.has(std::string(size, 'N'))) << size;
    for (std::size_t at = 0; at < size; ++at) {
      auto other = name;
      other[at] = 'm';
      EXPECT_FALSE(headers.has(other)) << size << " " << at;
      other[at] = 'n' & 0x1f;  // differs in more than case
      EXPECT_FALSE(headers.has(other)) << size << " " << at;
    }
  }
}

TEST(Headers, AreLinesUntilOneIsRemoved) {
  Headers headers;
  EXPECT_EQ(headers.lines(), "");
  headers.add("a", "1");
  headers.set("B", "");
  EXPECT_EQ(headers.lines(), "a: 1\r\nB: \r\n");
  const Headers copy = headers;
  EXPECT_EQ(copy.lines(), headers.lines());
  headers.set("A", "2");
  EXPECT_EQ(headers.lines(), std::nullopt);
}

TEST(Headers, TakeAsManyAsCome) {
  Headers headers;
  headers.reserve(2);
  for (int i = 0; i < 500; ++i) headers.add("name-" + std::to_string(i), std::string(static_cast<std::size_t>(i), 'v'));
  EXPECT_EQ(headers.size(), 500u);
  EXPECT_EQ(headers.get("NAME-0"), "");
  EXPECT_EQ(headers.get("name-499"), std::string(499, 'v'));
}

TEST(Headers, AnEmptyValueIsThere) {
  Headers headers{{"x", ""}};
  EXPECT_TRUE(headers.has("x"));
  EXPECT_EQ(headers.get("x"), "");
}

TEST(Headers, SetReplacesAllOfTheName) {
  Headers headers{{"a", "1"}, {"b", "2"}, {"A", "3"}};
  headers.set("a", "4");
  EXPECT_EQ(shown(headers), "b=2;a=4;");
  headers.set("new", "5");
  EXPECT_EQ(headers.get("new"), "5");
}

TEST(Headers, SetTakesItsOwnValue) {
  Headers headers{{"a", std::string(100, 'v')}, {"b", "2"}};
  headers.set("b", *headers.get("a"));
  EXPECT_EQ(headers.get("b"), std::string(100, 'v'));
}

TEST(Headers, RemoveTakesAllOfTheName) {
  Headers headers{{"a", "1"}, {"b", "2"}, {"A", "3"}};
  headers.remove("a");
  EXPECT_EQ(shown(headers), "b=2;");
  headers.remove("nothing");
  EXPECT_EQ(headers.size(), 1u);
}

TEST(Headers, CopiesAndMovesAreWhole) {
  Headers first{{"a", "1"}};
  Headers copy = first;
  first.set("a", "2");
  EXPECT_EQ(copy.get("a"), "1");
  Headers moved = std::move(first);
  EXPECT_EQ(moved.get("a"), "2");
}

TEST(Message, SplitsTargets) {
  EXPECT_EQ(path_of("/a/b?c=d?e"), "/a/b");
  EXPECT_EQ(query_of("/a/b?c=d?e"), "c=d?e");
  EXPECT_EQ(path_of("/a"), "/a");
  EXPECT_EQ(query_of("/a"), "");
  EXPECT_EQ(query_of("/a?"), "");
  EXPECT_EQ(path_of(""), "");
}

TEST(Message, KnowsReasons) {
  EXPECT_EQ(reason(200), "OK");
  EXPECT_EQ(reason(429), "Too Many Requests");
  EXPECT_EQ(reason(299), "Unknown");
}

TEST(Message, ReadsMediaTypes) {
  EXPECT_EQ(media_type("Application/JSON; charset=utf-8"), "application/json");
  EXPECT_EQ(media_type(" text/event-stream "), "text/event-stream");
  EXPECT_EQ(media_type(""), "");
  EXPECT_EQ(media_type(";"), "");
}

TEST(Message, FindsTokens) {
  EXPECT_TRUE(has_token("keep-alive", "keep-alive"));
  EXPECT_TRUE(has_token("Upgrade, Keep-Alive", "keep-alive"));
  EXPECT_TRUE(has_token(" a ,\tb\t", "b"));
  EXPECT_FALSE(has_token("keep-alived", "keep-alive"));
  EXPECT_FALSE(has_token("", "close"));
}

}  // namespace
}  // namespace sluice::http::message_test
