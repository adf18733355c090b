#include "http/url.h"

#include <gtest/gtest.h>

namespace sluice::http::url_test {
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

std::string shown(const std::expected<Link, std::string_view>& link) {
  if (!link) return std::string(link.error());
  return std::string(link->tls ? "tls " : "plain ") + link->host + " " + std::to_string(link->port) + " " +
         link->target;
}

TEST(Link, ReadsWhatAGetNeeds) {
  EXPECT_EQ(shown(parse_link("https://a.test/b.png?c=d#e")), "tls a.test 443 /b.png?c=d");
  EXPECT_EQ(shown(parse_link("HTTP://A.Test.:8080")), "plain a.test 8080 /");
  EXPECT_EQ(shown(parse_link("http://a.test?x=1")), "plain a.test 80 /?x=1");
  EXPECT_EQ(shown(parse_link("http://[2001:DB8::1]/x")), "plain 2001:db8::1 80 /x");
  EXPECT_EQ(shown(parse_link("https://a.test/caf\xc3\xa9 1.png?q=%20{x}")),
            "tls a.test 443 /caf%C3%A9%201.png?q=%20%7Bx%7D");
  EXPECT_EQ(shown(parse_link("http://a.test\\b.test/c")), "plain a.test 80 /%5Cb.test/c");
  EXPECT_EQ(shown(parse_link("http://a.test/@b:c")), "plain a.test 80 /@b:c");
  // Forms of 127.0.0.1 that the resolver may read as such: what they stand for is checked then.
  EXPECT_EQ(shown(parse_link("http://2130706433/")), "plain 2130706433 80 /");
  EXPECT_EQ(shown(parse_link("http://0177.0.0.1/")), "plain 0177.0.0.1 80 /");
}

TEST(Link, RefusesWhatIsNoneAndSaysWhy) {
  for (auto text : {"", "a.test", "ftp://a.test", "file:///etc/passwd", "gopher://a", "data:image/png;base64,AA",
                    "//a.test/b", "javascript:alert(1)"}) {
    EXPECT_EQ(shown(parse_link(text)), "is no http or https URL") << text;
  }
  for (auto text : {"http://", "http:///x", "http://.", "http://:80", "http://a:0", "http://a:99999", "http://a:x",
                    "http://a b/", "http://a%2eb/", "http://caf\xc3\xa9/", "http://[::1", "http://[fe80::1%25eth0]/"}) {
    EXPECT_EQ(shown(parse_link(text)), "names no host") << text;
  }
  for (auto text : {"http://u@a/", "http://u:p@a/", "http://a@127.0.0.1/", "http://@a"}) {
    EXPECT_EQ(shown(parse_link(text)), "holds a user name or password") << text;
  }
  EXPECT_EQ(shown(parse_link("http://a/\r\nx: y")), "holds a control character");
  EXPECT_EQ(shown(parse_link("http://a/" + std::string(9000, 'x'))), "is too long");
  EXPECT_EQ(shown(parse_link("http://" + std::string(300, 'x'))), "names no host");
}

TEST(Link, FollowsReferences) {
  const Link base = parse_link("https://a.test:8443/b/c/d?q=1").value();
  auto to = [&](std::string_view reference) { return shown(resolve_link(base, reference)); };
  EXPECT_EQ(to("http://x.test/y"), "plain x.test 80 /y");
  EXPECT_EQ(to("//x.test/y"), "tls x.test 443 /y");
  EXPECT_EQ(to("/y?z#f"), "tls a.test 8443 /y?z");
  EXPECT_EQ(to("y"), "tls a.test 8443 /b/c/y");
  EXPECT_EQ(to("./y/."), "tls a.test 8443 /b/c/y/");
  EXPECT_EQ(to("../../../y"), "tls a.test 8443 /y");
  EXPECT_EQ(to(".."), "tls a.test 8443 /b/");
  EXPECT_EQ(to("?z=2"), "tls a.test 8443 /b/c/d?z=2");
  EXPECT_EQ(to(""), "tls a.test 8443 /b/c/d?q=1");
  EXPECT_EQ(to("y:z"), "is no http or https URL");
  EXPECT_EQ(to("file:///etc/passwd"), "is no http or https URL");
  EXPECT_EQ(to("http://u@x.test/"), "holds a user name or password");
  EXPECT_EQ(to("/\nx"), "holds a control character");
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
}  // namespace sluice::http::url_test
