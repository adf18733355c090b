#include "sim/bedrock/key.h"

#include <fmt/chrono.h>
#include <gtest/gtest.h>

#include <chrono>

#include "sim/bedrock/test_converse.h"
#include "sim/test_fixtures.h"

namespace sluice::sim::key_test {
namespace {

namespace bj = boost::json;

http::RequestHead signed_head(const bj::value& vector) {
  http::RequestHead head;
  head.method = vector.at("request").at("method").as_string();
  head.target = vector.at("request").at("wirePath").as_string();
  for (const auto& [name, value] : vector.at("outHeaders").as_object()) {
    head.headers.add(std::string_view(name), std::string_view(value.as_string()));
  }
  return head;
}

TEST(BedrockKey, VerifiesTheRecordedSignatures) {
  std::size_t count = 0;
  for (const auto& one : recorded("sigv4")) {
    const auto& vector = one.at("vector");
    auto head = signed_head(vector);
    auto by = read_signature(head);
    ASSERT_TRUE(by) << one.at("id");
    EXPECT_EQ(by->key_id, "AKIDEXAMPLE");
    std::string_view body = vector.at("request").at("body").as_string();
    std::string_view secret = vector.at("credentials").at("secretAccessKey").as_string();
    EXPECT_EQ(right_signature(head, body, *by, secret), by->signature) << one.at("id");
    EXPECT_NE(right_signature(head, std::string(body) + " ", *by, secret), by->signature);
    ++count;
  }
  EXPECT_EQ(count, 3U);
  EXPECT_EQ(time_of("19700102T000001Z"), 86401);
  EXPECT_EQ(time_of("19701302T000001Z"), 0);
}

constexpr std::string_view kPath = "/model/amazon.nova-lite-v1%3A0/converse";

std::string stamp_of(std::chrono::system_clock::time_point when) {
  return fmt::format("{:%Y%m%dT%H%M%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(when)));
}

// Headers of a request that is signed with this secret.
std::string signed_headers(std::string_view secret, std::string_view body, const std::string& stamp,
                           std::string_view key_id = "AKID") {
  http::RequestHead head{"POST", std::string(kPath), {{"host", "sim"}, {"x-amz-date", stamp}}};
  SignedBy by{std::string(key_id), stamp.substr(0, 8), "us-east-1", {"host", "x-amz-date"}, ""};
  return "x-amz-date: " + stamp + "\r\nauthorization: AWS4-HMAC-SHA256 Credential=" + by.key_id + "/" + by.date +
         "/us-east-1/bedrock/aws4_request, SignedHeaders=host;x-amz-date, Signature=" +
         right_signature(head, body, by, secret) + "\r\n";
}

TEST(BedrockKey, LetsInWhatIsSignedWithItsSecret) {
  TestSim sim({.key = Secret("AKID:hush")});
  auto now = std::chrono::system_clock::now();
  auto send = [&](std::string_view headers) { return sim.call("POST", kPath, kConverseHi, headers); };
  auto is_refused = [&](const Seen& seen, std::string_view exception) {
    EXPECT_EQ(seen.status, 403);
    EXPECT_TRUE(seen.json().as_object().contains("message"));
    return seen.headers.at("x-amzn-errortype").starts_with(exception);
  };
  auto good = signed_headers("hush", kConverseHi, stamp_of(now));
  EXPECT_EQ(send(good).status, 200);
  EXPECT_TRUE(is_refused(send(""), "MissingAuthenticationToken"));
  EXPECT_TRUE(is_refused(send(signed_headers("hash", kConverseHi, stamp_of(now))), "InvalidSignature"));
  EXPECT_TRUE(is_refused(send(signed_headers("hush", "{}", stamp_of(now))), "InvalidSignature"));
  EXPECT_TRUE(
      is_refused(send(signed_headers("hush", kConverseHi, stamp_of(now - std::chrono::hours(1)))), "InvalidSignature"));
  EXPECT_TRUE(is_refused(send(signed_headers("hush", kConverseHi, stamp_of(now), "AKIX")), "UnrecognizedClient"));
  EXPECT_TRUE(is_refused(send("authorization: Bearer nope\r\n"), "AccessDenied"));
  for (std::string_view part : {"host;", "/bedrock", "Signature="}) {
    auto spoilt = good;
    auto at = spoilt.find(part);
    spoilt.erase(at, part.size());
    EXPECT_TRUE(is_refused(send(spoilt), "IncompleteSignature")) << spoilt;
  }
}

TEST(BedrockKey, TakesAnIdOrABearerForItsKey) {
  TestSim sim({.key = Secret("AKID")});
  auto stamp = stamp_of(std::chrono::system_clock::now());
  EXPECT_EQ(sim.call("POST", kPath, kConverseHi, signed_headers("whatever", kConverseHi, stamp)).status, 200);
  EXPECT_EQ(sim.call("POST", kPath, kConverseHi, "authorization: Bearer AKID\r\n").status, 200);
  EXPECT_EQ(sim.call("POST", kPath, kConverseHi, "x-api-key: AKID\r\n").status, 403);
}

}  // namespace
}  // namespace sluice::sim::key_test
