#include "quota/period.h"

#include <gtest/gtest.h>

namespace sluice::quota::period_test {
namespace {

using std::chrono::hours;
using std::chrono::sys_days;
using namespace std::chrono_literals;
using Kind = Window::Kind;

std::int64_t us(sys_days day, std::chrono::seconds time = 0s) {
  return to_us(day + time);
}

TEST(Period, OfTheCalendarInUtc) {
  const auto sunday = us(2026y / 11 / 29, 12h);
  EXPECT_EQ(period_of(Kind::kDay, Zone(), sunday), (Period{us(2026y / 11 / 29), us(2026y / 11 / 30)}));
  EXPECT_EQ(period_of(Kind::kWeek, Zone(), sunday), (Period{us(2026y / 11 / 23), us(2026y / 11 / 30)}));
  EXPECT_EQ(period_of(Kind::kMonth, Zone(), sunday), (Period{us(2026y / 11 / 1), us(2026y / 12 / 1)}));
  EXPECT_EQ(period_of(Kind::kTotal, Zone(), sunday), Period());
  EXPECT_EQ(period_of(Kind::kMonth, Zone(), us(2026y / 12 / 31, 24h - 1s)),
            (Period{us(2026y / 12 / 1), us(2027y / 1 / 1)}));
}

TEST(Period, OfAZoneWithSummerTime) {
  const auto berlin = *Zone::load("Europe/Berlin");
  // The day on which the clocks go back has 25 hours, the one on which they go forward 23.
  EXPECT_EQ(period_of(Kind::kDay, berlin, us(2026y / 10 / 25, 12h)),
            (Period{us(2026y / 10 / 24, 22h), us(2026y / 10 / 25, 23h)}));
  EXPECT_EQ(period_of(Kind::kDay, berlin, us(2026y / 3 / 29, 12h)),
            (Period{us(2026y / 3 / 28, 23h), us(2026y / 3 / 29, 22h)}));
  EXPECT_EQ(period_of(Kind::kMonth, berlin, us(2026y / 10 / 31, 23h + 30min)),
            (Period{us(2026y / 10 / 31, 23h), us(2026y / 11 / 30, 23h)}));
}

TEST(Period, EachMomentIsInItsOwnAndTheyFollowEachOther) {
  for (auto name : {"America/Santiago", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu"}) {
    const auto zone = *Zone::load(name);
    for (const auto kind : {Kind::kDay, Kind::kWeek, Kind::kMonth}) {
      auto period = period_of(kind, zone, us(2026y / 1 / 1));
      while (period.until_us < us(2028y / 1 / 1)) {
        const auto next = period_of(kind, zone, period.until_us);
        ASSERT_EQ(next.from_us, period.until_us) << name;
        ASSERT_EQ(period_of(kind, zone, next.until_us - 1), next) << name;
        period = next;
      }
    }
  }
}

TEST(Period, WindowsAreTold) {
  EXPECT_EQ(to_text(Window{}), "total");
  EXPECT_EQ(to_text(Window{.kind = Kind::kMonth}), "month");
  EXPECT_EQ(to_text(Window{.kind = Kind::kMonth, .zone = "Europe/Berlin"}), "month Europe/Berlin");
  EXPECT_EQ(to_text(Window{.zone = "Europe/Berlin"}), "total");
  EXPECT_EQ(to_text(Window{.kind = Kind::kRolling, .rolling = Ms(5'400'000)}), "rolling 90m");
}

}  // namespace
}  // namespace sluice::quota::period_test
