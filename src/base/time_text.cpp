#include "base/time_text.h"

#include <fmt/format.h>

#include <chrono>

#include "base/clock.h"

namespace sluice {

std::string time_text(std::int64_t us) {
  const std::chrono::sys_time<std::chrono::microseconds> time{std::chrono::microseconds(us)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  auto text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                          static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                          clock.minutes().count(), clock.seconds().count());
  if (auto fraction = clock.subseconds().count(); fraction > 0) text += fmt::format(".{:06}", fraction);
  return text + "Z";
}

std::int64_t wall_us() {
  return to_us(wall_now());
}

}  // namespace sluice
