#include "provider/sign/sigv4.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <filesystem>

#include "checkout.h"
#include "provider/sign/crypto.h"

namespace sluice::provider::sigv4_test {
namespace {

namespace dom = simdjson::dom;

// 2026-11-22T10:11:12Z
const WallTime kTime = WallTime(std::chrono::seconds(1'795'342'272));

Credentials example_key() {
  Credentials key;
  key.key_id = "AKIDEXAMPLE";
  key.secret_key = Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
  return key;
}

std::string text_of(dom::element element, const char* path) {
  return std::string(std::string_view(element.at_pointer(path).value()));
}

void check_vector(const std::filesystem::path& file) {
  SCOPED_TRACE(file.filename().string());
  dom::parser parser;
  const dom::element vector = parser.load(file.string()).value()["vector"].value();
  http::RequestHead head{text_of(vector, "/request/method"), text_of(vector, "/request/wirePath"), {}};
  std::string host;
  for (auto [name, value] : dom::object(vector.at_pointer("/request/headers").value())) {
    if (name == "host") {
      host = std::string_view(value);
    } else {
      head.headers.add(name, std::string_view(value));
    }
  }
  Credentials key;
  key.key_id = text_of(vector, "/credentials/accessKeyId");
  key.secret_key = Secret(text_of(vector, "/credentials/secretAccessKey"));
  std::string_view token;
  if (!vector.at_pointer("/credentials/sessionToken").get(token)) key.session_token = Secret(std::string(token));

  const auto region = text_of(vector, "/region"), service = text_of(vector, "/service"),
             date = text_of(vector, "/date");
  const SigningScope scope{.host = host, .region = region, .service = service};
  const auto body = text_of(vector, "/request/body");
  const std::string_view whole = body;
  const std::string_view pieces[] = {whole.substr(0, 7), whole.substr(7)};
  const auto hash = sha256_of(pieces);
  EXPECT_EQ(hex(hash), text_of(vector, "/bodySha256"));
  EXPECT_EQ(amz_date(kTime), date);
  EXPECT_EQ(parse_amz_date(date), kTime);
  EXPECT_EQ(hex(signing_key(key.secret_key, date, scope)), text_of(vector, "/signingKeyHex"));

  sign_sigv4(head, hash, scope, key, kTime);
  auto unsigned_head = head;
  const auto canonical = canonical_request(unsigned_head, host, hex(hash));
  EXPECT_EQ(canonical.request, text_of(vector, "/canonicalRequest"));
  EXPECT_EQ(string_to_sign(canonical.request, date, scope), text_of(vector, "/stringToSign"));
  for (auto [name, value] : dom::object(vector["outHeaders"].value())) {
    if (name != "host") EXPECT_EQ(head.headers.get(name), std::string_view(value)) << name;
  }
}

TEST(SigV4, AllVectors) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(in_checkout("tests/fixtures/sigv4"))) {
    check_vector(entry.path());
    ++count;
  }
  EXPECT_EQ(count, 3U);
}

std::string signature_of(http::RequestHead head, std::string_view host, std::string_view body) {
  sign_sigv4(head, sha256_of({&body, 1}), {.host = host, .region = "us-east-1", .service = "bedrock"}, example_key(),
             kTime);
  const std::string authorization(head.headers.get("authorization").value_or(""));
  return authorization.substr(authorization.find("SignedHeaders"));
}

// Made with botocore 1.43.
TEST(SigV4, SortsTheQuery) {
  EXPECT_EQ(signature_of({"GET",
                          "/foundation-models?byProvider=meta&byOutputModality=TEXT&a=%2Fx%20y",
                          {{"Accept", "application/json"}}},
                         "bedrock.us-east-1.amazonaws.com", ""),
            "SignedHeaders=accept;host;x-amz-content-sha256;x-amz-date, "
            "Signature=70f2305c588fe03c8d2dfb5fb81c9c8a84f45063b0b7240fffcadadc7aac5cab");
}

TEST(SigV4, CollapsesSpacesAndLeavesOutWhatChangesOnTheWay) {
  http::RequestHead head{"POST",
                         "/model/a.b-v1%3A0/converse",
                         {{"x-two", "1"},
                          {"User-Agent", "sluice"},
                          {"Connection", "keep-alive"},
                          {"content-length", "2"},
                          {"x-amzn-trace-id", "1"},
                          {"X-One", "  a \t  b  "}}};
  EXPECT_EQ(signature_of(head, "bedrock-runtime.us-east-1.amazonaws.com:8443", "{}"),
            "SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-one;x-two, "
            "Signature=d1910e4f50865959d7a94faa04e07aa4d7fdc58256fd72314e2586739f8d1392");
}

TEST(SigV4, NormalizesThePath) {
  EXPECT_EQ(signature_of({"POST", "/a/./b/../c//d/", {}}, "bedrock-runtime.us-east-1.amazonaws.com", "{}"),
            "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
            "Signature=9019b97a2fb2af27e98d68a96d42b9a1bc4850995817d29aa4ef3dec2e715f09");
}

TEST(SigV4, OddPathsAndQueries) {
  auto line = [](std::string target, std::size_t number) {
    auto text = canonical_request({"GET", std::move(target), {}}, "h", "hash").request;
    for (std::size_t i = 0; i < number; ++i) text.erase(0, text.find('\n') + 1);
    return text.substr(0, text.find('\n'));
  };
  EXPECT_EQ(line("", 1), "/");
  EXPECT_EQ(line("/", 1), "/");
  EXPECT_EQ(line("/../..", 1), "/");
  EXPECT_EQ(line("/a%20b/c!", 1), "/a%2520b/c%21");
  EXPECT_EQ(line("/a?b", 2), "b=");
  EXPECT_EQ(line("/a?&b=2&&b=1&=", 2), "=&b=1&b=2");
  EXPECT_EQ(line("/a?b=%zz=", 2), "b=%25zz%3D");
}

TEST(SigV4, JoinsFieldsOfOneName) {
  const http::RequestHead head{"GET", "/", {{"X-A", "2"}, {"x-b", ""}, {"x-a", "1"}}};
  EXPECT_TRUE(canonical_request(head, "h", "hash").request.contains("\nhost:h\nx-a:2,1\nx-b:\n"));
}

TEST(SigV4, ReplacesWhatWasThere) {
  http::RequestHead head{
      "GET", "/", {{"Authorization", "Bearer x"}, {"X-Amz-Security-Token", "old"}, {"x-amz-date", "never"}}};
  sign_sigv4(head, sha256_of({}), {.host = "h", .region = "r", .service = "s"}, example_key(), kTime);
  EXPECT_EQ(head.headers.size(), 3U);
  EXPECT_EQ(head.headers.get("x-amz-date"), "20261122T101112Z");
  EXPECT_FALSE(head.headers.has("x-amz-security-token"));
}

TEST(ClockSkew, FollowsAnAnswerThatIsFarOff) {
  ClockSkew skew;
  EXPECT_FALSE(skew.learn({}, kTime));
  EXPECT_FALSE(skew.learn({{"date", "yesterday"}}, kTime));
  EXPECT_FALSE(skew.learn({{"date", "Sun, 22 Nov 2026 10:13:12 GMT"}}, kTime));  // near enough
  EXPECT_EQ(skew.corrected(kTime), kTime);
  EXPECT_TRUE(skew.learn({{"date", "Sun, 22 Nov 2026 10:31:12 GMT"}}, kTime));
  EXPECT_EQ(skew.corrected(kTime), kTime + std::chrono::minutes(20));
  EXPECT_FALSE(skew.learn({{"date", "Sun, 22 Nov 2026 10:31:13 GMT"}}, kTime));  // known
  EXPECT_TRUE(skew.learn({{"date", "Sun, 22 Nov 2026 10:11:12 GMT"}}, kTime));   // our clock was set right
  EXPECT_EQ(skew.corrected(kTime), kTime);
}

}  // namespace
}  // namespace sluice::provider::sigv4_test
