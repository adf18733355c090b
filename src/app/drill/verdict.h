// Would the application have noticed? Counts what a drill measured and says what to mend.
//
// Thread rule: pure.
#pragma once

#include <map>
#include <optional>
#include <span>

#include "app/drill/sample.h"

namespace sluice::app {

struct DrillCount {
  std::size_t requests = 0;
  std::size_t lost = 0;
  std::size_t retried = 0;  // served, but not by the first try
  std::int64_t p50_us = 0;  // of all that ended, by whatever means
  std::int64_t p99_us = 0;
  std::map<std::string, std::size_t> served_by;
};

struct DrillVerdict {
  enum class Result {
    kUnnoticed,
    kNoticed,
    kProvesNothing,  // the fault met no request, or the route did not work before it
  };

  Result result = Result::kUnnoticed;
  std::string summary;  // a sentence
  DrillCount phases[3];
  std::int64_t added_p50_us = 0;  // in the fault, over before; not less than 0
  std::int64_t added_p99_us = 0;
  std::vector<std::string> findings;  // what to mend, a sentence or two each
};

// `stories` are of requests of the drill that the fault touched, as far as the gateway still knows them.
DrillVerdict judge(const DrillPlan& plan, std::span<const DrillSample> samples, std::span<const DrillStory> stories);

// The value that `percent` of the values do not exceed, by the nearest rank; 0 of none.
std::int64_t percentile(std::vector<std::int64_t> values, unsigned percent);

}  // namespace sluice::app
