// What a provider says was used, out of a file of its own form.
//
//   openai     the answers of GET /v1/organization/usage/completions and /v1/organization/costs, and the CSV that the
//              dashboard exports with the same names. Source: developers.openai.com/api/docs/api-reference/usage
//   anthropic  the answers of GET /v1/organizations/usage_report/messages and /cost_report, and the console's CSV.
//              Source: platform.claude.com/docs/en/api/admin/cost_report and usage_report; the console's own header
//   aws        Cost and Usage Report as CSV, legacy and 2.0: the lines of Amazon Bedrock. Source:
//              docs.aws.amazon.com/bedrock/latest/userguide/cost-mgmt-understanding-cur-data.html
//   csv        any, with a header: docs/guide/reports.md
//
// Thread rule: pure. Faults are kInvalidConfig, told for the command line, with the line.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sluice::app {

// A line or result: of one request, or of all of a model in a time. What is not told is nothing.
struct UsageLine {
  std::size_t line = 0;  // of the file, from 1; of JSON the number of the result
  std::int64_t from_us = 0, to_us = 0;
  std::string model;
  std::string request_id;  // empty: of more than one
  // Tokens as chat/usage.h counts them: input has what was read from and written to caches in it.
  std::optional<std::int64_t> requests, input, cache_read, cache_write, output;
  std::optional<std::int64_t> cost_nanos;

  // Whether anything is told that can be compared: of one request that it was one is none.
  bool has_amount() const;
};

enum class UsageFormat : std::uint8_t { kOpenai, kAnthropic, kAws, kCsv };

// Whether its times are moments (seconds since 1970, "…T00:00:00Z"), or what some clock showed, which nobody names.
enum class UsageClock : std::uint8_t { kOfSomeZone, kAbsolute };

struct UsageFile {
  UsageFormat format = UsageFormat::kCsv;
  UsageClock clock = UsageClock::kOfSomeZone;
  std::vector<UsageLine> lines;
  std::vector<std::string> ignored;  // columns that nothing was read of
};

// Times are from here to there, in seconds since 1970: 2000 to 2200. Clocks here count nanoseconds.
inline constexpr std::int64_t kFirstSecond = 946'684'800, kLastSecond = 7'258'118'400;
// The most that a line may tell of one count.
inline constexpr std::int64_t kMostCount = 1'000'000'000'000'000;

// Lines that have something to compare, at least one of them. `format`: empty: by what the file looks like.
Result<UsageFile> read_usage(std::string_view text, std::string_view format);

// "project_id, user_id and 7 more", for messages.
std::string listed(std::span<const std::string> columns);

// A model's name as AWS's usage types and its ids have it alike: "claude sonnet 45" of "USE1-Claude4.5Sonnet-…" and of
// "us.anthropic.claude-sonnet-4-5-20250929-v1:0".
std::string bedrock_name(std::string_view name);

}  // namespace sluice::app
