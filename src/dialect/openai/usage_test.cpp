#include "dialect/openai/usage.h"

#include <gtest/gtest.h>

#include "json/reader.h"

namespace sluice::dialect::openai::usage_test {
namespace {

chat::Usage usage_of(std::string_view usage) {
  json::Reader reader;
  auto cursor = reader.scan_copy(usage);
  EXPECT_TRUE(cursor) << usage;
  return cursor ? read_usage(*cursor).value_or(chat::Usage{}) : chat::Usage{};
}

TEST(OpenAiUsage, ReadsTheDialectsOfOtherServers) {
  EXPECT_EQ(usage_of(R"({"prompt_tokens":9,"completion_tokens":1,"prompt_cache_hit_tokens":7})").cache_read, 7u);
  EXPECT_EQ(usage_of(R"({"prompt_tokens":9,"completion_tokens":1,"num_cached_tokens":6})").cache_read, 6u);
  EXPECT_EQ(usage_of(R"({"prompt_tokens":9,"completion_tokens":1,"cached_tokens":5})").cache_read, 5u);
  EXPECT_EQ(usage_of(R"({"total_tokens":5})").input, 5u);
  EXPECT_EQ(usage_of(R"({"completion_tokens":5,"total_tokens":25})").input, 20u);
  EXPECT_EQ(usage_of(R"({"prompt_tokens":0,"completion_tokens":5,"total_tokens":5})").input, 0u);
  const auto xai = usage_of(
      R"({"prompt_tokens":10,"completion_tokens":5,"total_tokens":35,"completion_tokens_details":{"reasoning_tokens":20}})");
  EXPECT_EQ(xai.output, 25u);
  EXPECT_EQ(xai.reasoning, 20u);
}

TEST(OpenAiUsage, SurvivesWhatIsNoCount) {
  EXPECT_EQ(usage_of("null"), chat::Usage{});
  EXPECT_EQ(usage_of("{}"), chat::Usage{});
  EXPECT_EQ(usage_of("[]"), chat::Usage{});
  EXPECT_EQ(usage_of("\"many\""), chat::Usage{});
  EXPECT_EQ(usage_of(R"({"prompt_tokens":"12","completion_tokens":null,"total_tokens":-1})"), chat::Usage{});
  EXPECT_EQ(usage_of(R"({"prompt_tokens":99999999999999999999999999,"completion_tokens":1e400})"), chat::Usage{});
  EXPECT_EQ(usage_of(R"({"prompt_tokens":12.0,"completion_tokens":1e2})").output, 100u);
  const auto lying = usage_of(
      R"({"prompt_tokens":5,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":9,"cache_write_tokens":9,"audio_tokens":9},"completion_tokens_details":{"reasoning_tokens":9,"audio_tokens":-9}})");
  EXPECT_EQ(lying.cache_read, 5u);
  EXPECT_EQ(lying.cache_write, 0u);
  EXPECT_EQ(lying.audio_input, 5u);
  EXPECT_EQ(lying.reasoning, 3u);
}

}  // namespace
}  // namespace sluice::dialect::openai::usage_test
