// Lets in no more requests at once than its limit; a bounded number of others waits for room, fairly and not for long.
//
// Process-wide: requests of all loops pass the same gate. With room free and nobody waiting, coming and going is one
// compare-and-swap each. Otherwise a lock is held for the time of a queue operation, and whoever leaves hands its room
// on by posting to the loop of the one that waits: room that is given is never lost, nor taken by somebody who came
// later.
//
// Thread rule: any thread; enter() on the loop it is given. Ownership: the GateBook; outlives snapshots and their
// rooms.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/cancel.h"
#include "base/metrics.h"
#include "base/result.h"
#include "base/task.h"
#include "net/loop.h"
#include "provider/gate/adaptive_limit.h"
#include "provider/gate/fair_queue.h"

namespace sluice::provider {

class Gate;

struct GateLimits {
  enum class Kind { kFixed, kAdaptive };

  std::uint32_t concurrency = 0;  // at once; of an adaptive one the most, 0: AdaptiveLimit's own
  Kind kind = Kind::kFixed;
  std::uint32_t queue = 100;  // that may wait
  Ms queue_timeout{5'000};    // how long one may wait
};

// What a gate counts while requests pass it.
struct GateSeries {
  Histogram& waited;  // of those that got in after waiting
  Counter& full;
  Counter& timed_out;
  Counter& left;  // cancelled while they waited
};

// Who asks for room.
struct Visitor {
  std::string_view share;  // whose fair share it is of, for people too: "team 'search'"
  std::uint32_t weight = 1;
  Priority priority = Priority::kNormal;
};

// Room for one request, given back when this ends.
class Room {
 public:
  Room(Room&& other) noexcept
      : gate_(std::exchange(other.gate_, nullptr)), since_(other.since_), beside_(other.beside_) {}
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;
  Room& operator=(Room&&) = delete;
  ~Room();

  Instant since() const { return since_; }
  // For a gate that adapts: how long the provider's first byte took, or that it had no room.
  void first_byte_after(std::int64_t microseconds);
  void provider_refused();

 private:
  friend class Gate;
  Room(Gate& gate, Instant since, std::uint32_t beside) : gate_(&gate), since_(since), beside_(beside) {}

  Gate* gate_;
  Instant since_;
  std::uint32_t beside_;  // in use when it was given, itself among them
};

class Gate {
 public:
  Gate(std::string name, GateLimits limits, GateSeries series);
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  // A hint for ordering: one more could enter now without waiting.
  bool has_room() const;
  // Room if there is some and nobody waits for it.
  std::optional<Room> try_enter();
  // Room, at once or after waiting. Faults: kOverloaded, or kRateLimited where the visitor's share already has more
  // than its part of the places (code queue_full or queue_timeout, Retry::kOther, with retry_after); what `cancel`
  // says.
  Task<Result<Room>> enter(net::Loop& loop, Cancel& cancel, Visitor visitor);
  // The fault of one that does not want to wait: kOverloaded, code no_room, Retry::kOther.
  Fault no_room();

  void set_limits(const GateLimits& limits);
  bool adapts() const { return adapts_.load(std::memory_order_relaxed); }

  const std::string& name() const { return name_; }
  std::uint32_t limit() const { return limit_.load(std::memory_order_relaxed); }
  std::uint32_t in_use() const { return in_use(state_.load(std::memory_order_relaxed)); }
  std::uint32_t waiting() const { return waiting(state_.load(std::memory_order_relaxed)); }

 private:
  friend class Room;
  struct Waiter;
  enum class Came { kIn, kQueued, kTurnedAway };

  static constexpr std::uint64_t kOneWaits = std::uint64_t{1} << 32;
  static std::uint32_t in_use(std::uint64_t state) { return static_cast<std::uint32_t>(state); }
  static std::uint32_t waiting(std::uint64_t state) { return static_cast<std::uint32_t>(state >> 32); }

  Came enter_or_queue(Waiter& waiter);
  bool leave_queue(Waiter& waiter);
  void leave(Instant since);
  void learn(std::int64_t microseconds, std::uint32_t beside);
  void learn_refusal();
  // With mutex_ held.
  void hand_out();
  void turn_away(Waiter& waiter, const Waiter& newcomer);
  Ms next_departure(std::size_t ahead) const;
  Ms promise();
  Fault refusal(const Waiter& waiter, std::string_view code, FaultKind kind);
  void set_limit();

  const std::string name_;
  GateSeries series_;

  alignas(64) std::atomic<std::uint64_t> state_{0};  // how many wait, how many are in; changed together
  std::atomic<std::uint32_t> limit_{0};
  std::atomic<std::int64_t> held_us_{0};     // how long room is kept, on average; 0: not known
  std::atomic<Instant> changed_{Instant{}};  // when somebody last came in or left
  std::atomic<bool> adapts_{false};

  std::mutex mutex_;  // of what follows; with it held, `waiting` does not change
  FairQueue queue_;
  GateLimits limits_;
  Instant promised_{};  // when the last one turned away was told to come again
  AdaptiveLimit adaptive_;
};

}  // namespace sluice::provider
