#include "dialect/raw_arguments.h"

#include <gtest/gtest.h>

namespace sluice::dialect::raw_arguments_test {
namespace {

TEST(RawArguments, AreAnObjectWithEveryWord) {
  EXPECT_EQ(raw_arguments(R"({"path": "/tm)"), R"({"_raw":"{\"path\": \"/tm"})");
  EXPECT_EQ(raw_arguments("[1]"), R"({"_raw":"[1]"})");
}

}  // namespace
}  // namespace sluice::dialect::raw_arguments_test
