#include "dialect/rate_limits.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
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
  std::string_view of;    // "requests", "tokens", "input-tokens", as written
};

bool begins_with(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && iequals(text.substr(0, prefix.size()), prefix);
}

// All answers of a provider are looked at: nothing is allocated.
std::optional<Field> parse(std::string_view name) {
  if (begins_with(name, kOpenAiPrefix)) {
    name.remove_prefix(kOpenAiPrefix.size());
    for (std::string_view fact : kFacts) {
      if (name.size() > fact.size() + 1 && name[fact.size()] == '-' && begins_with(name, fact))
        return Field{fact, name.substr(fact.size() + 1)};
    }
  } else if (begins_with(name, kAnthropicPrefix)) {
    name.remove_prefix(kAnthropicPrefix.size());
    for (std::string_view fact : kFacts) {
      if (name.size() <= fact.size() + 1) continue;
      const auto end = name.size() - fact.size();
      if (name[end - 1] == '-' && iequals(name.substr(end), fact)) return Field{fact, name.substr(0, end - 1)};
    }
  }
  return std::nullopt;
}

std::string field_name(LimitSpelling spelling, const Field& field) {
  if (spelling == LimitSpelling::kAnthropic)
    return std::string(kAnthropicPrefix) + lower(field.of) + "-" + std::string(field.fact);
  return std::string(kOpenAiPrefix) + std::string(field.fact) + "-" + lower(field.of);
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

// What is said of one limit; the texts as they came, empty: nothing.
struct Limit {
  std::string_view of;
  std::string_view limit;
  std::string_view remaining;
  std::string_view reset;
};

void note(Limit& limit, std::string_view fact, std::string_view value) {
  if (fact == "limit") limit.limit = value;
  if (fact == "remaining") limit.remaining = value;
  if (fact == "reset") limit.reset = value;
}

std::optional<LimitNews> news_of(const Limit& said, WallTime now) {
  const auto remaining = to_number<double>(said.remaining);
  const auto limit = to_number<double>(said.limit);
  if (!remaining || !(*remaining <= 0 || (limit && *limit > 0))) return std::nullopt;
  LimitNews news{.left = *remaining <= 0 ? 0 : std::min(*remaining / *limit, 1.0), .reset = parse_reset(said.reset)};
  if (const auto time = news.reset ? std::nullopt : parse_rfc3339(said.reset))
    news.reset = std::clamp(std::chrono::ceil<Ms>(*time - now), Ms(0), kLongestWait);
  return news;
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

std::optional<LimitNews> tightest_limit(const http::Headers& theirs, WallTime now) {
  std::array<Limit, 8> limits;  // Anthropic has four of them, others two to four
  std::size_t known = 0;
  for (const auto& [name, value] : theirs) {
    const auto field = parse(name);
    if (!field) continue;
    auto* const end = limits.data() + known;
    auto* limit = std::find_if(limits.data(), end, [&](const Limit& one) { return iequals(one.of, field->of); });
    if (limit == limits.data() + limits.size()) continue;
    if (limit == end) ++known;
    limit->of = field->of;
    note(*limit, field->fact, trim(value));
  }
  std::optional<LimitNews> tightest;
  for (const auto& limit : std::span(limits).first(known)) {
    const auto news = news_of(limit, now);
    if (news && (!tightest || news->left < tightest->left)) tightest = news;
  }
  return tightest;
}

}  // namespace sluice::dialect
