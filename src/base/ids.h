// Ids of requests: unique over all processes and restarts, unguessable in practice, no system call each. Later ones are
// greater (by the microsecond): where they are kept in order, a new one goes to the end.
//
// Thread rule: one maker a thread. They name things and open nothing: keys come from random_token().
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace sluice {

class IdMaker {
 public:
  IdMaker();  // seeded from the system's random numbers
  // "req_" and 32 hex digits: 14 of the time, in microseconds since 1970, and 18 at random
  std::string next(WallTime at = wall_now());

 private:
  std::uint64_t state_;
  std::uint64_t stream_;  // odd; different for each maker
};

// When it was made, in microseconds since 1970; nothing: no IdMaker made it.
std::optional<std::int64_t> time_in_id(std::string_view id);

}  // namespace sluice
