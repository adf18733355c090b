#include "quota/zone.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>

namespace sluice::quota::zone_test {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_seconds;
using namespace std::chrono_literals;

std::vector<std::string> all_zones() {
  std::vector<std::string> names;
  const std::filesystem::path folder("/usr/share/zoneinfo");
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    auto name = entry.path().lexically_relative(folder).string();
    if (!entry.is_regular_file() || name.starts_with("right/") || name.starts_with("posix/")) continue;
    char magic[4]{};
    std::ifstream(entry.path(), std::ios::binary).read(magic, 4);
    if (std::string_view(magic, 4) == "TZif") names.push_back(std::move(name));
  }
  return names;
}

// libc's word for it; the process has one zone at a time.
std::int64_t libc_offset(std::int64_t at) {
  const auto time = static_cast<time_t>(at);
  tm shown{};
  localtime_r(&time, &shown);
  return shown.tm_gmtoff;
}

TEST(Zone, AllZonesAreAsLibcHasThem) {
  const auto zones = all_zones();
  ASSERT_GT(zones.size(), 300u) << "this test needs the package tzdata";
  for (const auto& name : zones) {
    const auto zone = Zone::load(name);
    ASSERT_TRUE(zone) << name;
    setenv("TZ", (":" + name).c_str(), 1);
    tzset();
    // Every 97 hours from 2000 to 2060: behind the tables, which end in 2037, as well.
    for (std::int64_t at = 946'684'800; at < 2'840'140'800; at += 97 * 3600) {
      ASSERT_EQ(zone->offset(sys_seconds(seconds(at))).count(), libc_offset(at)) << name << " at " << at;
    }
  }
  unsetenv("TZ");
  tzset();
}

TEST(Zone, TheRuleAloneAgreesWithTheTable) {
  const auto table = Zone::load("Europe/Berlin");
  const auto rule = Zone::parse_rule("CET-1CEST,M3.5.0,M10.5.0/3");
  ASSERT_TRUE(table && rule);
  for (std::int64_t at = 1'000'000'000; at < 2'100'000'000; at += 3500)
    ASSERT_EQ(table->offset(sys_seconds(seconds(at))), rule->offset(sys_seconds(seconds(at)))) << at;
}

TEST(Zone, RulesOfTheSouthAndOfDaysOfTheYear) {
  const auto sydney = Zone::parse_rule("AEST-10AEDT,M10.1.0,M4.1.0/3");
  ASSERT_TRUE(sydney);
  EXPECT_EQ(sydney->offset(sys_days(2026y / 1 / 15)), hours(11));
  EXPECT_EQ(sydney->offset(sys_days(2026y / 7 / 15)), hours(10));
  const auto by_day = Zone::parse_rule("<-03>3<-02>2,J60/0,299/0");  // March 1, and the 300th day of the year
  ASSERT_TRUE(by_day);
  EXPECT_EQ(by_day->offset(sys_days(2028y / 2 / 29) + hours(12)), hours(-3));
  EXPECT_EQ(by_day->offset(sys_days(2028y / 3 / 1) + hours(12)), hours(-2));
  EXPECT_EQ(by_day->offset(sys_days(2028y / 12 / 1)), hours(-3));
}

TEST(Zone, DaysBeginAtMidnightThere) {
  const auto berlin = Zone::load("Europe/Berlin");
  ASSERT_TRUE(berlin);
  EXPECT_EQ(berlin->begin(std::chrono::local_days(2026y / 11 / 29)), sys_days(2026y / 11 / 28) + hours(23));
  EXPECT_EQ(berlin->begin(std::chrono::local_days(2026y / 7 / 1)), sys_days(2026y / 6 / 30) + hours(22));
  EXPECT_EQ(Zone().begin(std::chrono::local_days(2026y / 11 / 29)), sys_days(2026y / 11 / 29));
  EXPECT_EQ(berlin->day(sys_days(2026y / 11 / 28) + hours(22) + 59min + 59s), std::chrono::local_days(2026y / 11 / 28));
  EXPECT_EQ(berlin->day(sys_days(2026y / 11 / 28) + hours(23)), std::chrono::local_days(2026y / 11 / 29));
}

// In Santiago the clocks go from 24:00 to 01:00: that Sunday has no midnight.
TEST(Zone, ADayWithoutMidnightBeginsWithItsFirstHour) {
  const auto santiago = Zone::load("America/Santiago");
  ASSERT_TRUE(santiago);
  const auto begin = santiago->begin(std::chrono::local_days(2026y / 9 / 6));
  EXPECT_EQ(begin, sys_days(2026y / 9 / 6) + hours(4));
  EXPECT_EQ(santiago->offset(begin), hours(-3));
  EXPECT_EQ(santiago->day(begin - seconds(1)), std::chrono::local_days(2026y / 9 / 5));
}

TEST(Zone, WhatIsNoZoneIsNone) {
  for (auto name : {"", "Europe/Nowhere", "../../etc/passwd", "/etc/localtime", "Europe", "tzdata.zi", "Europe/../UTC"})
    EXPECT_FALSE(Zone::load(name)) << name;
  std::ifstream file("/usr/share/zoneinfo/Europe/Berlin", std::ios::binary);
  const std::string whole(std::istreambuf_iterator<char>(file), {});
  for (std::size_t length = 0; length < whole.size(); ++length) EXPECT_FALSE(Zone::parse(whole.substr(0, length)));
  for (auto rule : {"", "C", "CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.5.0,x",
                    "CET-1CEST,M3.5.0,M10.5.0/3 "})
    EXPECT_FALSE(Zone::parse_rule(rule)) << rule;
}

}  // namespace
}  // namespace sluice::quota::zone_test
