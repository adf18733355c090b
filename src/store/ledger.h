// A store of what was served: filled from the journal, asked by people.
//
// Thread rule: any thread, but never a loop: every call may wait for a disk or a database, up to a few seconds.
// Faults of all: kOverloaded with Retry::kSame: the store cannot do it now (locked, full, away); kInternal with
// Retry::kNo: it will not take this.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/journal/position.h"
#include "base/result.h"
#include "store/row.h"
#include "store/sums.h"

namespace sluice::store {

// The newest first; one after the other by `before`.
struct PageQuery {
  struct Place {
    std::int64_t arrived_us = 0;
    std::string id;
  };

  std::int64_t from_us = 0, to_us = INT64_MAX;  // arrived at or after from, before to
  std::string by, value;                        // key, team, user or route and which one; empty: all
  std::optional<Place> before;                  // Page::next of the page before
  std::size_t most = 100;                       // at most kMostRows
};
inline constexpr std::size_t kMostRows = 1000;

struct Page {
  std::vector<ExchangeRow> rows;         // without their attempts
  std::optional<PageQuery::Place> next;  // nothing: that was the last one
};

// The sums of each value of a dimension in each period. Whoever asks knows what a day is: periods go from one bound to
// the next, in microseconds since 1970, ascending, kMostBounds at most.
struct SumQuery {
  std::string by = "all";
  std::vector<std::int64_t> bounds_us;
};
inline constexpr std::size_t kMostBounds = 1000;
inline constexpr std::size_t kMostSums = 100'000;  // more is a kTooLarge

struct PeriodSum {
  std::int64_t from_us = 0;
  std::string value;
  Sum sum;

  bool operator==(const PeriodSum&) const = default;
};

class Ledger {
 public:
  virtual ~Ledger() = default;

  // Adds the rows whose ids it does not have, and keeps `position`; all or nothing.
  virtual Status insert(std::span<const ExchangeRow> rows, const journal::Position& position) = 0;
  // The one of the last insert(); the beginning when there was none.
  virtual Result<journal::Position> position() = 0;

  virtual Result<std::optional<ExchangeRow>> find(std::string_view id) = 0;  // with its attempts
  // Faults: also kInvalidRequest: `by` is none that pages know.
  virtual Result<Page> page(const PageQuery& query) = 0;
  // Ordered by period, then value; periods without rows are left out. Faults: also kInvalidRequest, kTooLarge.
  virtual Result<std::vector<PeriodSum>> sums(const SumQuery& query) = 0;
};

// What all stores refuse alike.
Status check(const PageQuery& query);
Status check(const SumQuery& query);

}  // namespace sluice::store
