// The clock seam: monotonic time for limits and durations, wall time for records.
#pragma once

#include <chrono>

namespace sluice {

using Ms = std::chrono::milliseconds;
using Instant = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;

inline Instant now() {
  return std::chrono::steady_clock::now();
}
inline WallTime wall_now() {
  return std::chrono::system_clock::now();
}
// The time left until then, rounded up so that a limit is never early; zero or less when it is past.
inline Ms ms_until(Instant then) {
  return std::chrono::ceil<Ms>(then - now());
}
inline std::int64_t micros_between(Instant from, Instant to) {
  return std::chrono::duration_cast<std::chrono::microseconds>(to - from).count();
}

}  // namespace sluice
