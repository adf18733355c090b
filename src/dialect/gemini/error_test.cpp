#include "dialect/gemini/error.h"

#include "dialect/gemini/fixture_test.h"
#include "dialect/gemini/gemini.h"
#include "json/reader.h"

namespace sluice::dialect::gemini::error_test {
namespace {

using testing::cases;
using testing::find_case;

Fault read(std::string_view id) {
  const auto& test = find_case(id);
  return client().read_error(test.status, test.headers, test.body, {});
}
Fault read(int status, std::string_view body) {
  return client().read_error(status, {}, body, {});
}

TEST(GeminiError, ReadsEveryFixture) {
  std::size_t count = 0;
  for (const auto& test : cases()) {
    if (test->status < 400) continue;
    SCOPED_TRACE(test->id);
    ++count;
    const Fault fault = client().read_error(test->status, test->headers, test->body, {});
    EXPECT_EQ(fault.kind, FaultKind::kProviderStatus);
    EXPECT_EQ(name(fault.meaning), test->text("/error/kind"));
    EXPECT_EQ(fault.code, test->text("/error/code") ? test->text("/error/code") : test->text("/error/type"));
    bool retryable = false;
    ASSERT_FALSE(test->expect.at_pointer("/error/retryable").get(retryable));
    EXPECT_EQ(fault.retry == Retry::kSame, retryable);
    const auto wait = test->number("/error/retry_after_ms");
    ASSERT_EQ(fault.retry_after.has_value(), wait.has_value());
    if (wait) EXPECT_NEAR(static_cast<double>(fault.retry_after->count()), static_cast<double>(*wait), 1);
    EXPECT_TRUE(fault.answer);
  }
  EXPECT_EQ(count, 11u);
}

TEST(GeminiError, Meanings) {
  auto meaning = [](int status, std::string_view word, std::string_view message) {
    return read(status, R"({"error":{"code":0,"message":")" + std::string(message) + R"(","status":")" +
                            std::string(word) + R"("}})")
        .meaning;
  };
  EXPECT_EQ(meaning(400, "INVALID_ARGUMENT",
                    "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."),
            Meaning::kContextLength);
  EXPECT_EQ(meaning(400, "INVALID_ARGUMENT", "Corrupted thought signature."), Meaning::kForeignState);
  EXPECT_EQ(meaning(400, "INVALID_ARGUMENT", "Request payload size exceeds the limit: 20971520 bytes."),
            Meaning::kRequestTooLarge);
  EXPECT_EQ(meaning(400, "FAILED_PRECONDITION", "User location is not supported for the API use."),
            Meaning::kPermission);
  EXPECT_EQ(meaning(400, "FAILED_PRECONDITION", "Please enable billing."), Meaning::kBilling);
  EXPECT_EQ(meaning(403, "PERMISSION_DENIED", "This API method requires billing to be enabled."), Meaning::kBilling);
  EXPECT_EQ(meaning(403, "PERMISSION_DENIED", "Nope."), Meaning::kPermission);
  EXPECT_EQ(meaning(504, "DEADLINE_EXCEEDED", "Late."), Meaning::kTimeout);
  EXPECT_EQ(meaning(499, "CANCELLED", "Gone."), Meaning::kCancelled);
  EXPECT_EQ(read(502, "<html>").meaning, Meaning::kServerError);
  EXPECT_EQ(read(429, "").meaning, Meaning::kRateLimit);
  const Fault waits = read(429, R"({"error":{"message":"Please retry in 1m2.5s.","status":"RESOURCE_EXHAUSTED"}})");
  EXPECT_EQ(waits.retry_after, Ms(62500));
  EXPECT_EQ(read("error_429_daily_quota").answer->concerns, ProviderAnswer::Concerns::kOurAccount);
}

std::string written(const Fault& fault, int status) {
  return server().write_error(fault, status).body;
}

TEST(GeminiError, WritesOurs) {
  Fault fault;
  fault.kind = FaultKind::kInvalidRequest;
  fault.told = "'contents' is required.";
  fault.param = "contents";
  fault.code = "missing_required_parameter";
  EXPECT_EQ(
      written(fault, 400),
      R"({"error":{"code":400,"message":"'contents' is required.","status":"INVALID_ARGUMENT","details":[)"
      R"({"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"missing_required_parameter","domain":"sluice"},)"
      R"({"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"contents",)"
      R"("description":"'contents' is required."}]}]}})");
  Fault limit;
  limit.kind = FaultKind::kRateLimited;
  limit.told = "Too many.";
  limit.retry_after = Ms(1050);
  EXPECT_EQ(written(limit, 429),
            R"({"error":{"code":429,"message":"Too many.","status":"RESOURCE_EXHAUSTED","details":[)"
            R"({"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"1.050s"}]}})");
  Fault key;
  key.kind = FaultKind::kUnauthenticated;
  key.told = "No.";
  EXPECT_TRUE(written(key, 401).contains("API_KEY_INVALID"));
  EXPECT_TRUE(written(key, 401).contains("UNAUTHENTICATED"));
  EXPECT_EQ(server().write_error(limit, 529).status, 503);
}

TEST(GeminiError, OurAccountIsNotTheClients) {
  const auto key = server().write_error(read("error_400_api_key"), 502);
  EXPECT_EQ(key.status, 503);
  EXPECT_EQ(key.body,
            R"({"error":{"code":503,"message":"The provider refused this gateway's own credentials (status 400).",)"
            R"("status":"UNAVAILABLE","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo",)"
            R"("reason":"upstream_auth_error","domain":"sluice"}]}})");
  const auto quota = server().write_error(read("error_429_daily_quota"), 429);
  EXPECT_EQ(quota.status, 503);
  EXPECT_TRUE(quota.body.contains("The account that this gateway has with the provider has no quota left."));
  EXPECT_FALSE(quota.body.contains("retryDelay"));
  Fault within;
  within.kind = FaultKind::kProviderError;
  within.meaning = Meaning::kAuthentication;
  within.told = "API key not valid.";
  EXPECT_TRUE(write_error_object(within).contains("The provider refused this gateway's own credentials."));
}

TEST(GeminiError, AProvidersWordsAreKept) {
  const auto answer = server().write_error(read("error_429_retry_info"), 429);
  EXPECT_EQ(answer.status, 429);
  EXPECT_TRUE(answer.body.contains("You exceeded your current quota"));
  EXPECT_TRUE(answer.body.contains(R"("retryDelay":"47.43)"));
  // Written and read again it is the same.
  const Fault again = read(429, answer.body);
  EXPECT_EQ(again.meaning, Meaning::kRateLimit);
  EXPECT_EQ(again.retry_after, read("error_429_retry_info").retry_after);
}

}  // namespace
}  // namespace sluice::dialect::gemini::error_test
