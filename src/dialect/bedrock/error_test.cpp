#include "dialect/bedrock/error.h"

#include "dialect/bedrock/fixture_test.h"
#include "dialect/faults.h"
#include "json/reader.h"

namespace sluice::dialect::bedrock::error_test {
namespace {

using namespace std::chrono_literals;
using testing::cases;

const WallTime kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 25) + 10h;

Fault read(int status, std::string_view type, std::string_view message) {
  return read_error(status, {{"x-amzn-errortype", type}}, R"({"message":")" + std::string(message) + "\"}", kNow);
}

TEST(BedrockReadError, ReadsEveryRecordedError) {
  std::size_t count = 0;
  for (const auto& test : cases()) {
    if (test->status == 200) continue;
    ++count;
    const Fault fault = read_error(test->status, test->headers, test->body, kNow);
    EXPECT_EQ(fault.kind, FaultKind::kProviderStatus) << test->id;
    EXPECT_EQ(name(fault.meaning), test->text("/error/kind")) << test->id;
    EXPECT_EQ(fault.code, test->text("/error/type")) << test->id;
    EXPECT_EQ(fault.retry == Retry::kSame, test->flag("/error/retryable")) << test->id;
    EXPECT_EQ(fault.told, testing::at(test->body, "/message").substr(1, fault.told.size())) << test->id;
    EXPECT_EQ(fault.answer->body, test->body) << test->id;
    EXPECT_EQ(fault.answer->request_id, *test->headers.get("x-amzn-requestid")) << test->id;
  }
  EXPECT_EQ(count, 11u);
}

TEST(BedrockReadError, LooksIntoTheMessage) {
  EXPECT_EQ(read(400, "ValidationException", "Input is too long for requested model.").meaning,
            Meaning::kContextLength);
  EXPECT_EQ(read(400, "ValidationException", "Input is too long for requested model.").code, "context_length_exceeded");
  EXPECT_EQ(read(400, "ValidationException", "x exceeds the maximum number of input tokens").retry, Retry::kOther);
  EXPECT_EQ(
      read(400, "ValidationException",
           "The model returned the following errors: messages.1.content.0: Invalid `signature` in `thinking` block")
          .meaning,
      Meaning::kForeignState);
  EXPECT_EQ(read(400, "ValidationException", "The provided model identifier is invalid.").meaning, Meaning::kNotFound);
  EXPECT_EQ(read(429, "ThrottlingException", "Too many tokens per day, please wait").meaning, Meaning::kQuotaExhausted);
  EXPECT_EQ(read(429, "ThrottlingException", "Too many requests").meaning, Meaning::kRateLimit);
}

TEST(BedrockReadError, FindsTheTypeWhereverItIs) {
  EXPECT_EQ(
      read_error(400, {}, R"({"__type":"com.amazon.coral.service#ThrottlingException","Message":"m"})", kNow).code,
      "ThrottlingException");
  EXPECT_EQ(read_error(400, {{"x-amzn-errortype", "ns#ConflictException:http://x"}}, "{}", kNow).code,
            "ConflictException");
  const Fault fault = read_error(503, {{"retry-after", "3"}}, "<html>", kNow);
  EXPECT_EQ(fault.meaning, Meaning::kOverloaded);
  EXPECT_EQ(fault.retry_after, 3s);
  EXPECT_FALSE(fault.told.empty());
}

TEST(BedrockReadError, TellsOurOwnAccount) {
  for (std::string_view type : {"AccessDeniedException", "InvalidSignatureException", "UnrecognizedClientException"}) {
    const Fault fault = read(403, type, "no");
    EXPECT_EQ(fault.answer->concerns, ProviderAnswer::Concerns::kOurAccount);
    const ErrorAnswer answer = write_error(fault, 502);
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.headers.get("x-amzn-errortype"), "ServiceUnavailableException");
    EXPECT_EQ(answer.body, R"({"message":"The provider refused this gateway's own credentials (status 403)."})");
  }
  EXPECT_EQ(write_error(read(400, "ServiceQuotaExceededException", "no"), 502).body,
            R"({"message":"The account that this gateway has with the provider has no quota left."})");
}

Fault fault_of(FaultKind kind, std::string told, Meaning meaning = Meaning::kUnknown) {
  Fault fault;
  fault.kind = kind;
  fault.told = std::move(told);
  fault.meaning = meaning;
  return fault;
}

TEST(BedrockWriteError, NamesTheException) {
  const auto written = [](FaultKind kind, int status) {
    const ErrorAnswer answer = write_error(fault_of(kind, "It \"failed\"."), status);
    EXPECT_EQ(answer.body, R"({"message":"It \"failed\"."})");
    return std::to_string(answer.status) + " " + std::string(*answer.headers.get("x-amzn-errortype"));
  };
  EXPECT_EQ(written(FaultKind::kInvalidRequest, 400), "400 ValidationException");
  EXPECT_EQ(written(FaultKind::kTooLarge, 413), "413 ValidationException");
  EXPECT_EQ(written(FaultKind::kUnauthenticated, 401), "403 UnrecognizedClientException");
  EXPECT_EQ(written(FaultKind::kForbidden, 403), "403 AccessDeniedException");
  EXPECT_EQ(written(FaultKind::kNotFound, 404), "404 ResourceNotFoundException");
  EXPECT_EQ(written(FaultKind::kMethodNotAllowed, 405), "405 UnknownOperationException");
  EXPECT_EQ(written(FaultKind::kRateLimited, 429), "429 ThrottlingException");
  EXPECT_EQ(written(FaultKind::kOverloaded, 503), "503 ServiceUnavailableException");
  EXPECT_EQ(written(FaultKind::kProviderTimeout, 504), "408 ModelTimeoutException");
  EXPECT_EQ(written(FaultKind::kTruncated, 502), "500 InternalServerException");
  EXPECT_EQ(written(FaultKind::kProviderStatus, 529), "503 ServiceUnavailableException");
  EXPECT_EQ(written(FaultKind::kProviderStatus, 424), "424 ModelErrorException");
}

TEST(BedrockWriteErrorFrame, IsReadBackAsWhatItMeans) {
  json::Reader reader;
  const auto meaning = [&](const Fault& fault) {
    const std::string frame = write_error_frame(fault);
    http::EventStreamSplitter splitter(1 << 16);
    const auto frames = splitter.feed(frame);
    EXPECT_EQ(frames.size(), 1u);
    EXPECT_EQ(frames[0].text(":message-type"), "exception");
    const auto read = read_error_frame(frames[0], reader);
    EXPECT_EQ(read.error().told, fault.told);
    return read.error().meaning;
  };
  EXPECT_EQ(meaning(fault_of(FaultKind::kProviderError, "a", Meaning::kRateLimit)), Meaning::kRateLimit);
  EXPECT_EQ(meaning(fault_of(FaultKind::kProviderError, "b", Meaning::kOverloaded)), Meaning::kOverloaded);
  EXPECT_EQ(meaning(fault_of(FaultKind::kProviderError, "c", Meaning::kInvalidRequest)), Meaning::kInvalidRequest);
  EXPECT_EQ(meaning(fault_of(FaultKind::kTruncated, "d")), Meaning::kServerError);
  EXPECT_EQ(meaning(fault_of(FaultKind::kInternal, "e")), Meaning::kServerError);
  EXPECT_EQ(meaning(fault_of(FaultKind::kShuttingDown, "f")), Meaning::kOverloaded);
  EXPECT_EQ(meaning(fault_of(FaultKind::kRateLimited, "g")), Meaning::kRateLimit);
}

}  // namespace
}  // namespace sluice::dialect::bedrock::error_test
