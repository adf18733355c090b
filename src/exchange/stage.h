// One step of the pipeline: does its work, awaits the rest of it, finishes. What it took before it gives back after, in
// the same function, whatever happened below; cancellation is an ordinary return.
//
// Thread rule: a stage serves many exchanges on all loops at once: it holds no state of one. Ownership: the Snapshot.
#pragma once

#include <memory>
#include <span>

#include "base/result.h"
#include "base/task.h"
#include "exchange/exchange.h"
#include "exchange/sink.h"

namespace sluice {

class Next;

class Stage {
 public:
  virtual ~Stage() = default;
  // Success means that a whole answer was pushed to `out`.
  virtual Task<Status> run(Exchange& x, Sink& out, Next next) = 0;
};

using Pipeline = std::vector<Stage*>;

// For a stage that ends before the stages below, where it is no coroutine itself: what a coroutine keeps for the time
// of a stream is memory.
inline Task<Status> end_with(Status status) {
  co_return status;
}

// The stages below. Calling it more than once is how a request is tried again.
class Next {
 public:
  explicit Next(std::span<Stage* const> rest, Try* tried = nullptr) : rest_(rest), tried_(tried) {}
  Task<Status> operator()(Exchange& x, Sink& out) const {
    return rest_.front()->run(x, out, Next(rest_.subspan(1), tried_));
  }

  // The same for one of the exchange's tries; several may be under way at once.
  Next of(Try& tried) const { return Next(rest_, &tried); }
  // Whose the stages below `attempt` are; null above it.
  Try* tried() const { return tried_; }

 private:
  std::span<Stage* const> rest_;
  Try* tried_;
};

}  // namespace sluice
