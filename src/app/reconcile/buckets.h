// Compares sums of a model and time with the attempts of the ledger in them.
//
// Thread rule: pure.
#pragma once

#include <span>
#include <vector>

#include "app/reconcile/compare.h"

namespace sluice::app {

struct BucketComparison {
  std::vector<Finding> findings;  // one of each model and time, also of what matched
  std::int64_t cost_there_nanos = 0, cost_here_nanos = 0;
  std::size_t outside = 0;  // attempts that are in no time of the file
  std::size_t silent = 0;   // models and times of which the file tells no amount
};

// An attempt is in the time in which it ended.
BucketComparison compare_buckets(const UsageFile& file, std::span<const BookLine> books);

}  // namespace sluice::app
