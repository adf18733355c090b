// What became of the requests that ended last: enough to tell why each went where it went, and nothing of what was
// said.
//
// A ring of a fixed number of stories, each with its row of the ledger as the journal has it: what has just ended is
// found here before the store has it. Its slots are used again and again, so that telling one allocates nothing once
// the ring is warm; what is in them is made a Story when somebody asks. Never bodies, never secrets; texts that a
// client made up are cut to kLongestText.
//
// Thread rule: any thread. Each slot has a lock of its own, for which only somebody who reads just this story
// ever waits. Ownership: the app; it outlives all snapshots.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "exchange/exchange.h"

namespace sluice::stage {

// What of a story is no text of its own; the views are of constants.
struct StoryFacts {
  WallTime arrived;
  std::int64_t duration_us = 0;
  std::int64_t first_content_us = -1;  // -1: none was sent
  std::int64_t upstream_us = 0;
  std::string_view operation;
  std::string_view outcome;  // "ok", "client_gone", "error"
  std::string_view fault;
  std::string_view gave_up;  // why no further try was made, where that was not for want of candidates
  int status = 0;
  bool stream = false;
};
struct TriedFacts {
  std::int64_t began_us = 0;   // after the request's arrival
  std::int64_t paused_us = 0;  // before that
  std::int64_t queued_us = 0;  // for room at the deployment
  std::int64_t duration_us = 0;
  std::string_view why;      // it was made: "first", "retry", "fallback" …
  std::string_view fault;    // empty: it served
  std::string_view failure;  // the class by which was decided what follows
  int status = 0;            // the provider's; 0: none came
  bool ended = false;        // false: it was given up while it went on
};

struct Story : StoryFacts {
  struct Excluded {
    std::string deployment;
    std::string reason;
  };
  struct Try : TriedFacts {
    std::string deployment;
    std::string keys;  // of a provider with several, in the order in which they were shown: "a, b"
    std::string error;
  };

  std::string id;
  std::string key;  // the caller's name
  std::string team;
  std::string model_asked;
  std::string model_served;
  std::string route;
  std::string deployment;  // that answered, or was asked last
  std::string error;
  std::vector<std::string> candidates;  // in the order in which they would be tried
  std::vector<Excluded> excluded;
  std::vector<Try> tries;
  std::string record;  // store/record.h; empty: it is of nobody and does not get into the ledger
};

class Recent {
 public:
  static constexpr std::size_t kLongestText = 300;

  explicit Recent(std::size_t keep) : size_(keep), slots_(std::make_unique<Slot[]>(keep)) {}
  Recent(const Recent&) = delete;
  Recent& operator=(const Recent&) = delete;

  // `status_sent` is the HTTP status the client got or would have got.
  void add(const Exchange& x, const Status& status, int status_sent, std::int64_t duration_us,
           std::string_view record = {});

  std::vector<Story> newest(std::size_t limit) const;  // the one that ended last comes first
  std::optional<Story> find(std::string_view id) const;
  std::size_t capacity() const { return size_; }

 private:
  struct Slot {
    mutable std::mutex mutex;
    std::string told;  // a story, packed into one text whose memory is used again; empty: none was told yet
  };

  std::size_t size_;
  std::unique_ptr<Slot[]> slots_;
  std::atomic<std::uint64_t> told_{0};
};

// "ok", "client_gone" or "error".
std::string_view outcome_of(const Status& status);

}  // namespace sluice::stage
