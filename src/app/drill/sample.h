// What a drill measures: one sample a request, and what the gateway tells of the ones that went wrong.
//
// Thread rule: plain values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace sluice::app {

enum class DrillPhase : std::uint8_t { kBefore, kFault, kAfter };
inline constexpr std::string_view kDrillPhases[] = {"before", "fault", "after"};

struct DrillSample {
  enum class End : std::uint8_t {
    kServed,   // a whole answer with a success status
    kRefused,  // an error instead of an answer
    kBroken,   // an answer that began and is not whole
    kTooLate,  // the application has stopped waiting
  };

  DrillPhase phase = DrillPhase::kBefore;  // in which it began
  bool streamed = false;
  End end = End::kServed;
  int status = 0;  // 0: none came
  std::int64_t duration_us = 0;
  std::uint32_t attempts = 0;
  std::string request_id;
  std::string deployment;  // that the answer names
  std::string error;       // empty: none

  bool lost() const { return end != End::kServed; }
};

// An exchange as the administrator's API tells it, as far as advice needs it.
struct DrillStory {
  struct Try {
    std::string deployment;
    std::string outcome;
    std::int64_t duration_us = 0;
  };

  std::string request_id;
  bool served = false;
  std::string route;
  std::vector<std::string> candidates;
  std::vector<std::pair<std::string, std::string>> excluded;  // deployment, reason
  std::vector<Try> tries;
};

struct DrillPlan {
  std::string deployment;
  std::string kind;   // of the fault
  std::string model;  // that the traffic asks for
  int status = 503;   // kind status
  Ms delay{2'000};    // kind slow
  double share = 1;
  std::uint32_t seconds = 30;
  std::uint32_t rate = 20;  // requests a second
  Ms patience{10'000};      // so long the application waits for an answer
  Ms slower{2'000};         // so much slower, at p99, it does not mind
};

}  // namespace sluice::app
