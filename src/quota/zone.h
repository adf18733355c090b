// A time zone: how far its clocks are from UTC at any moment, and when its days begin.
//
// The standard library here (libstdc++ 12) has no time zones, and libc's have one zone a process. So the system's files
// are read: their table of changes, and behind its end the rule in their last line. A test compares all zones of the
// machine with libc's. Source: RFC 9636 (TZif), POSIX 1003.1 8.3 (TZ).
//
// Thread rule: immutable once loaded; any thread.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace sluice::quota {

class Zone {
 public:
  Zone() = default;  // UTC
  // "Europe/Berlin". Nothing: there is none of that name on this system. "UTC" needs no files.
  static std::optional<Zone> load(std::string_view name);
  // A file's content, and a rule alone ("CET-1CEST,M3.5.0,M10.5.0/3").
  static std::optional<Zone> parse(std::string_view tzif);
  static std::optional<Zone> parse_rule(std::string_view rule);

  // What the clocks there show beyond UTC.
  std::chrono::seconds offset(std::chrono::sys_seconds at) const;
  std::chrono::local_days day(WallTime at) const;
  // When that day begins there; days need not begin at midnight.
  std::chrono::sys_seconds begin(std::chrono::local_days day) const;

 private:
  struct Change {
    std::int64_t at = 0;  // seconds since 1970
    std::int32_t offset = 0;
  };
  struct YearlyChange {
    enum class Kind : std::uint8_t { kWeekday, kJulian, kDayOfYear } kind = Kind::kWeekday;
    int month = 1, week = 1, day = 0;  // the week-th (5: last) weekday `day` of a month; a day of the year
    std::int32_t time = 7200;          // seconds after midnight
  };
  struct Rule {
    std::int32_t standard = 0, summer = 0;
    bool changes = false;
    YearlyChange to_summer, to_standard;
  };
  friend class RuleReader;

  static std::int64_t local_second(const YearlyChange& change, std::chrono::year year);
  static std::int32_t offset_by(const Rule& rule, std::int64_t at);
  template <class Int>
  bool read_block(std::string_view block, std::array<std::uint32_t, 6> counts);

  std::int32_t first_ = 0;  // before all changes
  std::vector<Change> changes_;
  std::optional<Rule> rule_;  // behind them
};

}  // namespace sluice::quota
