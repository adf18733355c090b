#include "provider/failure.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "checkout.h"

namespace sluice::provider::failure_test {
namespace {

Fault fault(FaultKind kind, std::string code = {}) {
  return Fault{.kind = kind, .retry = Retry::kSame, .code = std::move(code)};
}
Fault said(Meaning meaning, Retry retry, int status = 500) {
  auto answer = std::make_shared<ProviderAnswer>();
  answer->status = status;
  return Fault{.kind = FaultKind::kProviderStatus, .retry = retry, .meaning = meaning, .answer = std::move(answer)};
}

struct Case {
  const char* what;
  Fault fault;
  Failure failure;
  Remedy remedy;  // by default
};

class FailureTable : public ::testing::TestWithParam<Case> {};

TEST_P(FailureTable, ClassAndRemedy) {
  const auto& row = GetParam();
  EXPECT_EQ(name(classify(row.fault)), name(row.failure)) << row.what;
  EXPECT_EQ(name(FailurePolicy().remedy(row.fault)), name(row.remedy)) << row.what;
}

INSTANTIATE_TEST_SUITE_P(
    Failure, FailureTable,
    ::testing::Values(
        Case{"no connection", fault(FaultKind::kUnreachable), Failure::kUnreachable, Remedy::kElsewhere},
        Case{"slow to connect", fault(FaultKind::kProviderTimeout, "connect_timeout"), Failure::kConnectTimeout,
             Remedy::kElsewhere},
        Case{"lost", fault(FaultKind::kConnectionLost), Failure::kConnectionLost, Remedy::kElsewhere},
        Case{"silent", fault(FaultKind::kProviderTimeout, "first_byte_timeout"), Failure::kFirstByteTimeout,
             Remedy::kElsewhereOnly},
        Case{"stands still", fault(FaultKind::kProviderTimeout, "idle_timeout"), Failure::kIdleTimeout,
             Remedy::kElsewhereOnly},
        Case{"out of time", fault(FaultKind::kProviderTimeout, "total_timeout"), Failure::kRequest, Remedy::kGiveUp},
        Case{"credentials", fault(FaultKind::kUnreachable, "credentials_unavailable"), Failure::kAccount,
             Remedy::kElsewhereOnly},
        Case{"408", said(Meaning::kTimeout, Retry::kSame), Failure::kRequestTimeout, Remedy::kElsewhere},
        Case{"409 of Anthropic", said(Meaning::kUnknown, Retry::kSame, 409), Failure::kConflict, Remedy::kElsewhere},
        Case{"409", said(Meaning::kInvalidRequest, Retry::kSame, 409), Failure::kConflict, Remedy::kElsewhere},
        Case{"429", said(Meaning::kRateLimit, Retry::kSame), Failure::kRateLimit, Remedy::kElsewhere},
        Case{"529", said(Meaning::kOverloaded, Retry::kSame), Failure::kOverloaded, Remedy::kElsewhere},
        Case{"500", said(Meaning::kServerError, Retry::kSame), Failure::kServerError, Remedy::kElsewhere},
        Case{"500, do not retry", said(Meaning::kServerError, Retry::kOther), Failure::kServerError,
             Remedy::kElsewhereOnly},
        Case{"no money", said(Meaning::kBilling, Retry::kOther), Failure::kQuota, Remedy::kElsewhereOnly},
        Case{"no quota", said(Meaning::kQuotaExhausted, Retry::kOther), Failure::kQuota, Remedy::kElsewhereOnly},
        Case{"401", said(Meaning::kAuthentication, Retry::kOther), Failure::kAccount, Remedy::kElsewhereOnly},
        Case{"404", said(Meaning::kNotFound, Retry::kOther), Failure::kNotFound, Remedy::kElsewhereOnly},
        Case{"sealed elsewhere", said(Meaning::kForeignState, Retry::kSame), Failure::kForeignState,
             Remedy::kElsewhere},
        Case{"too long", said(Meaning::kContextLength, Retry::kOther), Failure::kContextWindow, Remedy::kElsewhereOnly},
        Case{"refused", said(Meaning::kContentPolicy, Retry::kNo), Failure::kContentPolicy, Remedy::kGiveUp},
        Case{"400", said(Meaning::kInvalidRequest, Retry::kNo, 400), Failure::kRequest, Remedy::kGiveUp},
        Case{"400, please retry", said(Meaning::kInvalidRequest, Retry::kSame, 400), Failure::kRequest,
             Remedy::kElsewhere},
        Case{"too large", said(Meaning::kRequestTooLarge, Retry::kNo, 413), Failure::kRequest, Remedy::kGiveUp},
        Case{"cut off", fault(FaultKind::kTruncated), Failure::kTruncated, Remedy::kElsewhere},
        Case{"unreadable", fault(FaultKind::kProviderProtocol), Failure::kMalformed, Remedy::kElsewhere},
        Case{"no room here", fault(FaultKind::kOverloaded), Failure::kNoRoom, Remedy::kElsewhereOnly},
        Case{"not to be said there", fault(FaultKind::kInvalidRequest, "unsupported_parameter"), Failure::kUnsupported,
             Remedy::kElsewhereOnly},
        Case{"wrong here", Fault{.kind = FaultKind::kInvalidRequest}, Failure::kRequest, Remedy::kGiveUp},
        Case{"the client left", Fault{.kind = FaultKind::kClientGone}, Failure::kRequest, Remedy::kGiveUp}));

TEST(FailurePolicy, WhatTheRouteSaysStands) {
  FailurePolicy policy;
  policy.set(Failure::kServerError, Remedy::kAgain);
  policy.set(Failure::kRateLimit, Remedy::kGiveUp);
  EXPECT_EQ(policy.remedy(said(Meaning::kServerError, Retry::kOther)), Remedy::kAgain);
  EXPECT_EQ(policy.remedy(said(Meaning::kRateLimit, Retry::kSame)), Remedy::kGiveUp);
}

TEST(FailurePolicy, TheGuideHasTheTable) {
  std::ifstream file(in_checkout("docs/guide/reliability.md"));
  const std::string page((std::istreambuf_iterator<char>(file)), {});
  for (const auto& facts : failures()) {
    auto row = page.find("| `" + std::string(facts.name) + "` | ");
    ASSERT_NE(row, std::string::npos) << facts.name;
    auto line = page.substr(row, page.find('\n', row) - row);
    EXPECT_TRUE(line.ends_with("| `" + std::string(name(facts.remedy)) + "` |")) << line;
  }
}

TEST(FailurePolicy, NamesAreFound) {
  for (const auto& facts : failures()) EXPECT_EQ(find_failure(facts.name), facts.failure);
  for (auto remedy : {Remedy::kElsewhere, Remedy::kAgain, Remedy::kElsewhereOnly, Remedy::kGiveUp}) {
    EXPECT_EQ(find_remedy(name(remedy)), remedy);
  }
  EXPECT_FALSE(find_failure("rate"));
  EXPECT_FALSE(find_remedy(""));
}

}  // namespace
}  // namespace sluice::provider::failure_test
