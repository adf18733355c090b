#include "quota/period.h"

#include <algorithm>

namespace sluice::quota {

Period period_of(Window::Kind kind, const Zone& zone, std::int64_t at_us) {
  using namespace std::chrono;
  if (kind == Window::Kind::kTotal || kind == Window::Kind::kRolling) return {};
  const local_days today = zone.day(from_us(at_us));
  local_days first = today, next = today + days(1);
  if (kind == Window::Kind::kWeek) {
    first = today - (weekday(today) - Monday);
    next = first + days(7);
  } else if (kind == Window::Kind::kMonth) {
    const year_month_day date(today);
    first = local_days(date.year() / date.month() / 1);
    next = local_days((date.year() / date.month() + months(1)) / 1);
  }
  auto us = [](sys_seconds at) { return duration_cast<microseconds>(at.time_since_epoch()).count(); };
  // Where clocks went back over midnight a day comes twice: what is asked for is in the answer all the same.
  return {std::min(us(zone.begin(first)), at_us), std::max(us(zone.begin(next)), at_us + 1)};
}

}  // namespace sluice::quota
