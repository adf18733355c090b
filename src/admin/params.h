// The parameters of a query of the administrator's API, all of which are known; and times in them.
//
// Thread rule: plain values. Faults are kInvalidRequest and name the parameter.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "quota/zone.h"
#include "store/ledger.h"

namespace sluice::admin {

class Params {
 public:
  // Of a target, without '?'. Faults: a name that is not among `known`, or twice; the nearest is told. A known name
  // that ends in ':' stands for all that begin with it.
  static Result<Params> read(std::string_view query, std::span<const std::string_view> known);

  std::optional<std::string_view> text(std::string_view name) const;
  Result<std::int64_t> number(std::string_view name, std::int64_t otherwise, std::int64_t least,
                              std::int64_t most) const;
  // One of the words; the first where it is not given.
  Result<std::string_view> word(std::string_view name, std::span<const std::string_view> words) const;
  // A moment as time_of() reads it, in microseconds since 1970.
  Result<std::optional<std::int64_t>> time(std::string_view name, const quota::Zone& zone) const;
  // zone=Europe/Berlin; UTC where it is not given.
  Result<quota::Zone> zone() const;
  // from, to, zone and before (a page's next, "1790000000000000.req_…") of a page of exchanges.
  Status bound(store::PageQuery& query) const;
  // What exchanges are listed by: each dimension of store/sums.h that is given.
  std::vector<store::Filter> filters() const;

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

// "2026-11-29", "2026-11-29T08:30", "2026-11-29T08:30:15.25", these in the zone; with "Z" or "+01:00" behind a time, as
// it says. Microseconds since 1970. Source: RFC 3339.
std::optional<std::int64_t> time_of(std::string_view text, const quota::Zone& zone);
// When the clocks there first show this time of this day, or, where they leave it out, what comes after.
std::int64_t time_at(std::chrono::local_days day, std::chrono::seconds after_midnight, const quota::Zone& zone);
// "2026-11-29T08:30:15.250Z", with the zone's offset where it is not UTC.
std::string timestamp(std::int64_t time_us, const quota::Zone& zone = {});

}  // namespace sluice::admin
