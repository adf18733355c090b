// How a provider or deployment is probed: how often, with what, and how many failures count.
//
// Thread rule: plain values.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"

namespace sluice::provider {

struct ProbePlan {
  Ms interval{0};  // zero: it is not
  Ms timeout{5'000};
  std::string method = "GET";
  std::string path;  // below the base URL; empty: a minimal chat
  std::uint32_t failures = 3;
};

}  // namespace sluice::provider
