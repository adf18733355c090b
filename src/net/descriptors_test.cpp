#include "net/descriptors.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace sluice::net::descriptors_test {
namespace {

TEST(Descriptors, TheLimitIsRaisedAsFarAsItMayBe) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit low{200, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_EQ(raise_descriptor_limit(150), 200u);  // never lowered
  EXPECT_EQ(raise_descriptor_limit(300), 300u);
  EXPECT_EQ(raise_descriptor_limit(before.rlim_max + 1), before.rlim_max);
  EXPECT_TRUE(why_no_descriptor().contains(std::to_string(before.rlim_max)));
  ::setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace
}  // namespace sluice::net::descriptors_test
