#include "chat/estimate.h"

#include <gtest/gtest.h>

namespace sluice::chat {
namespace {

Learned learned(std::uint64_t shown, std::uint64_t counted = 0, const Usage& usage = {}) {
  Learned made;
  made.shown = shown;
  made.counted = counted;
  made.usage = usage;
  return made;
}

TEST(Estimate, IsNeverZeroWhereAnythingWasReadOrShown) {
  EXPECT_EQ(tokens_of(0), 0U);
  EXPECT_EQ(tokens_of(1), 1U);
  EXPECT_EQ(tokens_of(4), 1U);
  EXPECT_EQ(tokens_of(5), 2U);
  auto found = learned(1);
  estimate(found, 0);
  EXPECT_EQ(found.usage, (Usage{.source = UsageSource::kEstimated, .input = 1, .output = 1}));
}

TEST(Estimate, IsOfAllWhereTheProviderToldNothing) {
  auto found = learned(400);
  estimate(found, 1000);
  EXPECT_EQ(found.usage, (Usage{.source = UsageSource::kEstimated, .input = 1000, .output = 100}));
}

TEST(Estimate, LeavesAloneWhatTheProviderCounted) {
  const Usage told{.source = UsageSource::kProvider, .input = 7, .output = 3};
  auto found = learned(4000, 4000, told);
  EXPECT_TRUE(is_counted(found));
  estimate(found, 1000);
  EXPECT_EQ(found.usage, told);
}

TEST(Estimate, AddsToWhatTheProviderCountedWhatCameThen) {
  auto found = learned(440, 400, {.source = UsageSource::kProvider, .input = 7, .output = 50});
  estimate(found, 1000);
  EXPECT_EQ(found.usage, (Usage{.source = UsageSource::kEstimated, .input = 7, .output = 60}));
}

TEST(Estimate, RaisesWhatWasToldBeforeAnythingWasShown) {
  auto found = learned(400, 0, {.source = UsageSource::kProvider, .input = 7, .cache_read = 5, .output = 2});
  estimate(found, 1000);
  EXPECT_EQ(found.usage, (Usage{.source = UsageSource::kEstimated, .input = 7, .cache_read = 5, .output = 100}));
}

TEST(Estimate, NeverLowersWhatTheProviderTold) {
  auto found = learned(4, 0, {.source = UsageSource::kProvider, .input = 7, .output = 90});
  estimate(found, 1000);
  EXPECT_EQ(found.usage.output, 90U);
}

TEST(Estimate, TakesNothingButZerosForNoCount) {
  auto found = learned(400, 0, {.source = UsageSource::kProvider});
  EXPECT_FALSE(is_counted(found));
  estimate(found, 20);
  EXPECT_EQ(found.usage, (Usage{.source = UsageSource::kEstimated, .input = 20, .output = 100}));
}

TEST(Estimate, LeavesBilledUnitsAlone) {
  Usage told{.source = UsageSource::kProvider};
  told.billed_searches = 1;
  EXPECT_TRUE(is_counted(learned(0, 0, told)));
  told.billed_output = 3;
  EXPECT_TRUE(is_counted(learned(400, 0, told)));
}

}  // namespace
}  // namespace sluice::chat
