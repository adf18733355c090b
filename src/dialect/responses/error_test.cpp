#include <gtest/gtest.h>

#include "dialect/responses/fixture_test.h"
#include "dialect/responses/responses.h"

namespace sluice::dialect::responses::error_test {
namespace {

using namespace testing;

TEST(ResponsesErrors, CasesAreUnderstood) {
  for (const auto& test : cases()) {
    if (test->status == 200) continue;
    SCOPED_TRACE(test->id);
    const Fault fault = client().read_error(test->status, test->headers, test->body, WallTime());
    EXPECT_EQ("\"" + std::string(name(fault.meaning)) + "\"", at(test->expect, "/error/kind"));
    const std::string code = at(test->expect, "/error/code");
    EXPECT_EQ(fault.code.empty() ? "null" : "\"" + fault.code + "\"", code);
    EXPECT_EQ(fault.retry == Retry::kSame, at(test->expect, "/error/retryable") == "true");
    const ErrorAnswer answer = server().write_error(fault, test->status);
    EXPECT_EQ(answer.status, test->status);
    EXPECT_NE(at(answer.body, "/error/message"), "");
  }
}

}  // namespace
}  // namespace sluice::dialect::responses::error_test
