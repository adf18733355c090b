#include "app/reconcile/usage_file.h"

#include <gtest/gtest.h>

#include "app/text_file.h"
#include "checkout.h"

namespace sluice::app::usage_file_test {
namespace {

constexpr std::int64_t kDay = 1'790'035'200'000'000;  // 2026-09-22, UTC
constexpr std::int64_t kDayUs = 86'400'000'000;

UsageFile file_of(const std::string& name, std::string_view format = "") {
  auto text = read_text_file(in_checkout("tests/fixtures/usage/") + name);
  EXPECT_TRUE(text) << name;
  auto file = read_usage(text.value_or(""), format);
  EXPECT_TRUE(file) << name << ": " << file.error().told;
  return file.value_or(UsageFile());
}

TEST(UsageFile, OpenAiTellsUsageByModelAndDayOnSeveralPages) {
  const auto file = file_of("openai-usage.json");
  EXPECT_EQ(file.format, UsageFormat::kOpenai);
  ASSERT_EQ(file.lines.size(), 3U);
  const auto& first = file.lines[0];
  EXPECT_EQ(first.from_us, kDay);
  EXPECT_EQ(first.to_us, kDay + kDayUs);
  EXPECT_EQ(first.model, "gpt-4o-2024-08-06");
  EXPECT_EQ(first.requests, 5);
  EXPECT_EQ(first.input, 1000);
  EXPECT_EQ(first.cache_read, 800);
  EXPECT_EQ(first.output, 500);
  EXPECT_FALSE(first.cost_nanos);
  EXPECT_EQ(file.lines[1].input, 100);  // audio is counted apart there, and is input here
  EXPECT_EQ(file.lines[1].output, 10);
  EXPECT_EQ(file.lines[2].from_us, kDay + 2 * kDayUs);
}

TEST(UsageFile, OpenAiTellsCostsByItem) {
  const auto file = file_of("openai-costs.json");
  ASSERT_EQ(file.lines.size(), 2U);
  EXPECT_EQ(file.lines[0].model, "gpt-4o-2024-08-06");
  EXPECT_EQ(file.lines[0].cost_nanos, 60'000'000);
  EXPECT_EQ(file.lines[1].cost_nanos, 7'500'000);
  EXPECT_FALSE(file.lines[0].input);
}

TEST(UsageFile, OpenAisDashboardHasTheSameAsCsv) {
  const auto file = file_of("openai-usage.csv");
  EXPECT_EQ(file.format, UsageFormat::kOpenai);
  ASSERT_EQ(file.lines.size(), 1U);
  EXPECT_EQ(file.lines[0].line, 2U);
  EXPECT_EQ(file.lines[0].from_us, kDay);
  EXPECT_EQ(file.lines[0].requests, 5);
  EXPECT_EQ(file.lines[0].input, 1000);
  EXPECT_EQ(file.lines[0].cache_read, 800);
}

TEST(UsageFile, AnthropicCountsInputBesideItsCaches) {
  for (const char* name : {"anthropic-usage.json", "anthropic.csv"}) {
    const auto file = file_of(name);
    EXPECT_EQ(file.format, UsageFormat::kAnthropic) << name;
    ASSERT_EQ(file.lines.size(), 1U);
    const auto& line = file.lines[0];
    EXPECT_EQ(line.from_us, kDay);
    EXPECT_EQ(line.to_us, kDay + kDayUs);
    EXPECT_EQ(line.model, "claude-sonnet-4-5-20250929");
    EXPECT_EQ(line.input, 1500 + 1000 + 500 + 200);
    EXPECT_EQ(line.cache_read, 200);
    EXPECT_EQ(line.cache_write, 1500);
    EXPECT_EQ(line.output, 500);
  }
}

TEST(UsageFile, AnthropicsAmountsAreCents) {
  const auto file = file_of("anthropic-cost.json");
  ASSERT_EQ(file.lines.size(), 1U);
  EXPECT_EQ(file.lines[0].cost_nanos, 1'237'891'200);
}

TEST(UsageFile, AwsCountsThousandsOfTokensByUsageType) {
  const auto file = file_of("aws-cur.csv");
  EXPECT_EQ(file.format, UsageFormat::kAws);
  ASSERT_EQ(file.lines.size(), 3U);  // of Bedrock
  EXPECT_EQ(file.lines[0].input, 29'481);
  EXPECT_EQ(file.lines[0].cost_nanos, 88'443'000);
  EXPECT_EQ(file.lines[1].output, 31'102);
  EXPECT_EQ(file.lines[2].cache_read, 519);
  EXPECT_EQ(file.lines[2].input, 519);
  for (const auto& line : file.lines)
    EXPECT_EQ(line.model, bedrock_name("us.anthropic.claude-sonnet-4-5-20250929-v1:0")) << line.model;
}

TEST(UsageFile, BedrockNamesAreAlikeInUsageTypesAndIds) {
  EXPECT_EQ(bedrock_name("Claude4.5Sonnet"), "claude sonnet 45");
  EXPECT_EQ(bedrock_name("anthropic.claude-sonnet-4-5-20250929-v1:0"), "claude sonnet 45");
  EXPECT_EQ(bedrock_name("Nova2.0Lite"), bedrock_name("amazon.nova-2-lite-v1:0"));
  EXPECT_NE(bedrock_name("Claude3Sonnet"), bedrock_name("anthropic.claude-sonnet-4-5-20250929-v1:0"));
}

TEST(UsageFile, AnyCsvWithAHeaderWillDo) {
  const auto file = file_of("generic.csv");
  EXPECT_EQ(file.format, UsageFormat::kCsv);
  ASSERT_EQ(file.lines.size(), 2U);
  EXPECT_EQ(file.lines[0].request_id, "req-1");
  EXPECT_EQ(file.lines[0].input, 100);
  EXPECT_EQ(file.lines[0].cache_read, 20);
  EXPECT_EQ(file.lines[0].cost_nanos, 325'000);
  EXPECT_EQ(file.lines[1].request_id, "req \"2\"");
  EXPECT_EQ(file.lines[1].from_us, file.lines[0].from_us);  // 12:00 in another zone
  EXPECT_FALSE(file.lines[1].cost_nanos);
  EXPECT_FALSE(file.lines[1].cache_read);
}

std::string told(std::string_view text, std::string_view format = "") {
  auto file = read_usage(text, format);
  return file ? "" : file.error().told;
}

TEST(UsageFile, WhatCannotBeReadIsToldWithItsLine) {
  EXPECT_EQ(told("time,input_tokens\n2026-09-22,1\n2026-09-22,one\n"), "line 3: 'one' is no number.");
  EXPECT_EQ(told("time,input_tokens\nyesterday,1\n"), "line 2: 'yesterday' is no time.");
  EXPECT_EQ(told("time,input_tokens\n,1\n"), "line 2: its time is not told, or is none.");
  EXPECT_EQ(told("time,model\n2026-09-22,\"a"), "line 2: a quote does not end as it should.");
  EXPECT_EQ(told("time\n2026-09-22,1\n"), "line 2: it has more fields than the header.");
  EXPECT_TRUE(told("name,amount\na,1\n").starts_with("Its header names no time"));
  EXPECT_FALSE(told("").empty());
  EXPECT_FALSE(told("{\"data\": [").empty());
  EXPECT_FALSE(told("{\"data\": [{\"id\": 1}]}").empty());
  EXPECT_FALSE(told("{\"data\": []}").empty());
  EXPECT_FALSE(told(R"({"data": [{"start_time": 1, "end_time": 2, "results": []}]})", "anthropic").empty());
}

TEST(UsageFile, WhatCannotBeComparedIsRefused) {
  EXPECT_EQ(
      told("time,foo\n2026-09-22,1\n"),
      "It has no amount that can be compared (input_tokens, output_tokens, cost_usd …). Columns that are not read: "
      "foo; docs/guide/reports.md tells what is read.");
  EXPECT_FALSE(told("time,request_id,requests\n2026-09-22,a,1\n").empty());
  EXPECT_EQ(told("time,requests\n2026-09-22,-1\n"), "line 2: -1 is no count.");
  EXPECT_FALSE(told("time,output_tokens\n2026-09-22,-5\n").empty());
  EXPECT_EQ(told("date,cost,currency\n2026-09-22,1,usd\n2026-09-22,1,EUR\n"),
            "line 3: its amount is in 'EUR'; the ledger has US dollars.");
  EXPECT_EQ(told(R"({"data": [{"start_time": 1790035200, "end_time": 1790121600, "results": [)"
                 R"({"object": "organization.costs.result", "amount": {"value": 1, "currency": "eur"}}]}]})"),
            "result 1: its amount is in 'eur'; the ledger has US dollars.");
}

TEST(UsageFile, WellKnownNamesOfColumnsAreRead) {
  auto file = read_usage(
      "date,model_name,prompt_tokens,completion_tokens,total_cost,Note,total_tokens\n"
      "2026-09-22,gpt-4o,7,8,1.5,x,15\n",
      "");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->lines[0].model, "gpt-4o");
  EXPECT_EQ(file->lines[0].input, 7);
  EXPECT_EQ(file->lines[0].output, 8);
  EXPECT_EQ(file->lines[0].cost_nanos, 1'500'000'000);
  EXPECT_EQ(file->ignored, (std::vector<std::string>{"Note", "total_tokens"}));
  EXPECT_EQ(listed(file->ignored), "Note, total_tokens");
}

TEST(UsageFile, TimesMayBeInMillisecondsAndHaveParts) {
  auto file = read_usage("time,cost\n1790035200,1\n1790035200000,1\n1790035200.125,1\n", "");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->clock, UsageClock::kAbsolute);
  EXPECT_EQ(file->lines[0].from_us, kDay);
  EXPECT_EQ(file->lines[1].from_us, kDay);
  EXPECT_EQ(file->lines[2].from_us, kDay + 125'000);
  EXPECT_EQ(told("time,cost\n20260922,1\n"), "line 2: '20260922' is no time.");
  EXPECT_FALSE(told("time,cost\n1790035200000000,1\n").empty());
  EXPECT_FALSE(told(R"({"data": [{"start_time": 1790035200000, "end_time": 1790121600000, "results": [)"
                    R"({"input_tokens": 1}]}]})")
                   .empty());
}

TEST(UsageFile, JsonMayHaveAByteOrderMark) {
  EXPECT_EQ(told("\xef\xbb\xbf"
                 R"({"data": [{"start_time": 1790035200, "end_time": 1790121600, "results": [{"input_tokens": 1}]}]})"),
            "");
}

TEST(UsageFile, AmountsOfACsvMayHaveExponents) {
  auto cost = [](std::string_view text) {
    const auto file = read_usage("time,cost_usd\n2026-09-22," + std::string(text) + "\n", "");
    return file ? file->lines.front().cost_nanos.value_or(-1) : -2;
  };
  EXPECT_EQ(cost("4.2e-02"), 42'000'000);
  EXPECT_EQ(cost("4.2E+1"), 42'000'000'000);
  EXPECT_EQ(cost("123456789.123456789e0"), 123'456'789'123'456'789);
  EXPECT_EQ(cost("15e-10"), 2);
  EXPECT_EQ(cost("4e-10"), 0);
  EXPECT_EQ(cost("0e99"), 0);
  EXPECT_EQ(cost("1e-300"), 0);
  EXPECT_EQ(cost("1e300"), -2);
  for (std::string_view bad : {"e5", "1e", "1e+-2", "1e2.5", "1e999999999999", "0x1p3", "."})
    EXPECT_EQ(cost(bad), -2) << bad;
}

TEST(UsageFile, AmountsAreExact) {
  auto file = read_usage("date,cost_usd\n2026-09-22,0.1000000005\n2026-09-22,-3.25\n2026-09-22,12\n", "");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->lines[0].cost_nanos, 100'000'001);
  EXPECT_EQ(file->lines[1].cost_nanos, -3'250'000'000);
  EXPECT_EQ(file->lines[2].cost_nanos, 12'000'000'000);
  EXPECT_FALSE(told("date,cost_usd\n2026-09-22,99999999999999\n").empty());
}

}  // namespace
}  // namespace sluice::app::usage_file_test
