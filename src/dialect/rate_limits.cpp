#include "dialect/rate_limits.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "base/text.h"
#include "dialect/waiting.h"

namespace sluice::dialect {

namespace {

constexpr std::string_view kOpenAiPrefix = "x-ratelimit-";
constexpr std::string_view kAnthropicPrefix = "anthropic-ratelimit-";
constexpr std::array<std::string_view, 3> kFacts{"limit", "remaining", "reset"};

struct Field {
  std::string_view fact;  // one of kFacts
  std::string of;         // "requests", "tokens", "input-tokens"
};

std::optional<Field> parse(std::string_view name) {
  const std::string key = lower(name);
  for (std::string_view fact : kFacts) {
    const std::string middle = std::string(fact) + "-";
    if (key.starts_with(kOpenAiPrefix) && key.substr(kOpenAiPrefix.size()).starts_with(middle) &&
        key.size() > kOpenAiPrefix.size() + middle.size())
      return Field{fact, key.substr(kOpenAiPrefix.size() + middle.size())};
    const std::string end = "-" + std::string(fact);
    if (key.starts_with(kAnthropicPrefix) && key.ends_with(end) && key.size() > kAnthropicPrefix.size() + end.size())
      return Field{fact, key.substr(kAnthropicPrefix.size(), key.size() - kAnthropicPrefix.size() - end.size())};
  }
  return std::nullopt;
}

std::string field_name(LimitSpelling spelling, const Field& field) {
  if (spelling == LimitSpelling::kAnthropic)
    return std::string(kAnthropicPrefix) + field.of + "-" + std::string(field.fact);
  return std::string(kOpenAiPrefix) + std::string(field.fact) + "-" + field.of;
}

std::string two(unsigned value) {
  return (value < 10 ? "0" : "") + std::to_string(value);
}

std::string rfc3339(WallTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(seconds - day);
  return std::to_string(static_cast<int>(date.year())) + "-" + two(static_cast<unsigned>(date.month())) + "-" +
         two(static_cast<unsigned>(date.day())) + "T" + two(static_cast<unsigned>(clock.hours().count())) + ":" +
         two(static_cast<unsigned>(clock.minutes().count())) + ":" +
         two(static_cast<unsigned>(clock.seconds().count())) + "Z";
}

// "2026-11-22T10:00:05Z"; a fraction of the second is passed over, another offset than Z is not known.
std::optional<WallTime> parse_rfc3339(std::string_view text) {
  if (text.size() < 20 || text.back() != 'Z' || text[4] != '-' || text[7] != '-' || text[10] != 'T')
    return std::nullopt;
  const auto year = to_number<int>(text.substr(0, 4));
  const auto month = to_number<unsigned>(text.substr(5, 2));
  const auto day = to_number<unsigned>(text.substr(8, 2));
  const auto hour = to_number<int>(text.substr(11, 2));
  const auto minute = to_number<int>(text.substr(14, 2));
  const auto second = to_number<int>(text.substr(17, 2));
  if (!year || !month || !day || !hour || !minute || !second || *year < 1970 || *year > 2200) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(*month), std::chrono::day(*day)};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second);
}

std::string reset_as(LimitSpelling spelling, std::string_view value, WallTime now) {
  if (spelling == LimitSpelling::kAnthropic) {
    const auto wait = parse_reset(value);
    return wait ? rfc3339(now + *wait) : std::string(value);
  }
  const auto time = parse_rfc3339(value);
  if (!time) return std::string(value);
  const auto ahead = std::chrono::ceil<std::chrono::seconds>(*time - now);
  return std::to_string(std::max<std::int64_t>(0, ahead.count())) + "s";
}

}  // namespace

bool is_rate_limit_field(std::string_view name) {
  return parse(name).has_value();
}

http::Headers rate_limits_as(LimitSpelling spelling, const http::Headers& theirs, WallTime now) {
  http::Headers ours;
  for (const auto& [name, value] : theirs) {
    const auto field = parse(name);
    if (!field) continue;
    const bool same = iequals(name, field_name(spelling, *field));
    const std::string text = same || field->fact != "reset" ? std::string(value) : reset_as(spelling, trim(value), now);
    if (!ours.has(field_name(spelling, *field))) ours.add(field_name(spelling, *field), text);
  }
  return ours;
}

}  // namespace sluice::dialect
