#include "store/sums.h"

#include <gtest/gtest.h>

#include <map>

#include "store/rows_test.h"

namespace sluice::store {
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

TEST(LedgerSums, WhatNoProviderAnsweredCostsNothingThatIsUnknown) {
  auto row = small_row(1, 0);
  row.fault = "unreachable";
  row.attempts[0] = {.status = 0, .fault = "unreachable"};
  EXPECT_EQ(by_dimension(row)["all"][""].cost_unknown, 0);
  row.attempts[0] = {.status = 429, .fault = "provider_status"};
  EXPECT_EQ(by_dimension(row)["all"][""].cost_unknown, 0);
  EXPECT_EQ(by_dimension(row)["all"][""].failed, 1);
}

TEST(LedgerSums, SpansAreQuartersOfAnHour) {
  EXPECT_EQ(span_of(0), 0);
  EXPECT_EQ(span_of(kSpanUs - 1), 0);
  EXPECT_EQ(span_of(kSpanUs), 1);
  EXPECT_EQ(span_of(-1), -1);
  EXPECT_EQ(span_of(-kSpanUs), -1);
}

TEST(LedgerSums, DimensionsHaveNames) {
  EXPECT_TRUE(is_dimension("tag:x"));
  EXPECT_FALSE(is_dimension("tag:"));
  EXPECT_FALSE(is_dimension(""));
  EXPECT_FALSE(is_dimension("user; DROP TABLE exchange"));
}

}  // namespace
}  // namespace sluice::store
