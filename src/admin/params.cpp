#include "admin/params.h"

#include <fmt/format.h>

#include <algorithm>

#include "admin/ask.h"
#include "base/text.h"
#include "http/url.h"

namespace sluice::admin {

namespace {

using std::chrono::days;
using std::chrono::seconds;

constexpr std::int64_t kSecondUs = 1'000'000;

bool is_known(std::string_view name, std::span<const std::string_view> known) {
  return std::ranges::any_of(known, [&](std::string_view one) {
    return one.ends_with(':') ? name.starts_with(one) && name.size() > one.size() : name == one;
  });
}

Failure unknown(std::string_view name, std::span<const std::string_view> known) {
  const auto near = nearest(name, known);
  return invalid(name, fmt::format("There is no parameter '{}' here.{}", printable(name),
                                   near.empty() ? "" : fmt::format(" Did you mean '{}'?", near)));
}

// Takes exactly so many digits.
std::optional<int> digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  auto number = to_number<unsigned>(text.substr(0, count));
  if (!number || text.front() == '+' || text.front() == '-') return std::nullopt;
  text.remove_prefix(count);
  return static_cast<int>(*number);
}
bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::chrono::local_days> take_day(std::string_view& text) {
  auto year = digits(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  auto month = digits(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  auto day = digits(text, 2);
  if (!day || *year < 1970 || *year > 2200) return std::nullopt;  // clocks here count nanoseconds
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::local_days(date);
}

// Microseconds after midnight.
std::optional<std::int64_t> take_clock(std::string_view& text) {
  auto hours = digits(text, 2);
  if (!hours || *hours > 23 || !take(text, ':')) return std::nullopt;
  auto minutes = digits(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  std::int64_t us = (*hours * 3600LL + *minutes * 60LL) * kSecondUs;
  if (!take(text, ':')) return us;
  auto second = digits(text, 2);
  if (!second || *second > 59) return std::nullopt;
  us += *second * kSecondUs;
  if (!take(text, '.')) return us;
  bool any = false;
  for (std::int64_t part = kSecondUs / 10; !text.empty() && text[0] >= '0' && text[0] <= '9'; part /= 10) {
    us += (text[0] - '0') * part;  // what is below a microsecond is nothing
    text.remove_prefix(1);
    any = true;
  }
  return any ? std::optional(us) : std::nullopt;
}

// Nothing: it is none. Seconds east of UTC.
std::optional<std::int64_t> take_offset(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  const bool west = text.starts_with('-');
  if (!take(text, west ? '-' : '+')) return std::nullopt;
  auto hours = digits(text, 2);
  if (!hours || *hours > 23 || !take(text, ':')) return std::nullopt;
  auto minutes = digits(text, 2);
  if (!minutes || *minutes > 59 || !text.empty()) return std::nullopt;
  const auto offset = *hours * 3600LL + *minutes * 60LL;
  return west ? -offset : offset;
}

// "1790000000000000.req_…": where a page ended.
std::optional<store::PageQuery::Place> place_of(std::string_view cursor) {
  const auto point = cursor.find('.');
  if (point == std::string_view::npos || point + 1 == cursor.size()) return std::nullopt;
  auto time = to_number<std::int64_t>(cursor.substr(0, point));
  if (!time) return std::nullopt;
  return store::PageQuery::Place{*time, std::string(cursor.substr(point + 1))};
}

}  // namespace

std::int64_t time_at(std::chrono::local_days day, seconds after_midnight, const quota::Zone& zone) {
  const std::chrono::sys_seconds shown = std::chrono::sys_days(day.time_since_epoch()) + after_midnight;
  // The clocks' offset then is that of the day before or the day after.
  for (const auto offset : {zone.offset(shown - days(1)), zone.offset(shown + days(1))}) {
    if (zone.offset(shown - offset) == offset) return (shown - offset).time_since_epoch().count() * kSecondUs;
  }
  return (shown - zone.offset(shown - days(1))).time_since_epoch().count() * kSecondUs;
}

std::optional<std::int64_t> time_of(std::string_view text, const quota::Zone& zone) {
  auto day = take_day(text);
  if (!day) return std::nullopt;
  if (text.empty()) return std::chrono::sys_seconds(zone.begin(*day)).time_since_epoch().count() * kSecondUs;
  if (!take(text, 'T') && !take(text, 't') && !take(text, ' ')) return std::nullopt;
  auto clock = take_clock(text);
  if (!clock) return std::nullopt;
  const seconds whole(*clock / kSecondUs);
  const auto rest = *clock % kSecondUs;
  if (text.empty()) return time_at(*day, whole, zone) + rest;
  auto offset = take_offset(text);
  if (!offset) return std::nullopt;
  return (day->time_since_epoch().count() * 86'400LL + whole.count() - *offset) * kSecondUs + rest;
}

std::string timestamp(std::int64_t time_us, const quota::Zone& zone) {
  const std::chrono::sys_seconds at{std::chrono::floor<seconds>(std::chrono::microseconds(time_us))};
  const auto offset = zone.offset(at);
  const auto shown = at + offset;
  const auto day = std::chrono::floor<days>(shown);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(shown - day);
  auto text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}", int(date.year()), unsigned(date.month()),
                          unsigned(date.day()), clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                          (time_us % kSecondUs + kSecondUs) % kSecondUs / 1000);
  const auto minutes = offset.count() / 60;
  if (minutes == 0) return text + "Z";
  return text + fmt::format("{}{:02}:{:02}", minutes < 0 ? '-' : '+', std::abs(minutes) / 60, std::abs(minutes) % 60);
}

Result<Params> Params::read(std::string_view query, std::span<const std::string_view> known) {
  Params params;
  for (auto pair : split(query, '&')) {
    if (pair.empty()) continue;
    const auto equals = std::min(pair.find('='), pair.size());
    auto name = http::percent_decode(pair.substr(0, equals));
    auto value = http::percent_decode(pair.substr(std::min(equals + 1, pair.size())));
    if (!name || !value) return invalid("", "The request's query is not coded correctly.");
    if (!is_known(*name, known)) return unknown(*name, known);
    if (params.text(*name)) return invalid(*name, fmt::format("'{}' is given twice.", printable(*name)));
    params.pairs_.emplace_back(std::move(*name), std::move(*value));
  }
  return params;
}

std::optional<std::string_view> Params::text(std::string_view name) const {
  for (const auto& [known, value] : pairs_) {
    if (known == name) return value;
  }
  return std::nullopt;
}

Result<std::int64_t> Params::number(std::string_view name, std::int64_t otherwise, std::int64_t least,
                                    std::int64_t most) const {
  const auto given = text(name);
  if (!given) return otherwise;
  auto parsed = to_number<std::int64_t>(*given);
  if (!parsed || *parsed < least || *parsed > most)
    return invalid(name, fmt::format("'{}' must be a number from {} to {}.", name, least, most));
  return *parsed;
}

Result<std::string_view> Params::word(std::string_view name, std::span<const std::string_view> words) const {
  const auto given = text(name);
  if (!given) return words.front();
  if (auto found = std::ranges::find(words, *given); found != words.end()) return *found;
  return invalid(name, fmt::format("'{}' is one of {}.", name, fmt::join(words, ", ")));
}

Result<std::optional<std::int64_t>> Params::time(std::string_view name, const quota::Zone& zone) const {
  const auto given = text(name);
  if (!given) return std::nullopt;
  auto parsed = time_of(*given, zone);
  if (!parsed) {
    return invalid(
        name, fmt::format("'{}' is a day or a time such as 2026-11-29 or 2026-11-29T08:30:00Z, from 1970 on.", name));
  }
  return parsed;
}

Result<quota::Zone> Params::zone() const {
  const auto given = text("zone");
  if (!given) return quota::Zone();
  auto zone = quota::Zone::load(*given);
  if (!zone) {
    return invalid("zone",
                   fmt::format("There is no time zone '{}' on this system; a zone is named such as Europe/Berlin.",
                               printable(*given)));
  }
  return *zone;
}

Status Params::bound(store::PageQuery& query) const {
  auto zone = this->zone();
  if (!zone) return fail_from(zone);
  auto from = time("from", *zone);
  if (!from) return fail_from(from);
  auto to = time("to", *zone);
  if (!to) return fail_from(to);
  query.from_us = from->value_or(0);
  query.to_us = to->value_or(INT64_MAX);
  if (query.from_us >= query.to_us) return invalid(*from ? "from" : "to", "The time ends before it begins.");
  if (auto cursor = text("before")) {
    query.before = place_of(*cursor);
    if (!query.before) return invalid("before", "'before' is the 'next' of the page before, as it is there.");
  }
  return {};
}

std::vector<store::Filter> Params::filters() const {
  std::vector<store::Filter> filters;
  for (const auto& [name, value] : pairs_) {
    if (store::is_dimension(name)) filters.push_back({name, value});
  }
  return filters;
}

}  // namespace sluice::admin
