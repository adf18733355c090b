// A store of what was served: filled from the journal, asked by people.
//
// Thread rule: any thread, but never a loop: every call may wait for a disk or a database, up to a few seconds.
// Faults of all: kOverloaded with Retry::kSame: the store cannot do it now (locked, full, away); kInternal with
// Retry::kNo: it will not take this.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/journal/position.h"
#include "base/result.h"
#include "store/row.h"
#include "store/sums.h"

namespace sluice::store {

// The rows that have a share of these values (store/sums.h), all of them.
struct Filter {
  std::string by, value;
};
inline constexpr std::size_t kMostFilters = 16;

// The newest first; one after the other by `before`.
struct PageQuery {
  struct Place {
    std::int64_t arrived_us = 0;
    std::string id;

    auto operator<=>(const Place&) const = default;
  };
  enum class Detail : std::uint8_t { kExchanges, kAttempts };

  std::int64_t from_us = 0, to_us = INT64_MAX;  // arrived at or after from, before to
  std::vector<Filter> filters;
  std::optional<Place> before;  // Page::next of the page before
  std::size_t most = 100;       // at most kMostRows
  Detail detail = Detail::kExchanges;
};
inline constexpr std::size_t kMostRows = 1000;
inline constexpr std::size_t kMostLookedAt = 100'000;  // rows, for one page

struct Page {
  std::vector<ExchangeRow> rows;  // with their attempts where they were asked for
  // Nothing: that was the last one. A page may have fewer rows than were asked for, and even none, and not be the last:
  // so many were looked at in vain.
  std::optional<PageQuery::Place> next;
};

// The sums of each value of a dimension in each period. Whoever asks knows what a day is: periods go from one bound to
// the next, in microseconds since 1970, ascending, kMostBounds at most.
struct SumQuery {
  std::string by = "all";
  std::vector<std::int64_t> bounds_us;
};
inline constexpr std::size_t kMostBounds = 1000;
inline constexpr std::int64_t kLatestUs = 253'402'300'800'000'000;  // no bound is later: the year 10000
inline constexpr std::size_t kMostSums = 100'000;                   // more is a kTooLarge

inline constexpr std::string_view kOthers = "(others)";

struct PeriodSum {
  std::int64_t from_us = 0;
  std::string value;
  Sum sum;

  bool operator==(const PeriodSum&) const = default;
};

// What an attempt cost, computed anew.
struct Correction {
  struct Used {
    UsageRow usage;
    std::string service_tier;
  };

  std::string id;  // of the exchange
  std::size_t attempt = 0;
  std::optional<std::int64_t> cost_nanos;
  std::string price_version;
  std::optional<Used> used;  // what was told only later; nothing: the row knows
};

class Ledger {
 public:
  virtual ~Ledger() = default;

  // Adds the rows whose ids it does not have, and keeps `position`; all or nothing. That survives this process; also
  // the machine's end only after sync(): until then the journal has to have the rows. Nobody needs the views when it
  // returns.
  virtual Status insert(std::span<const ExchangeView> rows, const journal::Position& position) = 0;
  virtual Status sync() = 0;
  // The one of the last insert(); the beginning when there was none.
  virtual Result<journal::Position> position() = 0;

  virtual Result<std::optional<ExchangeRow>> find(std::string_view id) = 0;  // with its attempts
  // The newest row with this `kept_id`, with its attempts; nothing: there is none, or the id is empty.
  virtual Result<std::optional<ExchangeRow>> find_kept(std::string_view kept_id) = 0;
  // Faults: also kInvalidRequest.
  virtual Result<Page> page(const PageQuery& query) = 0;
  // Ordered by period, then value; periods without rows are left out. Of values that are without number (users, tags) a
  // store may add up those beyond the first thousands of a day as kOthers. Faults: also kInvalidRequest, kTooLarge.
  virtual Result<std::vector<PeriodSum>> sums(const SumQuery& query) = 0;

  // What the rows of each value cost in each period, or were held to cost: in no order, several times of one value and
  // period. Values that sums() adds up as kOthers are told apart as long as their rows are kept; kNotAll: some were
  // not. The text is good until `visit` returns, which asks the ledger nothing. Faults: also kInvalidRequest.
  enum class Told : std::uint8_t { kAll, kNotAll };
  using VisitCost = std::function<void(std::int64_t from_us, std::string_view value, std::int64_t nanos)>;
  virtual Result<Told> each_cost(const SumQuery& query, const VisitCost& visit) = 0;

  // Removes the oldest `most` of the rows that arrived before then, and what else came in the last one's second; their
  // sums stay. How many it were: fewer than `most` when none is left.
  virtual Result<std::size_t> remove_before(std::int64_t time_us, std::size_t most) = 0;
  // The latest time of remove_before(): earlier rows may be gone, and bounds before it must be multiples of kSpanUs.
  virtual Result<std::int64_t> kept_from() = 0;
  // Gives attempts another cost, and what was there a place in the history; sums follow. All or nothing, and synced;
  // what it does not have is passed over. How many were changed.
  virtual Result<std::size_t> correct(std::span<const Correction> corrections, std::int64_t now_us) = 0;
  // How many corrections were made so far, by whichever process: whoever keeps sums sees by it that they changed.
  virtual Result<std::int64_t> corrections() = 0;
};

void apply(const Correction& correction, AttemptRow& attempt);

// What all stores refuse alike.
Status check(const PageQuery& query);
Status check(const SumQuery& query, std::int64_t kept_from_us);

}  // namespace sluice::store
