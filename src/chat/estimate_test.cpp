#include "chat/estimate.h"

#include <gtest/gtest.h>

namespace sluice::chat::estimate_test {
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
  estimate(found, 0, Reads::kAnything);
  EXPECT_EQ(found.usage, (Usage{.source = UsageSource::kEstimated, .input = 1, .output = 1}));
}

TEST(Estimate, IsOfAllWhereTheProviderToldNothing) {
  auto found = learned(400);
  estimate(found, 1000, Reads::kAnything);
  EXPECT_EQ(found.usage, (Usage{.source = UsageSource::kEstimated, .input = 1000, .output = 100}));
}

TEST(Estimate, LeavesAloneWhatTheProviderCounted) {
  const Usage told{.source = UsageSource::kProvider, .input = 7, .output = 3};
  auto found = learned(4000, 4000, told);
  EXPECT_TRUE(is_counted(found, Reads::kAnything));
  estimate(found, 1000, Reads::kAnything);
  EXPECT_EQ(found.usage, told);
}

TEST(Estimate, AddsToWhatTheProviderCountedWhatCameThen) {
  auto found = learned(440, 400, {.source = UsageSource::kProvider, .input = 7, .output = 50});
  estimate(found, 1000, Reads::kAnything);
  EXPECT_EQ(found.usage, (Usage{.source = UsageSource::kEstimated, .input = 7, .output = 60}));
}

TEST(Estimate, RaisesWhatWasToldBeforeAnythingWasShown) {
  auto found = learned(400, 0, {.source = UsageSource::kProvider, .input = 7, .cache_read = 5, .output = 2});
  estimate(found, 1000, Reads::kAnything);
  EXPECT_EQ(found.usage, (Usage{.source = UsageSource::kEstimated, .input = 7, .cache_read = 5, .output = 100}));
}

TEST(Estimate, NeverLowersWhatTheProviderTold) {
  auto found = learned(4, 0, {.source = UsageSource::kProvider, .input = 7, .output = 90});
  estimate(found, 1000, Reads::kAnything);
  EXPECT_EQ(found.usage.output, 90U);
}

TEST(Estimate, TakesNothingButZerosForNoCount) {
  auto found = learned(400, 0, {.source = UsageSource::kProvider});
  EXPECT_FALSE(is_counted(found, Reads::kAnything));
  estimate(found, 20, Reads::kAnything);
  EXPECT_EQ(found.usage, (Usage{.source = UsageSource::kEstimated, .input = 20, .output = 100}));
}

TEST(Estimate, LeavesBilledUnitsAlone) {
  Usage told{.source = UsageSource::kProvider};
  told.billed_searches = 1;
  EXPECT_TRUE(is_counted(learned(0, 0, told), Reads::kText));
  told.billed_output = 3;
  EXPECT_TRUE(is_counted(learned(400, 0, told), Reads::kText));
}

TEST(Estimate, TakesNoInputOfATextForNoCount) {
  const Usage told{.source = UsageSource::kProvider, .output = 90};
  auto found = learned(400, 400, told);
  EXPECT_FALSE(is_counted(found, Reads::kText));
  estimate(found, 5000, Reads::kText);
  EXPECT_EQ(found.usage, (Usage{.source = UsageSource::kEstimated, .input = 5000, .output = 90}));
  found = learned(400, 400, told);
  EXPECT_TRUE(is_counted(found, Reads::kAnything)) << "images, sounds: nothing of text may have been sent";
  estimate(found, 5000, Reads::kAnything);
  EXPECT_EQ(found.usage, told);
}

TEST(Estimate, TakesInputThatWasAllCachedForACount) {
  EXPECT_TRUE(is_counted(learned(4, 4, {.source = UsageSource::kProvider, .input = 7, .cache_read = 7, .output = 1}),
                         Reads::kText));
}

TEST(Estimate, TakesNoBilledInputOfATextForNoCount) {
  Usage told{.source = UsageSource::kProvider, .output = 9, .billed_input = 0, .billed_output = 9};
  auto found = learned(40, 40, told);
  estimate(found, 100, Reads::kText);
  told.source = UsageSource::kEstimated;
  told.input = 100;
  told.billed_input.reset();
  EXPECT_EQ(found.usage, told);
  found = learned(40, 40, {.source = UsageSource::kProvider, .input = 8, .output = 9, .billed_input = 0});
  EXPECT_TRUE(is_counted(found, Reads::kText)) << "it was read, and is not paid for";
}

TEST(Usage, WhatWasToldIsNotTakenBackByAZero) {
  const Usage first{.source = UsageSource::kProvider, .input = 100, .cache_read = 60, .output = 2, .reasoning = 2};
  EXPECT_EQ(joined({}, first), first);
  EXPECT_EQ(joined(first, {.source = UsageSource::kProvider}), first);
  auto grown = first;
  grown.output = 20;
  EXPECT_EQ(joined(first, {.source = UsageSource::kProvider, .output = 20}), grown);
}

TEST(Usage, WhatIsToldAnewTakesThePlaceOfWhatWas) {
  const Usage first{.source = UsageSource::kProvider, .input = 100, .cache_read = 60, .output = 20, .reasoning = 9};
  const auto joint = joined(first, {.source = UsageSource::kProvider, .input = 50, .output = 7});
  EXPECT_EQ(joint,
            (Usage{.source = UsageSource::kProvider, .input = 50, .cache_read = 50, .output = 7, .reasoning = 7}))
      << "parts stay within their totals";
}

}  // namespace
}  // namespace sluice::chat::estimate_test
