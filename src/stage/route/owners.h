// Who had what made that a provider keeps, and which provider that is: of answers that were passed through and that
// later requests may name (previous_response_id, GET /responses/{id}).
//
// Such an answer keeps the id its provider gave it, for the same bytes go to the client; so the id cannot tell whose it
// is. The newest are in memory from before their first bytes leave, all are in the ledger for as long as it has their
// rows. What was made elsewhere, or before rows had such ids, nobody here knows.
//
// An answer that is made in the background has not used anything yet when it is asked for. What it used is told to who
// looks at it when it is ready, and waits here to be booked with the request that had it made.
//
// Thread rule: any thread; memory is behind a mutex. Limits: kMost ids in memory, each at most kLongestId bytes; the
// oldest go. kMostUses uses; what is beyond is told again by the next look. Ownership: the ledger outlives it.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/result.h"
#include "exchange/caller.h"
#include "store/ledger.h"

namespace sluice::stage {

struct Maker {
  std::string key, team;  // as the row has them
  std::string provider;
  std::int64_t at_us = 0;  // the request arrived

  bool operator==(const Maker&) const = default;
};
Maker maker_of(const store::ExchangeRow& row);

class Owners {
 public:
  static constexpr std::size_t kMost = 100'000;
  static constexpr std::size_t kLongestId = 256;
  static constexpr std::size_t kMostUses = 10'000;

  struct Use {
    store::UsageRow usage;
    std::string service_tier;
    Instant told;
  };
  using Uses = std::map<std::string, Use>;  // by the answer's id

  explicit Owners(store::Ledger& ledger) : ledger_(ledger) {}

  void remember(std::string_view id, Maker maker);
  // Of what is in memory; nothing: it is not there.
  std::optional<Maker> find(std::string_view id) const;
  // Of what is in the ledger; never on a loop. Faults: the ledger's.
  Result<std::optional<Maker>> look_up(std::string_view id) const;

  void tell_use(std::string_view id, Use use);
  Uses take_uses();

 private:
  store::Ledger& ledger_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Maker> makers_;
  std::deque<std::string> ids_;  // oldest first
  Uses uses_;
};

// Whether the caller may use it: the team of the key that had it made, where that had one, else the key itself; neither
// one that was created later under the same name; the master key all.
bool is_own(const Caller& caller, const Maker& maker);

}  // namespace sluice::stage
