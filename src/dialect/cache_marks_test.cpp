#include "dialect/cache_marks.h"

#include <gtest/gtest.h>

namespace sluice::dialect::cache_marks_test {
namespace {

using chat::CacheMark;
using enum chat::CacheMark;
using Names = std::vector<std::string>;

// What becomes of marks, and what was lost.
std::pair<std::vector<CacheMark>, Names> fitted(std::vector<CacheMark> marks) {
  std::vector<CacheMark*> places;
  places.reserve(marks.size());
  for (CacheMark& mark : marks) places.push_back(&mark);
  Names lost = fit_marks(places);
  return {marks, lost};
}

TEST(CacheMarks, LongerOnesStandFirst) {
  using Marks = std::vector<CacheMark>;
  EXPECT_EQ(fitted({kLong, kNone, kShort}), std::pair(Marks({kLong, kNone, kShort}), Names()));
  EXPECT_EQ(fitted({kLong, kShort, kLong, kLong}),
            std::pair(Marks({kLong, kShort, kShort, kShort}), Names{"cache_control.ttl"}));
}

TEST(CacheMarks, TheLastFourStay) {
  using Marks = std::vector<CacheMark>;
  EXPECT_EQ(fitted({kShort, kNone, kLong, kLong, kLong, kShort}),
            std::pair(Marks({kNone, kNone, kLong, kLong, kLong, kShort}), Names{"cache_control"}));
}

TEST(CacheMarks, WhatIsInsideAResultHoldsForIt) {
  chat::Part result{.kind = chat::PartKind::kResult, .content = {{.cache = kShort}, {.cache = kLong}, {}}};
  lift_marks(result);
  EXPECT_EQ(result.cache, kLong);
  EXPECT_EQ(result.content[1].cache, kNone);
}

}  // namespace
}  // namespace sluice::dialect::cache_marks_test
