#include "base/ids.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <unordered_set>

#include "base/time_text.h"

namespace sluice::ids_test {
namespace {

TEST(IdMaker, WritesAPrefixAnd32HexDigits) {
  IdMaker maker;
  for (int i = 0; i < 100; ++i) {
    auto id = maker.next();
    ASSERT_EQ(id.size(), 36u);
    EXPECT_TRUE(id.starts_with("req_"));
    EXPECT_EQ(id.find_first_not_of("0123456789abcdef", 4), std::string::npos);
  }
}

TEST(IdMaker, ALaterOneIsGreater) {
  IdMaker first, second;
  const WallTime at = wall_now();
  for (int i = 0; i < 100; ++i) EXPECT_LT(first.next(at), second.next(at + std::chrono::microseconds(1)));
}

TEST(IdMaker, AnIdTellsWhenItWasMade) {
  IdMaker maker;
  const WallTime at = wall_now();
  EXPECT_EQ(time_in_id(maker.next(at)), to_us(at));
  EXPECT_EQ(time_in_id(maker.next(WallTime())), 0);
  for (const char* other : {"", "req_", "req_0123456789abc", "req_0123456789abcx00", "req_-123456789abcd00", "web-1"})
    EXPECT_EQ(time_in_id(other), std::nullopt) << other;
}

TEST(IdMaker, NeverRepeats) {
  IdMaker maker;
  std::unordered_set<std::string> ids;
  for (int i = 0; i < 200'000; ++i) ids.insert(maker.next());
  EXPECT_EQ(ids.size(), 200'000u);
}

TEST(IdMaker, MakersDiffer) {
  std::unordered_set<std::string> ids;
  for (int m = 0; m < 500; ++m) {
    IdMaker maker;
    for (int i = 0; i < 20; ++i) ids.insert(maker.next());
  }
  EXPECT_EQ(ids.size(), 10'000u);
}

}  // namespace
}  // namespace sluice::ids_test
