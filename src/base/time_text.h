// Times as text, as everybody reads them. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"

namespace sluice {

// Microseconds since 1970 as "2026-01-02T03:04:05.678901Z"; without a fraction where there is none.
std::string time_text(std::int64_t us);

// Microseconds since 1970 (UTC).
constexpr std::int64_t to_us(WallTime at) {
  return std::chrono::duration_cast<std::chrono::microseconds>(at.time_since_epoch()).count();
}
constexpr WallTime from_us(std::int64_t at_us) {
  return WallTime(std::chrono::duration_cast<WallTime::duration>(std::chrono::microseconds(at_us)));
}
std::int64_t wall_us();  // now

}  // namespace sluice
