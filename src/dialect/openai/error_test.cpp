#include "dialect/openai/error.h"

#include <gtest/gtest.h>

#include "dialect/openai/fixture_test.h"
#include "dialect/tell.h"
#include "dialect/waiting.h"
#include "json/reader.h"

namespace sluice::dialect::openai::error_test {
namespace {

using testing::cases;
using namespace std::chrono_literals;

const WallTime kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 25) + 10h;

Fault fault_of(FaultKind kind, std::string told, std::string code = {}) {
  Fault fault;
  fault.kind = kind;
  fault.told = std::move(told);
  fault.code = std::move(code);
  return fault;
}

// One member of a written error; "null" when it is null, "invalid" when the whole is not JSON.
std::string member(std::string_view written, std::string_view name) {
  simdjson::dom::parser parser;
  simdjson::dom::element error;
  if (parser.parse(simdjson::padded_string(written))["error"].get(error)) return "invalid";
  std::string_view text;
  return error[name].get(text) ? "null" : std::string(text);
}

TEST(OpenAiReadError, ReadsEveryRecordedError) {
  std::size_t errors = 0;
  for (const auto& test : cases()) {
    if (test->stream || test->status == 200) continue;
    ++errors;
    const Fault fault = read_error(test->status, test->headers, test->body, kNow);
    EXPECT_EQ(fault.kind, FaultKind::kProviderStatus) << test->id;
    EXPECT_EQ(fault.code, test->text("/error/code").value_or("")) << test->id;
    EXPECT_EQ(fault.retry == Retry::kSame, *test->flag("/error/retryable")) << test->id;
    const auto wait = test->number("/error/retry_after_ms");
    EXPECT_EQ(fault.retry_after, wait ? std::optional(Ms(*wait)) : std::nullopt) << test->id;
    if (auto param = test->text("/error/param")) EXPECT_EQ(fault.param, param) << test->id;
    EXPECT_FALSE(fault.told.empty()) << test->id;
    EXPECT_EQ(fault.answer->status, test->status) << test->id;
    EXPECT_EQ(fault.answer->body, test->body) << test->id;
  }
  EXPECT_EQ(errors, 15u);
}

TEST(OpenAiReadError, SaysWhetherAnotherTryHelps) {
  const auto retry = [](int status, std::string_view body, const http::Headers& headers = {}) {
    return read_error(status, headers, body, kNow).retry;
  };
  for (int status : {408, 409, 429, 498, 500, 502, 503, 504, 520, 529})
    EXPECT_EQ(retry(status, "{}"), Retry::kSame) << status;
  for (int status : {401, 402, 403, 302}) EXPECT_EQ(retry(status, "{}"), Retry::kOther) << status;
  for (int status : {400, 413, 422, 499}) EXPECT_EQ(retry(status, "{}"), Retry::kNo) << status;
  EXPECT_EQ(retry(404, R"({"error":{"message":"No such file: a","code":"not_found"}})"), Retry::kNo);
  EXPECT_EQ(retry(404, R"({"error":{"message":"x","code":"DeploymentNotFound"}})"), Retry::kOther);
  EXPECT_EQ(retry(404, R"({"error":"model 'x' not found, try pulling it first"})"), Retry::kOther);
  EXPECT_EQ(retry(404, "<html>nginx</html>"), Retry::kOther);
  for (std::string_view code : {"insufficient_quota", "credit_balance_exhausted", "project_spend_limit_exceeded"}) {
    EXPECT_EQ(retry(429, R"({"error":{"message":"x","code":")" + std::string(code) + "\"}}"), Retry::kOther) << code;
    EXPECT_EQ(
        retry(429, R"({"error":{"message":"x","type":")" + std::string(code) + "\"}}", {{"x-should-retry", "true"}}),
        Retry::kOther);
  }
  EXPECT_EQ(retry(413, R"({"error":{"message":"x","code":"rate_limit_exceeded"}})"), Retry::kOther);
  EXPECT_EQ(retry(500, "", {{"x-should-retry", "false"}}), Retry::kOther);
  EXPECT_EQ(retry(400, "", {{"X-Should-Retry", "true"}}), Retry::kSame);
}

TEST(OpenAiReadError, RecognisesAPromptThatIsTooLong) {
  const Fault fault = read_error(400, {}, R"({"message":"This model's maximum context length is 8192 tokens."})", kNow);
  EXPECT_EQ(fault.code, "context_length_exceeded");
  EXPECT_EQ(fault.retry, Retry::kOther);
}

TEST(OpenAiReadError, RecognisesReasoningOfAnotherAccount) {
  const Fault fault =
      read_error(400, {{"x-should-retry", "false"}},
                 R"({"error":{"message":"The encrypted content gAAA...3yw= could not be verified. Reason: Encrypted )"
                 R"(content could not be decrypted or parsed.","type":"invalid_request_error","param":null,)"
                 R"("code":"invalid_encrypted_content"}})",
                 kNow);
  EXPECT_EQ(fault.meaning, Meaning::kForeignState);
  EXPECT_EQ(fault.retry, Retry::kSame);
}

TEST(OpenAiReadError, ReadsTheEnvelopesOfOtherServers) {
  const auto told = [](std::string_view body) { return read_error(422, {}, body, kNow).told; };
  EXPECT_EQ(told(R"({"object":"error","message":"Boom","type":"x","code":1300})"), "Boom");
  EXPECT_EQ(
      told(R"({"object":"error","message":{"detail":[{"type":"missing","loc":["body"],"msg":"Field required"}]}})"),
      "Field required");
  EXPECT_EQ(told(R"({"detail":"Not allowed"})"), "Not allowed");
  EXPECT_EQ(told(R"({"detail":[{"loc":["a"],"msg":"Bad value"}]})"), "Bad value");
  EXPECT_EQ(told(R"({"message":"Line\none \u00e9"})"), "Line one \xc3\xa9");
  EXPECT_EQ(told(R"({"error":"Plain"})"), "Plain");
  EXPECT_EQ(told(R"([{"error":{"code":400,"message":"From a list","status":"INVALID"}}])"), "From a list");
  EXPECT_EQ(told(R"({"error":{"message":null}})"), "The provider answered with status 422 (Unprocessable Content).");
  for (std::string_view body : {"", "<html>", "{", "7", "[]", "{}", "null", "\xff\xfe", R"({"error":null})"}) {
    EXPECT_EQ(told(body), "The provider answered with status 422 (Unprocessable Content).") << body;
  }
}

TEST(OpenAiReadError, KeepsTheHeadersAClientMaySee) {
  const http::Headers headers{
      {"Retry-After", "1"},           {"retry-after-ms", "900"}, {"X-RateLimit-Limit-Tokens", "5"},
      {"openai-organization", "org"}, {"openai-version", "v"},   {"set-cookie", "a"},
      {"x-should-retry", "false"},    {"openai-project", "p"},   {"x-request-id", "req_1"},
      {"content-type", "text/html"}};
  const auto answer = read_error(500, headers, "x", kNow).answer;
  std::string names;
  for (const auto& [name, value] : answer->headers) names += name + " ";
  EXPECT_EQ(names, "Retry-After retry-after-ms X-RateLimit-Limit-Tokens openai-version x-should-retry ");
  EXPECT_EQ(answer->request_id, "req_1");
  EXPECT_EQ(answer->content_type, "text/html");
}

TEST(OpenAiRequestedWait, PrefersMillisecondsThenSecondsOrDateThenExhaustedLimits) {
  const auto wait = [](const http::Headers& headers) { return requested_wait(headers, kNow); };
  EXPECT_EQ(wait({}), std::nullopt);
  EXPECT_EQ(wait({{"retry-after", "2"}, {"retry-after-ms", "1400"}}), 1400ms);
  EXPECT_EQ(wait({{"retry-after", "1.5"}}), 1500ms);
  EXPECT_EQ(wait({{"retry-after", "Wed, 25 Nov 2026 10:00:07 GMT"}}), 7000ms);
  EXPECT_EQ(wait({{"retry-after", "Wed, 25 Nov 2026 09:00:07 GMT"}}), 0ms);
  EXPECT_EQ(wait({{"x-ratelimit-remaining-tokens", "0"},
                  {"x-ratelimit-reset-tokens", "1m1.4s"},
                  {"x-ratelimit-remaining-requests", "0"},
                  {"x-ratelimit-reset-requests", "3"}}),
            61400ms);
  EXPECT_EQ(wait({{"x-ratelimit-remaining-tokens", "5"}, {"x-ratelimit-reset-tokens", "1m"}}), std::nullopt);
  EXPECT_EQ(wait({{"x-ratelimit-remaining-tokens", "0"}}), std::nullopt);
}

TEST(OpenAiRequestedWait, SurvivesStrangeValues) {
  const auto wait = [](std::string value) { return requested_wait({{"retry-after", std::move(value)}}, kNow); };
  EXPECT_EQ(wait("1e300"), kLongestWait);
  EXPECT_EQ(wait("99999999999999999999"), kLongestWait);
  for (const char* value :
       {"-1", "nan", "soon", "", "Wed, 99 Nov 2026 10:00:07 GMT", "Wed, 25 Nov 99999 10:00 GMT", "-inf"}) {
    EXPECT_EQ(wait(value), std::nullopt) << value;
  }
}

TEST(OpenAiParseReset, ReadsGoDurationsAndSeconds) {
  EXPECT_EQ(parse_reset("120ms"), 120ms);
  EXPECT_EQ(parse_reset("6m0s"), 360s);
  EXPECT_EQ(parse_reset("1h2m3.5s"), 3723500ms);
  EXPECT_EQ(parse_reset("500µs"), 1ms);
  EXPECT_EQ(parse_reset("17ns"), 1ms);
  EXPECT_EQ(parse_reset("2"), 2s);
  EXPECT_EQ(parse_reset("0"), 0ms);
  for (std::string_view text : {"", "-1", "s", "1x", "1m1", "1..2s", "ms", "1 s"})
    EXPECT_EQ(parse_reset(text), std::nullopt) << text;
}

TEST(OpenAiMaskSecrets, MasksKeysAndNothingElse) {
  EXPECT_EQ(mask_secrets("Incorrect API key provided: sk-proj-abc_DEF123. You can find it."),
            "Incorrect API key provided: ***. You can find it.");
  EXPECT_EQ(mask_secrets("Incorrect API key provided: sk-12345************cdef."), "Incorrect API key provided: ***.");
  EXPECT_EQ(mask_secrets("Authorization: Bearer abcdefgh, no"), "Authorization: Bearer ***, no");
  EXPECT_EQ(mask_secrets("api_key=0123456789abcdef0123"), "api_key=***");
  EXPECT_EQ(mask_secrets("The key '0123456789abcdef' is wrong"), "The key '***' is wrong");
  EXPECT_EQ(mask_secrets("gsk_abcdefgh1 xai-abcdefgh AIzaSyAbcdefgh"), "*** *** ***");
  for (std::string_view plain :
       {"",
        "Rate limit reached for gpt-5.5-2026-04-23 in organization org-fixture on tokens per min (TPM): Limit 30000.",
        "The model `meta-llama/Llama-3.1-8B` does not exist", "risk-free task-force", "a key part of it",
        "na\xc3\xafve \xff"}) {
    EXPECT_EQ(mask_secrets(plain), plain);
  }
}

TEST(OpenAiWriteError, UsesTheDialectsWords) {
  struct Row {
    FaultKind kind;
    std::string_view type, code;
  };
  for (const auto& [kind, type, code] :
       std::initializer_list<Row>{{FaultKind::kInvalidRequest, "invalid_request_error", "null"},
                                  {FaultKind::kTooLarge, "invalid_request_error", "request_too_large"},
                                  {FaultKind::kUnauthenticated, "invalid_request_error", "invalid_api_key"},
                                  {FaultKind::kForbidden, "permission_error", "permission_denied"},
                                  {FaultKind::kNotFound, "invalid_request_error", "null"},
                                  {FaultKind::kRateLimited, "rate_limit_error", "rate_limit_exceeded"},
                                  {FaultKind::kOverloaded, "service_unavailable_error", "overloaded"},
                                  {FaultKind::kProviderTimeout, "timeout", "provider_timeout"},
                                  {FaultKind::kTruncated, "server_error", "truncated"},
                                  {FaultKind::kInternal, "server_error", "internal"}}) {
    const std::string written = write_error(fault_of(kind, "Told."));
    EXPECT_EQ(member(written, "type"), type) << name(kind);
    EXPECT_EQ(member(written, "code"), code) << name(kind);
    EXPECT_EQ(member(written, "message"), "Told.");
    EXPECT_EQ(member(written, "param"), "null");
  }
  EXPECT_EQ(write_error(fault_of(FaultKind::kNotFound, "No.", "model_not_found")),
            R"({"error":{"message":"No.","type":"invalid_request_error","param":null,"code":"model_not_found"}})");
  EXPECT_EQ(member(write_error(fault_of(FaultKind::kRateLimited, "x", "insufficient_quota")), "type"),
            "insufficient_quota");
}

TEST(OpenAiWriteError, TellsAProvidersErrorInItsOwnWords) {
  const Fault fault = read_error(
      400, {}, R"({"error":{"message":"Bad","type":"image_error","param":"image","code":"too_small"}})", kNow);
  EXPECT_EQ(write_error(fault),
            R"({"error":{"message":"Bad","type":"image_error","param":"image","code":"too_small"}})");
  EXPECT_EQ(member(write_error(read_error(503, {}, "<html>", kNow)), "type"), "service_unavailable_error");
  EXPECT_EQ(member(write_error(read_error(429, {}, "", kNow)), "type"), "rate_limit_error");
}

TEST(OpenAiWriteError, NeverShowsARefusalOfOurKeyAsOneOfTheClients) {
  for (int status : {401, 403}) {
    const Fault fault =
        read_error(status, {}, R"({"error":{"message":"Incorrect API key","code":"invalid_api_key"}})", kNow);
    const std::string written = write_error(fault);
    EXPECT_EQ(member(written, "type"), "upstream_error");
    EXPECT_EQ(member(written, "code"), "upstream_auth_error");
    EXPECT_FALSE(written.contains("Incorrect"));
  }
  const Fault quota =
      read_error(429, {}, R"({"error":{"message":"You exceeded your quota","type":"insufficient_quota"}})", kNow);
  EXPECT_EQ(member(write_error(quota), "code"), "upstream_quota_exhausted");
  for (std::string_view code : {"insufficient_quota", "invalid_request_error", ""}) {
    const std::string body = R"({"error":{"message":"Insufficient Balance","code":")" + std::string(code) + R"("}})";
    EXPECT_EQ(member(write_error(read_error(402, {}, body, kNow)), "code"), "upstream_quota_exhausted") << code;
  }
  const Fault spent = read_error(403, {}, R"({"error":{"message":"x","code":"billing_not_active"}})", kNow);
  EXPECT_EQ(member(write_error(spent), "code"), "upstream_quota_exhausted");
}

TEST(OpenAiWriteError, TellsAnErrorInsideOfASuccessLikeOneOfItsStatus) {
  const auto said = [](Meaning meaning, std::string code) {
    Fault fault = fault_of(FaultKind::kProviderError, "Told.", std::move(code));
    fault.meaning = meaning;
    const std::string written = write_error(fault);
    return member(written, "type") + " " + member(written, "code") + " " + member(written, "message");
  };
  EXPECT_EQ(said(Meaning::kRateLimit, "rate_limit_exceeded"), "rate_limit_error rate_limit_exceeded Told.");
  EXPECT_EQ(said(Meaning::kServerError, "server_error"), "server_error server_error Told.");
  EXPECT_EQ(said(Meaning::kOverloaded, ""), "service_unavailable_error provider_error Told.");
  EXPECT_EQ(said(Meaning::kContextLength, ""), "invalid_request_error context_length_exceeded Told.");
  EXPECT_EQ(said(Meaning::kUnknown, ""), "server_error provider_error Told.");
  EXPECT_EQ(said(Meaning::kQuotaExhausted, "insufficient_quota"),
            "upstream_error upstream_quota_exhausted The account that this gateway has with the provider has no quota "
            "left.");
  EXPECT_EQ(said(Meaning::kAuthentication, "invalid_api_key"),
            "upstream_error upstream_auth_error The provider refused this gateway's own credentials.");
}

TEST(OpenAiWriteError, IsValidJsonWhateverIsTold) {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes.push_back(static_cast<char>(byte));
  Fault fault = fault_of(FaultKind::kProviderError, bytes, bytes);
  fault.param = bytes;
  EXPECT_NE(member(write_error(fault), "message"), "invalid");
  EXPECT_FALSE(write_stream_error(fault).substr(6).starts_with("\n"));
  EXPECT_NE(member(write_error(fault_of(FaultKind::kInternal, "")), "message"), "");
}

TEST(OpenAiWriteStreamError, IsOneEventAndDone) {
  EXPECT_EQ(
      write_stream_error(fault_of(FaultKind::kTruncated, "Cut\nshort")),
      "data: "
      "{\"error\":{\"message\":\"Cut\\nshort\",\"type\":\"server_error\",\"param\":null,\"code\":\"truncated\"}}\n\n"
      "data: [DONE]\n\n");
}

}  // namespace
}  // namespace sluice::dialect::openai::error_test
