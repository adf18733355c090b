#include "sim/vouch.h"

#include <gtest/gtest.h>

namespace sluice::sim::vouch_test {
namespace {

TEST(Vouch, MarksDifferByWhatIsSaidAndWhatItIs) {
  EXPECT_EQ(vouch("a", "x"), vouch("a", "x"));
  EXPECT_NE(vouch("a", "x"), vouch("a", "y"));
  EXPECT_NE(vouch("a", "x"), vouch("b", "x"));
  EXPECT_EQ(vouch("a", "x").size(), 44U);
}

TEST(Vouch, KnowsACallWhoseArgumentsWereChanged) {
  auto id = call_id("call_", "sim-1 0", "add", R"({"a":1,"b":[2]})");
  EXPECT_EQ(id.size(), 5U + 24U);
  EXPECT_NE(id, call_id("call_", "sim-1 1", "add", R"({"a":1,"b":[2]})"));
  EXPECT_FALSE(is_altered("call_", id, "add", R"({"a":1,"b":[2]})"));
  EXPECT_FALSE(is_altered("call_", id, "add", R"({ "a": 1, "b": [2] })"));
  EXPECT_TRUE(is_altered("call_", id, "add", R"({"a":1,"b":[3]})"));
  EXPECT_TRUE(is_altered("call_", id, "sub", R"({"a":1,"b":[2]})"));
  EXPECT_FALSE(is_altered("call_", "call_another", "sub", "{}"));
}

}  // namespace
}  // namespace sluice::sim::vouch_test
