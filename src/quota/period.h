// The windows of budgets on the calendar: when the one that a moment is in began and ends.
//
// Thread rule: pure.
#pragma once

#include <cstdint>
#include <limits>

#include "base/time_text.h"
#include "quota/terms.h"
#include "quota/zone.h"

namespace sluice::quota {

// Microseconds since 1970; `until` is not included.
struct Period {
  std::int64_t from_us = std::numeric_limits<std::int64_t>::min();
  std::int64_t until_us = std::numeric_limits<std::int64_t>::max();

  bool has(std::int64_t at_us) const { return at_us >= from_us && at_us < until_us; }
  bool operator==(const Period&) const = default;
};

// Of a total, which has no end, the whole of time; not for kRolling.
Period period_of(Window::Kind kind, const Zone& zone, std::int64_t at_us);

}  // namespace sluice::quota
