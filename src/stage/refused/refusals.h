// What was refused by policy, on its way to the audit log: for each key and reason the first at once, and then, minute
// by minute, how many followed, and which were the first and the last of them. A client that asks a thousand times a
// second fills neither memory nor log.
//
// Thread rule: any thread; a lock is held for a look-up, and only requests that are refused come here. Ownership: the
// Runtime.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "exchange/exchange.h"

namespace sluice::stage {

struct Refusal {
  std::int64_t at_us = 0;  // of the last one
  std::string who, role;   // empty: nobody known
  std::string what;        // "model_not_allowed"
  std::string about;       // what was asked for: "chat fast", "POST /keys: key 'web'"
  std::string tried;       // what that was to become, as JSON; empty: that is not kept
  std::string from, request_id;
  std::int64_t count = 0;
  // Of the first one of these; all else is of the last.
  std::int64_t first_at_us = 0;
  std::string first_about, first_tried, first_request_id;
};
// What else an entry says of it, as a JSON object; empty: nothing.
std::string details_of(const Refusal& refusal);

class Refusals {
 public:
  static constexpr std::size_t kMost = 1'000;  // keys and reasons at a time; what is beyond is counted as one

  void note(const Exchange& x, const Fault& fault);
  // Those that are to be written now: the first of each, and those whose minute is over.
  std::vector<Refusal> due(std::int64_t now_us);
  std::vector<Refusal> all();             // at the end
  void put_back(const Refusal& refusal);  // it could not be written

 private:
  struct Noted {
    Refusal refusal;           // what is not written yet
    std::int64_t next_us = 0;  // when it is due again; 0: at once
  };
  using Key = std::pair<std::string, std::string>;  // who, what

  Noted& find(std::string_view who, std::string_view what);

  std::mutex mutex_;
  std::map<Key, Noted> noted_;
};

// Whether a fault is a policy's: of who asks, what they may do, how much, and what they have to say.
bool is_by_policy(const Fault& fault);

}  // namespace sluice::stage
