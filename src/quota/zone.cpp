#include "quota/zone.h"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace sluice::quota {

namespace {

using std::chrono::days;
using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr std::string_view kFolder = "/usr/share/zoneinfo/";
constexpr std::size_t kHeader = 44;
constexpr std::size_t kLargest = 1 << 20;
constexpr std::uint32_t kMostEntries = 20'000;

template <class Int>
Int big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(Int); ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return static_cast<Int>(value);
}

// isutcnt, isstdcnt, leapcnt, timecnt, typecnt, charcnt
enum Count : std::uint8_t { kUt, kStd, kLeap, kTime, kType, kChar };

std::optional<std::array<std::uint32_t, 6>> read_header(std::string_view bytes) {
  if (bytes.size() < kHeader || !bytes.starts_with("TZif")) return std::nullopt;
  std::array<std::uint32_t, 6> counts{};
  for (std::size_t i = 0; i < 6; ++i) {
    counts[i] = big_endian<std::uint32_t>(bytes.substr(20 + 4 * i));
    if (counts[i] > kMostEntries) return std::nullopt;
  }
  return counts;
}

std::size_t block_size(const std::array<std::uint32_t, 6>& counts, std::size_t time_size) {
  return counts[kTime] * (time_size + 1) + counts[kType] * 6 + counts[kChar] + counts[kLeap] * (time_size + 4) +
         counts[kStd] + counts[kUt];
}

bool is_name(std::string_view name) {
  constexpr std::size_t kLongest = 64;
  const bool plain = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '+' || c == '/';
  });
  return plain && !name.empty() && name.size() <= kLongest && name.front() != '/';
}

}  // namespace

// "CET-1CEST,M3.5.0,M10.5.0/3": names are passed over.
class RuleReader {
 public:
  explicit RuleReader(std::string_view text) : text_(text) {}

  std::optional<Zone::Rule> read() {
    Zone::Rule rule;
    if (!name() || !time(rule.standard)) return std::nullopt;
    rule.standard = -rule.standard;  // POSIX counts westwards
    if (text_.empty()) return rule;
    rule.changes = true;
    rule.summer = rule.standard + 3600;
    if (!name()) return std::nullopt;
    if (!text_.empty() && text_.front() != ',') {
      if (!time(rule.summer)) return std::nullopt;
      rule.summer = -rule.summer;
    }
    if (!change(rule.to_summer) || !change(rule.to_standard) || !text_.empty()) return std::nullopt;
    return rule;
  }

 private:
  bool take(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool name() {
    const bool quoted = take('<');
    std::size_t length = 0;
    auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    while (length < text_.size() && (quoted ? text_[length] != '>' : is_letter(text_[length]))) ++length;
    text_.remove_prefix(length);
    return length >= 3 && (!quoted || take('>'));
  }
  bool number(int& value) {
    std::size_t length = 0;
    value = 0;
    while (length < text_.size() && length < 4 && text_[length] >= '0' && text_[length] <= '9')
      value = value * 10 + (text_[length++] - '0');
    text_.remove_prefix(length);
    return length > 0;
  }
  // [+-]hh[:mm[:ss]]
  bool time(std::int32_t& value) {
    const int sign = take('-') ? -1 : 1;
    if (sign == 1) take('+');
    int part = 0;
    if (!number(part) || part > 167) return false;
    value = part * 3600;
    for (const int unit : {60, 1}) {
      if (!take(':')) break;
      if (!number(part) || part > 59) return false;
      value += part * unit;
    }
    value *= sign;
    return true;
  }
  bool change(Zone::YearlyChange& change) {
    using Kind = Zone::YearlyChange::Kind;
    if (!take(',')) return false;
    bool fine = false;
    if (take('M')) {
      change.kind = Kind::kWeekday;
      fine = number(change.month) && take('.') && number(change.week) && take('.') && number(change.day) &&
             change.month >= 1 && change.month <= 12 && change.week >= 1 && change.week <= 5 && change.day <= 6;
    } else {
      change.kind = take('J') ? Kind::kJulian : Kind::kDayOfYear;
      fine = number(change.day) && change.day <= 365;
    }
    return fine && (!take('/') || time(change.time));
  }

  std::string_view text_;
};

std::optional<Zone> Zone::load(std::string_view name) {
  if (name == "UTC") return Zone();
  if (!is_name(name)) return std::nullopt;
  std::ifstream file(std::string(kFolder) + std::string(name), std::ios::binary);
  std::string bytes(kLargest, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return parse(bytes);
}

std::optional<Zone> Zone::parse(std::string_view tzif) {
  auto counts = read_header(tzif);
  if (!counts) return std::nullopt;
  Zone zone;
  tzif.remove_prefix(kHeader);
  const auto first_size = block_size(*counts, 4);
  const char version = *(tzif.data() - kHeader + 4);
  if (tzif.size() < first_size) return std::nullopt;
  if (version == '\0') return zone.read_block<std::int32_t>(tzif, *counts) ? std::optional(zone) : std::nullopt;
  tzif.remove_prefix(first_size);  // the same in 32 bits, for old readers
  counts = read_header(tzif);
  if (!counts) return std::nullopt;
  tzif.remove_prefix(kHeader);
  const auto size = block_size(*counts, 8);
  if (tzif.size() < size || !zone.read_block<std::int64_t>(tzif, *counts)) return std::nullopt;
  tzif.remove_prefix(size);
  if (tzif.size() < 2 || tzif.front() != '\n' || tzif.back() != '\n') return std::nullopt;
  auto rule = tzif.substr(1, tzif.size() - 2);
  if (rule.empty()) return zone;  // none is known for the future
  zone.rule_ = RuleReader(rule).read();
  return zone.rule_ ? std::optional(zone) : std::nullopt;
}

std::optional<Zone> Zone::parse_rule(std::string_view rule) {
  Zone zone;
  zone.rule_ = RuleReader(rule).read();
  return zone.rule_ ? std::optional(zone) : std::nullopt;
}

template <class Int>
bool Zone::read_block(std::string_view block, std::array<std::uint32_t, 6> counts) {
  const auto times = block;
  const auto indices = block.substr(counts[kTime] * sizeof(Int));
  const auto types = indices.substr(counts[kTime]);
  if (counts[kType] == 0) return false;
  auto offset_of = [&](std::size_t type) { return big_endian<std::int32_t>(types.substr(type * 6)); };
  first_ = offset_of(0);
  changes_.reserve(counts[kTime]);
  for (std::size_t i = 0; i < counts[kTime]; ++i) {
    const auto type = static_cast<unsigned char>(indices[i]);
    if (type >= counts[kType]) return false;
    changes_.push_back({static_cast<std::int64_t>(big_endian<Int>(times.substr(i * sizeof(Int)))), offset_of(type)});
  }
  return std::ranges::is_sorted(changes_, {}, &Change::at);
}

// Seconds from 1970 as the clocks there show it before the change.
std::int64_t Zone::local_second(const YearlyChange& change, std::chrono::year year) {
  using namespace std::chrono;
  sys_days day;
  if (change.kind == YearlyChange::Kind::kWeekday) {
    const auto month = year / change.month;
    const weekday wanted(static_cast<unsigned>(change.day));
    day = change.week == 5 ? sys_days(month / wanted[last])
                           : sys_days(month / wanted[static_cast<unsigned>(change.week)]);
  } else {
    const bool passes_leap_day =
        change.kind == YearlyChange::Kind::kJulian && year.is_leap() && change.day >= 60;  // February 29 has no number
    const int days_in =
        change.kind == YearlyChange::Kind::kJulian ? change.day - 1 + (passes_leap_day ? 1 : 0) : change.day;
    day = sys_days(year / 1 / 1) + days(days_in);
  }
  return day.time_since_epoch().count() * 86'400LL + change.time;
}

std::int32_t Zone::offset_by(const Rule& rule, std::int64_t at) {
  if (!rule.changes) return rule.standard;
  const auto date = std::chrono::year_month_day(std::chrono::floor<days>(sys_seconds(seconds(at + rule.standard))));
  const auto summer = local_second(rule.to_summer, date.year()) - rule.standard;
  const auto standard = local_second(rule.to_standard, date.year()) - rule.summer;
  const bool is_summer = summer < standard ? at >= summer && at < standard : at >= summer || at < standard;
  return is_summer ? rule.summer : rule.standard;
}

seconds Zone::offset(sys_seconds at) const {
  const auto second = at.time_since_epoch().count();
  const auto after = std::ranges::upper_bound(changes_, second, {}, &Change::at);
  if (after == changes_.end() && rule_) return seconds(offset_by(*rule_, second));
  return seconds(after == changes_.begin() ? first_ : std::prev(after)->offset);
}

std::chrono::local_days Zone::day(WallTime at) const {
  const auto second = std::chrono::floor<seconds>(at);
  const auto shown = std::chrono::floor<days>(second + offset(second));
  return std::chrono::local_days(shown.time_since_epoch());
}

// No clock is more than 26 hours from UTC: the first second that is in the day, or behind it, is between these.
sys_seconds Zone::begin(std::chrono::local_days day) const {
  const sys_seconds midnight(day.time_since_epoch());
  auto low = midnight - std::chrono::hours(27);
  auto high = midnight + std::chrono::hours(27);
  while (high - low > seconds(1)) {
    const auto middle = low + (high - low) / 2;
    (this->day(middle) >= day ? high : low) = middle;
  }
  return high;
}

}  // namespace sluice::quota
