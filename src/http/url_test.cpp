#include "http/url.h"

#include <gtest/gtest.h>

namespace sluice::http {
namespace {

std::string shown(std::string_view text) {
  auto url = parse_url(text);
  if (!url) return "none";
  return std::string(url->tls ? "tls " : "plain ") + (url->user.empty() ? "" : url->user + " @ ") + url->host + " " +
         std::to_string(url->port) + " " + url->path;
}

TEST(Url, ReadsItsParts) {
  EXPECT_EQ(shown("https://api.openai.com/v1"), "tls api.openai.com 443 /v1");
  EXPECT_EQ(shown("http://127.0.0.1:8000/v1/"), "plain 127.0.0.1 8000 /v1");
  EXPECT_EQ(shown("http://localhost"), "plain localhost 80 ");
  EXPECT_EQ(shown("https://[2001:db8::1]:8443/a/b"), "tls 2001:db8::1 8443 /a/b");
  EXPECT_EQ(shown("http://[::1]"), "plain ::1 80 ");
  EXPECT_EQ(shown("http://user:p%40ss@proxy.example:3128"), "plain user:p%40ss @ proxy.example 3128 ");
  EXPECT_EQ(shown("http://a@b@host/"), "plain a@b @ host 80 ");
  EXPECT_EQ(shown("https://host//a//"), "tls host 443 //a");
}

TEST(Url, RefusesWhatIsNone) {
  for (auto text : {"",
                    "host",
                    "ftp://host",
                    "https:/host",
                    "https://",
                    "http:///path",
                    "http://:80",
                    "http://host:",
                    "http://host:0",
                    "http://host:65536",
                    "http://host:+80",
                    "http://host:80a",
                    "http://host:80:90",
                    "http://[::1",
                    "http://[]",
                    "http://[::1]80",
                    "http://ho st",
                    "http://host/a b",
                    "http://host/\n",
                    "http://host?x=1",
                    "http://host/a#b",
                    "http://user@",
                    "http://ho\r\nst",
                    "http://host/caf\xc3\xa9",
                    "http://h%6fst"}) {
    EXPECT_EQ(shown(text), "none") << text;
  }
}

TEST(PercentCoding, KnownTexts) {
  EXPECT_EQ(percent_encode("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(percent_encode("a b/c?d%\xff"), "a%20b%2Fc%3Fd%25%FF");
  EXPECT_EQ(percent_decode("a%20b%2fc+d"), "a b/c+d");
  EXPECT_EQ(percent_decode("%41"), "A");
  EXPECT_EQ(percent_decode("%00"), std::string(1, '\0'));
  for (auto text : {"%", "%4", "a%", "%4g", "%g4", "%%41", "% 41"}) EXPECT_FALSE(percent_decode(text)) << text;
}

TEST(PercentCoding, SurvivesARoundTrip) {
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  EXPECT_EQ(percent_decode(percent_encode(all)), all);
}

}  // namespace
}  // namespace sluice::http
