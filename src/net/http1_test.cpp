#include "net/http1.h"

#include <gtest/gtest.h>

namespace sluice::net::http1_test {
namespace {

std::string written(const http::ResponseHead& head) {
  std::string bytes;
  append_head(bytes, head);
  return bytes;
}

Parser<true> parsed(std::string_view head, std::size_t piece) {
  Parser<true> parser{HeadLimits{}};
  std::string waiting;
  for (std::size_t at = 0; at < head.size(); at += piece) {
    waiting += head.substr(at, piece);
    error_code error;
    waiting.erase(0, parser.consume(waiting, error));
  }
  EXPECT_TRUE(parser.is_header_done()) << head;
  return parser;
}

TEST(Parser, NoticesFoldedFieldsHoweverTheHeadComes) {
  for (std::string_view folded :
       {"A: b\r\n c\r\nHost: x\r\n\r\n", "Host: x\r\nA: b\r\n\tc\r\n\r\n", "A:\r\n c\r\nHost: x\r\n\r\n",
        "A: b\r\n \r\nHost: x\r\n\r\n", "A: \r\n \r\nHost: x\r\n\r\n", "Host: x\r\nA:\r\n\t\r\n \t\r\n\r\n"}) {
    for (std::size_t piece : {1u, 7u, 30u, 1000u}) {
      EXPECT_TRUE(parsed("GET / HTTP/1.1\r\n" + std::string(folded), piece).has_folded_field()) << folded << piece;
    }
  }
  for (std::string_view plain :
       {"A: b\r\nHost: x\r\n\r\n", "A:b\r\nHost: x\r\n\r\n", "A:  \t b  c \t\r\nHost: x\r\n\r\n", "A:\r\nHost:\r\n\r\n",
        "A:    \r\nHost: \r\n\r\n", "\r\n"}) {
    for (std::size_t piece : {1u, 7u, 30u, 1000u}) {
      EXPECT_FALSE(parsed("GET / HTTP/1.1\r\n" + std::string(plain), piece).has_folded_field()) << plain << piece;
    }
  }
}

TEST(Parser, CountsTheFieldsThatMayStandOnce) {
  const auto parser = parsed("GET / HTTP/1.1\r\nHOST: a\r\nA: b\r\nhost: c\r\nTransfer-Encoding: chunked\r\n\r\n", 9);
  EXPECT_EQ(parser.hosts(), 2u);
  EXPECT_EQ(parser.transfer_codings(), 1u);
}

TEST(AppendHead, WritesTheFieldsInOrder) {
  EXPECT_EQ(written({200, {{"B", "2"}, {"a", ""}}}), "HTTP/1.1 200 OK\r\nB: 2\r\na: \r\n\r\n");
  EXPECT_EQ(written({404, {}}), "HTTP/1.1 404 Not Found\r\n\r\n");
}

TEST(AppendHead, LeavesOutWhatWasRemoved) {
  http::ResponseHead head{200, {{"a", "1"}, {"b", "2"}, {"c", "3"}}};
  head.headers.set("b", "4");
  head.headers.remove("a");
  EXPECT_EQ(written(head), "HTTP/1.1 200 OK\r\nc: 3\r\nb: 4\r\n\r\n");
}

TEST(AppendHead, MakesSpacesOfControlCharacters) {
  EXPECT_EQ(written({200, {{"a", "x\r\ny\t"}, {"b", std::string("\0z", 2)}}}),
            "HTTP/1.1 200 OK\r\na: x  y\t\r\nb:  z\r\n\r\n");
}

TEST(AppendHead, FindsAControlCharacterFarBehind) {
  std::string value(5'000, 'v');
  value[4'900] = '\n';
  http::ResponseHead head{200, {{"a", "1"}, {"b", value}}};
  value[4'900] = ' ';
  EXPECT_EQ(written(head), "HTTP/1.1 200 OK\r\na: 1\r\nb: " + value + "\r\n\r\n");
}

TEST(AppendHead, ManyFieldsAreWhole) {
  http::ResponseHead head;
  std::string expected = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 300; ++i) {
    head.headers.add("name-" + std::to_string(i), std::to_string(i * i));
    expected += "name-" + std::to_string(i) + ": " + std::to_string(i * i) + "\r\n";
  }
  EXPECT_EQ(written(head), expected + "\r\n");
}

}  // namespace
}  // namespace sluice::net::http1_test
