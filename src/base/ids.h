// Ids of requests: unique over all processes and restarts, unguessable in practice, no system call each.
//
// Thread rule: one maker a thread. They name things and open nothing: keys come from random_token().
#pragma once

#include <cstdint>
#include <string>

namespace sluice {

class IdMaker {
 public:
  IdMaker();           // seeded from the system's random numbers
  std::string next();  // "req_" and 24 hex digits

 private:
  std::uint64_t state_;
  std::uint64_t stream_;  // odd; different for each maker
};

}  // namespace sluice
