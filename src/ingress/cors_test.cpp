#include "ingress/cors.h"

#include <gtest/gtest.h>

namespace sluice::ingress::cors_test {
namespace {

http::RequestHead from(std::string_view origin) {
  http::RequestHead head{"POST", "/", {}};
  if (!origin.empty()) head.headers.add("origin", origin);
  return head;
}
std::string field(const http::Headers& headers, std::string_view name) {
  return std::string(headers.get(name).value_or("-"));
}

TEST(Cors, AddsNothingWhenItIsOff) {
  http::Headers headers;
  add_cors({}, from("https://app.example"), headers);
  EXPECT_EQ(headers.size(), 0u);
}

TEST(Cors, NamesTheOriginItAllows) {
  Cors cors{{"https://app.example", "https://two.example"}};
  http::Headers headers;
  add_cors(cors, from("https://two.example"), headers);
  EXPECT_EQ(field(headers, "access-control-allow-origin"), "https://two.example");
  EXPECT_EQ(field(headers, "vary"), "origin");
  for (auto name :
       {"x-sluice-request-id", "x-ratelimit-remaining-tokens", "anthropic-ratelimit-requests-reset", "x-should-retry"})
    EXPECT_NE(field(headers, "access-control-expose-headers").find(name), std::string::npos) << name;
  EXPECT_FALSE(headers.has("access-control-allow-credentials"));
}

TEST(Cors, DoesNotNameOthersButAlwaysVaries) {
  Cors cors{{"https://app.example"}};
  for (std::string_view origin : {"", "null", "https://app.example.evil", "http://app.example", "https://APP.example",
                                  "https://app.example:8443"}) {
    http::Headers headers;
    add_cors(cors, from(origin), headers);
    EXPECT_FALSE(headers.has("access-control-allow-origin")) << origin;
    EXPECT_EQ(field(headers, "vary"), "origin");
  }
}

TEST(Cors, AStarAllowsAny) {
  Cors cors{{"*"}};
  http::Headers headers;
  add_cors(cors, from("https://any.example"), headers);
  EXPECT_EQ(field(headers, "access-control-allow-origin"), "https://any.example");
}

TEST(Cors, APreflightIsAnsweredWithWhatIsAllowed) {
  Cors cors{{"https://app.example"}, Ms(60'000)};
  auto head = from("https://app.example");
  head.headers.add("access-control-request-headers", "authorization, x-stainless-os");
  auto answer = preflight(cors, head);
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(field(answer.headers, "access-control-allow-headers"), "authorization, x-stainless-os");
  EXPECT_EQ(field(answer.headers, "access-control-max-age"), "60");
  EXPECT_NE(field(answer.headers, "access-control-allow-methods").find("POST"), std::string::npos);
}

TEST(Cors, APreflightFromElsewhereIsToldNothing) {
  auto answer = preflight(Cors{{"https://app.example"}}, from("https://evil.example"));
  EXPECT_EQ(answer.status, 204);
  EXPECT_FALSE(answer.headers.has("access-control-allow-methods"));
  EXPECT_FALSE(answer.headers.has("access-control-allow-headers"));
}

TEST(Cors, OptionsWithoutCorsNamesTheMethods) {
  auto answer = preflight({}, from(""));
  EXPECT_EQ(answer.status, 204);
  EXPECT_NE(field(answer.headers, "allow").find("POST"), std::string::npos);
  EXPECT_FALSE(answer.headers.has("access-control-allow-origin"));
}

}  // namespace
}  // namespace sluice::ingress::cors_test
