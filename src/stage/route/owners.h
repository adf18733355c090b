// Who had what made that a provider keeps, and which provider that is: of answers that were passed through and that
// later requests may name (previous_response_id, GET /responses/{id}).
//
// Such an answer keeps the id its provider gave it, for the same bytes go to the client; so the id cannot tell whose it
// is. The newest are in memory from before their first bytes leave, all are in the ledger for as long as it has their
// rows. What was made elsewhere, or before rows had such ids, nobody here knows.
//
// Thread rule: any thread; memory is behind a mutex. Limits: kMost ids in memory, each at most kLongestId bytes; the
// oldest go. Ownership: the ledger outlives it.
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "exchange/caller.h"
#include "store/ledger.h"

namespace sluice::stage {

class Owners {
 public:
  static constexpr std::size_t kMost = 100'000;
  static constexpr std::size_t kLongestId = 256;

  explicit Owners(store::Ledger& ledger) : ledger_(ledger) {}

  void remember(std::string_view id, store::Maker maker);
  // Of what is in memory; nothing: it is not there.
  std::optional<store::Maker> find(std::string_view id) const;
  // Of what is in the ledger; never on a loop. Faults: the ledger's.
  Result<std::optional<store::Maker>> look_up(std::string_view id) const;

 private:
  store::Ledger& ledger_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, store::Maker> makers_;
  std::deque<std::string> ids_;  // oldest first
};

// Whether the caller may use it: the team of the key that had it made, where that had one, else the key itself; the
// master key all.
bool is_own(const Caller& caller, const store::Maker& maker);

}  // namespace sluice::stage
