// Times as text, as everybody reads them. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>

namespace sluice {

// Microseconds since 1970 as "2026-01-02T03:04:05.678901Z"; without a fraction where there is none.
std::string time_text(std::int64_t us);

// Now, in microseconds since 1970 (UTC).
std::int64_t wall_us();

}  // namespace sluice
