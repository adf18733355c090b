#include <gtest/gtest.h>

#include <chrono>

#include "dialect/anthropic/fixture_test.h"

namespace sluice::dialect::anthropic::testing::error_test {
namespace {

Fault read(int status, std::string_view body, const http::Headers& headers = {}, Host host = Host::kAnthropic) {
  return client_of(host).read_error(status, headers, body, WallTime(std::chrono::seconds(1'795'000'000)));
}

std::string written(const Fault& fault, int status, int* told = nullptr) {
  const ErrorAnswer answer = server().write_error(fault, status);
  if (told) *told = answer.status;
  return answer.body;
}

bool is_about_our_account(const Fault& fault) {
  return fault.answer && fault.answer->concerns == ProviderAnswer::Concerns::kOurAccount;
}

TEST(AnthropicError, ReadsEveryFixture) {
  std::size_t read_count = 0;
  for (const auto& test : cases()) {
    if (test->status == 200) continue;
    SCOPED_TRACE(test->id);
    ++read_count;
    const Fault fault = read(test->status, test->body, test->headers);
    EXPECT_EQ(fault.kind, FaultKind::kProviderStatus);
    EXPECT_EQ(name(fault.meaning), test->text("/error/kind"));
    bool retryable = false;
    ASSERT_FALSE(test->expect.at_pointer("/error/retryable").get(retryable));
    EXPECT_EQ(fault.retry == Retry::kSame, retryable);
    if (auto code = test->text("/error/code")) EXPECT_EQ(fault.code, *code);
    const auto wait = test->number("/error/retry_after_ms");
    EXPECT_EQ(fault.retry_after.has_value(), wait.has_value());
    if (wait && fault.retry_after) EXPECT_EQ(fault.retry_after->count(), static_cast<std::int64_t>(*wait));
  }
  EXPECT_GT(read_count, 12u);
}

TEST(AnthropicError, KnowsInWhoseWordsItIs) {
  EXPECT_EQ(read(400, R"({"message":"no"})", {{"x-amzn-errortype", "ValidationException"}}).answer->dialect, "bedrock");
  EXPECT_EQ(
      read(400, R"({"type":"error","error":{"type":"invalid_request_error","message":"no"}})", {}).answer->dialect,
      "anthropic");
}

TEST(AnthropicError, ReadsTheWordsOfItsHosts) {
  EXPECT_EQ(read(429, R"({"message":"Too many"})", {{"x-amzn-errortype", "ThrottlingException:http://x/"}}).meaning,
            Meaning::kRateLimit);
  EXPECT_EQ(read(400, R"({"message":"no"})", {{"x-amzn-errortype", "ServiceQuotaExceededException"}}).meaning,
            Meaning::kQuotaExhausted);
  EXPECT_EQ(read(403, R"({"message":"expired"})", {{"x-amzn-errortype", "ExpiredTokenException"}}).meaning,
            Meaning::kAuthentication);
  EXPECT_EQ(read(400, R"({"message":"Input is too long for requested model."})",
                 {{"x-amzn-errortype", "ValidationException"}})
                .meaning,
            Meaning::kContextLength);
  const Fault foreign = read(400, R"({"type":"error","error":{"type":"invalid_request_error","message":)"
                                  R"("messages.1.content.0: Invalid `signature` in `thinking` block"}})");
  EXPECT_EQ(foreign.meaning, Meaning::kForeignState);
  EXPECT_EQ(foreign.retry, Retry::kSame);
  const Fault google = read(429, R"([{"error":{"code":429,"message":"Quota","status":"RESOURCE_EXHAUSTED"}}])");
  EXPECT_EQ(google.meaning, Meaning::kRateLimit);
  EXPECT_EQ(google.told, "Quota");
  EXPECT_EQ(read(502, "<html>bad</html>").meaning, Meaning::kServerError);
  EXPECT_EQ(read(409, R"({"type":"error","error":{"type":"conflict_error","message":"c"}})").retry, Retry::kSame);
}

TEST(AnthropicError, WritesOurs) {
  Fault fault{.kind = FaultKind::kInvalidRequest, .told = "'x' is bad.", .code = "unsupported_parameter"};
  EXPECT_EQ(written(fault, 400),
            R"({"type":"error","error":{"type":"invalid_request_error","message":"'x' is bad.","details":)"
            R"({"error_code":"unsupported_parameter"}},"request_id":null})");
  struct Expected {
    FaultKind kind;
    std::string_view type;
    int status;
    int given = status;
  };
  for (const Expected& expected :
       {Expected{FaultKind::kTooLarge, "request_too_large", 413},
        Expected{FaultKind::kUnauthenticated, "authentication_error", 401},
        Expected{FaultKind::kForbidden, "permission_error", 403},
        Expected{FaultKind::kNotFound, "not_found_error", 404},
        Expected{FaultKind::kRateLimited, "rate_limit_error", 429},
        Expected{FaultKind::kOverloaded, "overloaded_error", 529, 503},
        Expected{FaultKind::kProviderTimeout, "timeout_error", 504},
        Expected{FaultKind::kUnreachable, "api_error", 502}, Expected{FaultKind::kTruncated, "api_error", 502},
        Expected{FaultKind::kInternal, "api_error", 500}}) {
    const Fault ours{.kind = expected.kind, .told = "t"};
    int status = 0;
    EXPECT_TRUE(written(ours, expected.given, &status).contains("\"type\":\"" + std::string(expected.type) + "\""));
    EXPECT_EQ(status, expected.status) << expected.type;
  }
  int status = 0;
  const Fault spent{.kind = FaultKind::kRateLimited, .told = "t", .code = "budget_exceeded"};
  EXPECT_TRUE(written(spent, 429, &status).contains("billing_error"));
  EXPECT_EQ(status, 402);
}

TEST(AnthropicError, TellsAConflictOfAnotherApi) {
  auto said = std::make_shared<ProviderAnswer>();
  said->status = 409;
  said->dialect = "openai";
  Fault fault{.kind = FaultKind::kProviderStatus, .told = "c", .answer = said};
  for (auto meaning : {Meaning::kUnknown, Meaning::kInvalidRequest, Meaning::kServerError}) {
    fault.meaning = meaning;
    int status = 0;
    EXPECT_TRUE(written(fault, 409, &status).contains(R"("type":"conflict_error")"));
    EXPECT_EQ(status, 409);
  }
  fault.meaning = Meaning::kRateLimit;
  EXPECT_TRUE(written(fault, 429).contains(R"("type":"rate_limit_error")"));
}

TEST(AnthropicError, TellsAProvidersErrorsInItsOwnShape) {
  for (const auto& test : cases()) {
    if (test->status == 200) continue;
    SCOPED_TRACE(test->id);
    const Fault fault = read(test->status, test->body, test->headers);
    int status = 0;
    const std::string body = written(fault, is_about_our_account(fault) ? 502 : test->status, &status);
    const Fault again = read(status, body);
    if (is_about_our_account(fault)) {
      EXPECT_EQ(status, 502);
      EXPECT_TRUE(body.contains("\"api_error\""));
      EXPECT_TRUE(body.contains("gateway"));
    } else {
      EXPECT_EQ(again.meaning, fault.meaning);
      EXPECT_EQ(again.told, fault.told);
    }
  }
}

TEST(AnthropicError, OfAStreamIsAnEventWithoutAnEnd) {
  const Fault fault{.kind = FaultKind::kProviderError, .told = "Overloaded", .meaning = Meaning::kOverloaded};
  const std::string text = server().write_stream_error(*endpoints().begin(), fault, {});
  EXPECT_EQ(
      text,
      "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"},"
      "\"request_id\":null}\n\n");
  const Fault key{.kind = FaultKind::kProviderError, .told = "invalid x-api-key", .meaning = Meaning::kAuthentication};
  EXPECT_FALSE(server().write_stream_error(*endpoints().begin(), key, {}).contains("authentication_error"));
}

}  // namespace
}  // namespace sluice::dialect::anthropic::testing::error_test
