// Conversations that left the deployment they belong to, because it could not be used, and where they went: so that
// they stay there, where their prompt is cached by now, when the first one is back.
//
// Conversations that stay where they belong are not kept here: their hash says where that is. A restart forgets moves;
// each conversation then returns once.
//
// Thread rule: any thread; behind a mutex, which is not taken while nothing has moved. Limits: kMost conversations; the
// oldest go.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <unordered_map>

#include "base/clock.h"

namespace sluice::provider {

class Moves {
 public:
  static constexpr std::size_t kMost = 100'000;

  // The id of the choice that it moved to; 0: it did not, or too long ago.
  std::uint64_t find(std::uint64_t session, Instant at) const;
  // It is at this choice from now on, until then.
  void remember(std::uint64_t session, std::uint64_t choice, Instant at, Instant until);

 private:
  struct Move {
    std::uint64_t choice = 0;
    Instant until;
  };

  void make_room(Instant at);

  mutable std::mutex mutex_;
  std::unordered_map<std::uint64_t, Move> moves_;
  std::deque<std::uint64_t> oldest_;  // first; exactly those of moves_
  std::atomic<Instant> last_until_{};
};

}  // namespace sluice::provider
