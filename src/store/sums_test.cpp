#include "store/sums.h"

#include <gtest/gtest.h>

#include <map>

#include "store/rows_test.h"

namespace sluice::store::sums_test {
namespace {

std::map<std::string, std::map<std::string, Sum>> by_dimension(const ExchangeRow& row) {
  std::map<std::string, std::map<std::string, Sum>> shares;
  for (const auto& share : shares_of(row)) {
    EXPECT_TRUE(is_dimension(share.dimension)) << share.dimension;
    EXPECT_TRUE(shares[share.dimension].emplace(share.value, share.sum).second) << "twice: " << share.value;
  }
  return shares;
}

TEST(LedgerSums, AnExchangeThatFellBackIsChargedToEachDeploymentItTried) {
  auto row = small_row(1, 0);
  row.tags = {{"feature", "search"}};
  AttemptRow failed;
  failed.deployment = "azure/gpt";
  failed.provider = "azure";
  failed.model_routed = "gpt";
  failed.status = 200;
  failed.fault = "truncated";
  failed.usage.output = 3;
  row.attempts.insert(row.attempts.begin(), failed);
  auto shares = by_dimension(row);
  const auto& all = shares["all"][""];
  EXPECT_EQ(all.exchanges, 1);
  EXPECT_EQ(all.attempts, 2);
  EXPECT_EQ(all.failed_attempts, 1);
  EXPECT_EQ(all.failed, 0);
  EXPECT_EQ(all.output, 13);
  EXPECT_EQ(all.cost_nanos, 1000);
  EXPECT_EQ(all.cost_unknown, 1);
  EXPECT_EQ(shares["key"]["web"], all);
  EXPECT_EQ(shares["tag:feature"]["search"], all);
  EXPECT_EQ(shares["deployment"]["azure/gpt"].cost_unknown, 1);
  EXPECT_EQ(shares["deployment"]["openai/gpt"].cost_nanos, 1000);
  EXPECT_EQ(shares["model"].size(), 1U);
  EXPECT_EQ(shares["model"]["gpt"].exchanges, 1);
  EXPECT_EQ(shares["model"]["gpt"].attempts, 2);
}

TEST(LedgerSums, WhatBudgetsHaveCountedForAnUnknownCostIsHeldUntilTheCostIsKnown) {
  auto row = small_row(1, 0);
  row.attempts[0].cost_nanos.reset();
  row.attempts[0].held_nanos = 700;
  EXPECT_EQ(by_dimension(row)["key"]["web"].held_nanos, 700);
  EXPECT_EQ(by_dimension(row)["key"]["web"].cost_nanos, 0);
  row.attempts[0].cost_nanos = 300;
  EXPECT_EQ(by_dimension(row)["key"]["web"].held_nanos, 0);
}

TEST(LedgerSums, WhatNoProviderAnsweredCostsNothingThatIsUnknown) {
  auto row = small_row(1, 0);
  row.fault = "unreachable";
  row.attempts[0] = {.status = 0, .fault = "unreachable"};
  EXPECT_EQ(by_dimension(row)["all"][""].cost_unknown, 0);
  row.attempts[0] = {.status = 429, .fault = "provider_status"};
  EXPECT_EQ(by_dimension(row)["all"][""].cost_unknown, 0);
  EXPECT_EQ(by_dimension(row)["all"][""].failed, 1);
}

TEST(LedgerSums, WhatWasNotWaitedForIsUnknownWhereItsCostIs) {
  auto row = small_row(1, 0);
  row.attempts[0] = {.status = 0, .fault = "client_gone"};
  EXPECT_EQ(by_dimension(row)["all"][""].cost_unknown, 1);
  row.attempts[0].cost_nanos = 7;
  EXPECT_EQ(by_dimension(row)["all"][""].cost_unknown, 0);
  EXPECT_EQ(by_dimension(row)["all"][""].cost_nanos, 7);
}

TEST(LedgerSums, WhatWasRefusedHereIsNoAttemptAtAProvider) {
  auto row = small_row(1, 0);
  AttemptRow refused;
  refused.deployment = "azure/gpt";
  refused.provider = "azure";
  refused.fault = "overloaded";
  refused.why = "first";
  refused.failure = "spend_cap";
  row.attempts.insert(row.attempts.begin(), refused);
  auto shares = by_dimension(row);
  EXPECT_EQ(shares["all"][""].attempts, 1);
  EXPECT_EQ(shares["all"][""].failed_attempts, 0);
  EXPECT_FALSE(shares["deployment"].contains("azure/gpt"));
  EXPECT_FALSE(shares["provider"].contains("azure"));
  row.attempts[0].status = 503;  // the provider has a word for it too
  EXPECT_EQ(by_dimension(row)["deployment"]["azure/gpt"].failed_attempts, 1);
}

TEST(LedgerSums, WasteIsWhatWasPaidAndNotUsed) {
  auto row = small_row(1, 0);
  auto with = [&](std::string_view why, std::string_view fault, std::int64_t cost) {
    auto attempt = row.attempts[0];
    attempt.why = why;
    attempt.fault = fault;
    attempt.cost_nanos = cost;
    return attempt;
  };
  row.attempts = {with("first", "truncated", 1),
                  with("retry", "provider_status", 2),
                  with("fallback", "superseded", 4),
                  with("hedge", "client_gone", 8),
                  with("hedge", "", 16),
                  with("continued", "", 32)};
  row.client_left = true;
  row.fault = "client_gone";
  const auto sum = by_dimension(row)["all"][""];
  EXPECT_EQ(sum.cost_nanos, 63);
  EXPECT_EQ(sum.failed_attempts, 2);
  EXPECT_EQ(sum.failed_nanos, 3);
  EXPECT_EQ(sum.hedges_lost, 1);
  EXPECT_EQ(sum.hedges_lost_nanos, 4);
  EXPECT_EQ(sum.aborted, 1);
  EXPECT_EQ(sum.aborted_nanos, 8);
  EXPECT_EQ(sum.wasted_nanos(), 15);
  EXPECT_EQ(sum.retries, 3);
  EXPECT_EQ(sum.retries_nanos, 2 + 4 + 32);
  EXPECT_EQ(sum.client_left, 1);
  EXPECT_EQ(sum.failed, 0);  // nobody was there to be failed
  auto shares = by_dimension(row);
  EXPECT_EQ(shares["fault"]["client_gone"], sum);
  EXPECT_EQ(shares["status"]["200"], sum);
}

TEST(LedgerSums, EstimatedCostIsToldApart) {
  auto row = small_row(1, 0);
  EXPECT_EQ(by_dimension(row)["all"][""].estimated_nanos, 0);
  row.attempts[0].usage.source = "estimated";
  EXPECT_EQ(by_dimension(row)["all"][""].estimated_nanos, 1000);
}

TEST(LedgerSums, ATimeIsFewRunsOfWideSpans) {
  EXPECT_TRUE(runs_of(5, 5).empty());
  EXPECT_EQ(runs_of(3, 5), (std::vector<store::Run>{{0, 3, 5}}));
  EXPECT_EQ(runs_of(0, 96), (std::vector<store::Run>{{3, 0, 1}}));
  EXPECT_EQ(runs_of(-8, 88),
            (std::vector<store::Run>{{1, -2, 0}, {2, 0, 3}, {1, 18, 22}}));  // a day two hours from UTC
  // Where the longer ones have no sums yet.
  EXPECT_EQ(runs_of(0, 96, {INT64_MAX, 20, 2, 0, 0}), (std::vector<store::Run>{{2, 0, 2}, {1, 12, 20}, {0, 80, 96}}));
  for (std::int64_t first : {-5, 0, 7, 95, 767}) {
    for (std::int64_t end : {1, 8, 96, 500, 769, 9000}) {
      std::int64_t at = first;
      for (const auto& run : runs_of(first, end)) {
        EXPECT_EQ(run.first * kWidths[run.level], at);
        at = run.end * kWidths[run.level];
      }
      EXPECT_EQ(at, std::max(first, end));
    }
  }
  EXPECT_LE(runs_of(1, 90 * 96 + 1).size(), 9U);
  // However far the end is behind all that has sums.
  constexpr std::int64_t kFar = INT64_MAX / 8;
  EXPECT_EQ(runs_of(0, kFar, {INT64_MAX, 24, 4, 1, 0}), (std::vector<store::Run>{{3, 0, 1}, {0, 96, kFar}}));
  EXPECT_EQ(runs_of(7, kFar, {INT64_MAX, 0, 0, 0, 0}), (std::vector<store::Run>{{0, 7, kFar}}));
}

TEST(LedgerSums, SpansAreQuartersOfAnHour) {
  EXPECT_EQ(span_of(0), 0);
  EXPECT_EQ(span_of(kSpanUs - 1), 0);
  EXPECT_EQ(span_of(kSpanUs), 1);
  EXPECT_EQ(span_of(-1), -1);
  EXPECT_EQ(span_of(-kSpanUs), -1);
  EXPECT_EQ(wider(-5, 4), -2);
  EXPECT_EQ(wider(-4, 4), -1);
  EXPECT_EQ(wider(7, 4), 1);
}

TEST(LedgerSums, DimensionsHaveNames) {
  EXPECT_TRUE(is_dimension("tag:x"));
  EXPECT_FALSE(is_dimension("tag:"));
  EXPECT_FALSE(is_dimension(""));
  EXPECT_FALSE(is_dimension("user; DROP TABLE exchange"));
}

}  // namespace
}  // namespace sluice::store::sums_test
