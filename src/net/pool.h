// The kept connections to one origin. Private to net/*.cpp.
//
// Thread rule: the loop's thread. Ownership: the Client; outlives its calls.
#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "net/client.h"
#include "net/http1.h"
#include "net/stream.h"
#include "net/wait.h"

namespace sluice::net {

class Pool;

// One connection to a provider, in use or idle. Counted in its pool from before it connects until it is destroyed.
class Kept {
 public:
  explicit Kept(Pool& pool);
  ~Kept();
  Kept(const Kept&) = delete;
  Kept& operator=(const Kept&) = delete;

  Pool& pool() { return pool_; }

  StreamPtr stream;
  std::size_t served = 0;  // calls before this one

 private:
  friend class Pool;
  Pool& pool_;
  std::unique_ptr<Timer> idle_timer_;
};

using PoolCount = std::atomic<std::size_t>;

// Over all pools of a client; readable from any thread.
struct PoolCounts {
  PoolCount open{0};
  PoolCount idle{0};

  // Only the loop's thread writes: no locked instruction is needed.
  static void add(PoolCount& count, std::size_t more) {
    count.store(count.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
  }
  static void subtract(PoolCount& count, std::size_t fewer) {
    count.store(count.load(std::memory_order_relaxed) - fewer, std::memory_order_relaxed);
  }
};

class Pool {
 public:
  // `authority` is the origin's, as its requests name it.
  Pool(Loop& loop, const ClientLimits& limits, PoolCounts& counts, std::string authority)
      : loop_(loop), limits_(limits), counts_(counts), authority_(std::move(authority)) {}
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  Loop& loop() { return loop_; }
  const std::string& authority() const { return authority_; }

  // A connection that was idle and is whole; null when there is none.
  std::unique_ptr<Kept> take_idle();
  bool unused() const { return open_ == 0 && waiting_.empty() && wakings_ == 0; }
  bool has_room() const { return open_ < limits_.connections_per_origin; }

  // Waits for a connection to come back or go; false when the limit passed or the call was cancelled.
  Task<bool> wait_for_change(Ms limit, Cancel& cancel);

  // Keeps a connection whose answer was read to its end, unless there are enough.
  void give_back(std::unique_ptr<Kept> kept);
  // The same once the answer's end has come, of which nothing is wanted any more; the connection is closed when that
  // takes long.
  void read_rest(std::unique_ptr<Kept> kept, Parser<false> parser);

  void close_idle();
  // Wakes the first that waits. For those who were woken and do not use the chance, too.
  void changed();

 private:
  friend class Kept;
  // An answer of which only the end is waited for.
  struct Rest {
    Rest(Pool& pool, std::unique_ptr<Kept> kept, Parser<false> parser);
    std::unique_ptr<Kept> kept;
    Parser<false> parser;
    std::size_t bytes = 0;
    Timer timer;
  };
  enum class Found { kEnd, kMore, kTrouble };

  void drop(const Kept* kept);
  static Found look_for_end(Rest& rest);
  void go_on(Rest& rest);
  void forget(const Rest& rest);

  Loop& loop_;
  const ClientLimits& limits_;
  PoolCounts& counts_;
  const std::string authority_;
  std::size_t open_ = 0;
  std::vector<std::unique_ptr<Kept>> idle_;  // the most recently used last, and taken first
  std::list<Rest> rests_;
  std::list<Wait*> waiting_;
  std::size_t wakings_ = 0;  // posted and not yet run: they refer to this pool
};

}  // namespace sluice::net
