#include "dialect/waiting.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "base/text.h"

namespace sluice::dialect {

namespace {

constexpr double kMostMs = static_cast<double>(kLongestWait.count());

// Rounded up: waiting a moment too short costs another refusal.
std::optional<Ms> wait_of(double milliseconds) {
  if (!(milliseconds >= 0)) return std::nullopt;
  return Ms(static_cast<std::int64_t>(std::ceil(std::min(milliseconds, kMostMs))));
}

struct Unit {
  std::string_view suffix;
  double ms;
};
// Longer suffixes first: "ms" is not minutes.
constexpr std::array<Unit, 7> kUnits{
    {{"ms", 1}, {"us", 1e-3}, {"µs", 1e-3}, {"ns", 1e-6}, {"s", 1e3}, {"m", 60e3}, {"h", 3600e3}}};

// Takes digits with an optional fraction off the text.
std::optional<double> take_decimal(std::string_view& text) {
  const auto end = std::min(text.find_first_not_of("0123456789."), text.size());
  auto value = to_number<double>(text.substr(0, end));
  text.remove_prefix(end);
  return value;
}

std::optional<Ms> exhausted_wait(const http::Headers& headers) {
  constexpr std::string_view kRemaining = "x-ratelimit-remaining-";
  std::optional<Ms> longest;
  for (const auto& [name, value] : headers) {
    const std::string key = lower(name);
    if (!key.starts_with(kRemaining) || to_number<std::int64_t>(trim(value)) != 0) continue;
    const auto reset = headers.get("x-ratelimit-reset-" + key.substr(kRemaining.size()));
    if (reset) longest = std::max(longest, parse_reset(trim(*reset)));  // nothing is the smallest
  }
  return longest;
}

}  // namespace

std::optional<Ms> parse_reset(std::string_view text) {
  double total = 0;
  bool any = false;
  while (!text.empty()) {
    auto number = take_decimal(text);
    if (!number) return std::nullopt;
    if (text.empty() && !any) return wait_of(*number * 1000);
    auto unit = std::ranges::find_if(kUnits, [&](const Unit& candidate) { return text.starts_with(candidate.suffix); });
    if (unit == kUnits.end()) return std::nullopt;
    text.remove_prefix(unit->suffix.size());
    total += *number * unit->ms;
    any = true;
  }
  return any ? wait_of(total) : std::nullopt;
}

std::optional<WallTime> parse_http_date(std::string_view text) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (text.size() != 29 || text[3] != ',' || !text.ends_with(" GMT")) return std::nullopt;
  const auto day = to_number<unsigned>(text.substr(5, 2));
  const auto month = kMonths.find(text.substr(8, 3));
  const auto year = to_number<int>(text.substr(12, 4));
  const auto hour = to_number<unsigned>(text.substr(17, 2));
  const auto minute = to_number<unsigned>(text.substr(20, 2));
  const auto second = to_number<unsigned>(text.substr(23, 2));
  if (!day || month == std::string_view::npos || month % 3 != 0 || !year || !hour || !minute || !second)
    return std::nullopt;
  const std::chrono::year_month_day date{
      std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(month / 3 + 1)), std::chrono::day(*day)};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60 || *year < 1970) return std::nullopt;
  // At most year 9999, which the clock's nanoseconds cannot hold.
  if (*year > 2200) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second);
}

std::optional<Ms> requested_wait(const http::Headers& headers, WallTime now) {
  if (auto field = headers.get("retry-after-ms")) {
    auto value = to_number<double>(trim(*field));
    if (auto wait = value ? wait_of(*value) : std::nullopt) return wait;
  }
  if (auto field = headers.get("retry-after")) {
    const auto text = trim(*field);
    if (auto seconds = to_number<double>(text)) {
      if (auto wait = wait_of(*seconds * 1000)) return wait;
    } else if (auto date = parse_http_date(text)) {
      const std::chrono::duration<double, std::milli> ahead = *date - now;
      return wait_of(std::max(ahead.count(), 0.0));
    }
  }
  return exhausted_wait(headers);
}

}  // namespace sluice::dialect
