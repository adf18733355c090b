#include "exchange/fault_status.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "dialect/faults.h"

namespace sluice::fault_status_test {
namespace {

Fault provider_said(int status, ProviderAnswer::Concerns concerns = ProviderAnswer::Concerns::kRequest) {
  auto answer = std::make_shared<ProviderAnswer>();
  answer->status = status;
  answer->concerns = concerns;
  Fault fault{.kind = FaultKind::kProviderStatus};
  fault.answer = std::move(answer);
  return fault;
}

TEST(FaultStatus, EachKindHasOne) {
  for (int kind = 0; kind <= static_cast<int>(FaultKind::kInternal); ++kind) {
    Fault fault{.kind = static_cast<FaultKind>(kind)};
    int status = http_status(fault);
    EXPECT_GE(status, 400);
    EXPECT_LT(status, 600);
    switch (blame(fault.kind)) {
      case Blame::kClient:
        EXPECT_LT(status, 500) << name(fault.kind);
        break;
      case Blame::kProvider:
        EXPECT_TRUE(status == 502 || status == 504) << name(fault.kind);
        break;
      case Blame::kGateway:
        EXPECT_TRUE(status == 500 || status == 503) << name(fault.kind);
        break;
    }
  }
}

TEST(FaultStatus, KindsHaveDifferentNames) {
  std::vector<std::string_view> names;
  for (int kind = 0; kind <= static_cast<int>(FaultKind::kInternal); ++kind)
    names.push_back(name(static_cast<FaultKind>(kind)));
  std::ranges::sort(names);
  EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
}

TEST(FaultStatus, AProvidersErrorStatusIsKept) {
  for (int status : {400, 404, 409, 422, 429, 500, 503, 529}) EXPECT_EQ(http_status(provider_said(status)), status);
}

TEST(FaultStatus, OurAccountAndRedirectsAreABadGateway) {
  for (int status : {401, 402, 403, 429}) {
    auto fault = provider_said(status, ProviderAnswer::Concerns::kOurAccount);
    EXPECT_TRUE(dialect::concerns_our_account(fault));
    EXPECT_EQ(http_status(fault), 502);
  }
  EXPECT_EQ(http_status(provider_said(302)), 502);
  EXPECT_EQ(http_status(provider_said(200)), 502);
}

TEST(FaultStatus, AnErrorInsideOfASuccessIsWhatItsStatusWouldBe) {
  const auto status = [](Meaning meaning) {
    return http_status({.kind = FaultKind::kProviderError, .meaning = meaning});
  };
  EXPECT_EQ(status(Meaning::kRateLimit), 429);
  EXPECT_EQ(status(Meaning::kOverloaded), 503);
  EXPECT_EQ(status(Meaning::kTimeout), 504);
  EXPECT_EQ(status(Meaning::kContextLength), 400);
  EXPECT_EQ(status(Meaning::kContentPolicy), 400);
  for (auto meaning : {Meaning::kUnknown, Meaning::kServerError, Meaning::kModelError, Meaning::kCancelled,
                       Meaning::kAuthentication, Meaning::kBilling, Meaning::kQuotaExhausted}) {
    EXPECT_EQ(status(meaning), 502) << name(meaning);
  }
  EXPECT_TRUE(dialect::concerns_our_account({.kind = FaultKind::kProviderError, .meaning = Meaning::kQuotaExhausted}));
}

}  // namespace
}  // namespace sluice::fault_status_test
