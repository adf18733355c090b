#include "stage/attempt/deadline.h"

#include <gtest/gtest.h>

namespace sluice::stage::deadline_test {
namespace {

struct Case {
  const char* header;
  const char* value;
  Answer answer;
  Ms expected;  // of a route with a minute
};

class DeadlineTable : public ::testing::TestWithParam<Case> {};

TEST_P(DeadlineTable, TheSoonerCounts) {
  const auto& row = GetParam();
  auto deadline = deadline_of(http::Headers{{row.header, row.value}}, Ms(60'000), row.answer);
  ASSERT_TRUE(deadline);
  EXPECT_EQ(deadline->limit, row.expected) << row.header << ": " << row.value;
}

INSTANTIATE_TEST_SUITE_P(Deadline, DeadlineTable,
                         ::testing::Values(Case{"x-sluice-timeout", "20s", Answer::kWhole, Ms(20'000)},
                                           Case{"x-sluice-timeout", "500ms", Answer::kStreamed, Ms(500)},
                                           Case{"x-sluice-timeout", "2m", Answer::kWhole, Ms(60'000)},
                                           Case{"x-litellm-timeout", "7", Answer::kWhole, Ms(7'000)},
                                           Case{"x-stainless-timeout", "600", Answer::kWhole, Ms(60'000)},
                                           Case{"x-stainless-timeout", "5.0", Answer::kWhole, Ms(5'000)},
                                           Case{"x-stainless-timeout", "5", Answer::kStreamed, Ms(60'000)},
                                           Case{"x-server-timeout", "9", Answer::kWhole, Ms(9'000)},
                                           Case{"x-stainless-timeout", "soon", Answer::kWhole, Ms(60'000)},
                                           Case{"x-stainless-timeout", "1.5", Answer::kWhole, Ms(1'500)},
                                           Case{"x-litellm-timeout", "0.25", Answer::kWhole, Ms(250)},
                                           Case{"x-server-timeout", ".5", Answer::kWhole, Ms(500)},
                                           Case{"x-server-timeout", "2.", Answer::kWhole, Ms(2'000)},
                                           Case{"x-litellm-timeout", "0.0001", Answer::kWhole, Ms(1)},
                                           Case{"x-litellm-timeout", "99999999999999999999", Answer::kWhole,
                                                Ms(60'000)},
                                           Case{"x-litellm-timeout", "1.5", Answer::kStreamed, Ms(60'000)},
                                           Case{"x-litellm-timeout", "1.5s", Answer::kWhole, Ms(60'000)},
                                           Case{"x-litellm-timeout", "1.2.3", Answer::kWhole, Ms(60'000)},
                                           Case{"x-litellm-timeout", "-1", Answer::kWhole, Ms(60'000)},
                                           Case{"x-litellm-timeout", "nan", Answer::kWhole, Ms(60'000)},
                                           Case{"x-litellm-timeout", ".", Answer::kWhole, Ms(60'000)},
                                           Case{"x-litellm-timeout", "0.0", Answer::kWhole, Ms(60'000)},
                                           Case{"x-stainless-timeout", "0", Answer::kWhole, Ms(60'000)}));

TEST(Deadline, OurOwnHeaderIsChecked) {
  for (const char* value : {"soon", "", "0s", "-1s", "20"}) {
    auto deadline = deadline_of(http::Headers{{"x-sluice-timeout", value}}, Ms(60'000), Answer::kWhole);
    ASSERT_FALSE(deadline) << value;
    EXPECT_EQ(deadline.error().kind, FaultKind::kInvalidRequest);
    EXPECT_EQ(deadline.error().param, "x-sluice-timeout");
  }
}

}  // namespace
}  // namespace sluice::stage::deadline_test
