// What the recorded answers of tests/fixtures tell, streamed and whole. Thread rule: one thread.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "chat/usage.h"
#include "dialect/openai/fixture_test.h"

namespace sluice::dialect::openai::testing {

// The fixtures' word for the provider's finish reasons.
inline std::string canonical(std::string_view reason) {
  if (reason == "model_length") return "length";
  if (reason == "function_call") return "tool_calls";
  return std::string(reason);
}

inline void expect_usage(const Case& test, const chat::Usage& usage) {
  if (!test.number("/usage/input")) {
    EXPECT_EQ(usage, chat::Usage{}) << test.id;
    return;
  }
  EXPECT_EQ(usage.source, chat::UsageSource::kProvider) << test.id;
  EXPECT_EQ(usage.input, test.number("/usage/input")) << test.id;
  EXPECT_EQ(usage.output, test.number("/usage/output")) << test.id;
  EXPECT_EQ(usage.cache_read, test.number("/usage/cache_read").value_or(0)) << test.id;
  EXPECT_EQ(usage.cache_write, test.number("/usage/cache_write").value_or(0)) << test.id;
  EXPECT_EQ(usage.reasoning, test.number("/usage/reasoning").value_or(0)) << test.id;
  EXPECT_EQ(usage.audio_input, test.number("/usage/audio_in").value_or(0)) << test.id;
  EXPECT_EQ(usage.audio_output, test.number("/usage/audio_out").value_or(0)) << test.id;
}

inline void expect_finish(const Case& test, std::string_view reason) {
  // Two traps of the dialect: a refusal and a call that was forced by name both end with "stop". The stream of two
  // choices ends with the second one's reason.
  const std::string expected = test.id == "openai-chat/refusal_stream" || test.id == "openai-chat/tool_choice_forced"
                                   ? "stop"
                               : test.id == "openai-chat/n2_stream" ? "length"
                                                                    : test.text("/finish").value_or("");
  EXPECT_EQ(canonical(reason), expected) << test.id;
}

}  // namespace sluice::dialect::openai::testing
