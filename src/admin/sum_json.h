// A sum of the ledger as JSON: counts are numbers, amounts decimal strings of dollars.
//
// Thread rule: pure.
#pragma once

#include "json/writer.h"
#include "store/sums.h"

namespace sluice::admin {

// The members of an object that is open.
void write_sum(json::Writer& json, const store::Sum& sum);
// "0.0125": failed of all, to four decimals; empty of none.
std::string rate_text(std::int64_t failed, std::int64_t all);
// The same; null of none.
void write_rate(json::Writer& json, std::int64_t failed, std::int64_t all);

}  // namespace sluice::admin
