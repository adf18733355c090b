// Who is next: a queue with priorities, and within each of them fair shares by weight.
//
// A higher priority goes first, always. Within one, each share (a team, or a key without one) gets room in proportion
// to its weight however many of its requests wait, and those of one share go in the order they came. Source: Golestani,
// "A Self-Clocked Fair Queueing Scheme", 1994.
//
// Thread rule: one at a time, the owner locks. Ownership: entries belong to those that wait, and leave before they end.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace sluice::provider {

enum class Priority : std::uint8_t { kHigh, kNormal, kLow };
std::optional<Priority> find_priority(std::string_view name);  // "high", "normal", "low"

class FairQueue {
  struct Flow;

 public:
  struct Entry {
    std::string share;
    std::uint32_t weight = 1;  // of the share; at least 1
    Priority priority = Priority::kNormal;

   private:
    friend class FairQueue;
    Flow* flow = nullptr;  // null: it is not in the queue
    Entry* next = nullptr;
    Entry* previous = nullptr;
  };

  FairQueue() = default;
  FairQueue(const FairQueue&) = delete;
  FairQueue& operator=(const FairQueue&) = delete;

  std::size_t size() const { return size_; }
  static bool holds(const Entry& entry) { return entry.flow != nullptr; }

  void push(Entry& entry);
  Entry* pop();  // the next one; null: nobody waits
  void remove(Entry& entry);

  // Who gives way to a newcomer when there is no place left: one of a lower priority, else the newest of a share that
  // has more places for its weight than the newcomer's would have. Null: the newcomer itself has to go.
  Entry* least_entitled(const Entry& newcomer);
  // Whether its share has more than its part of the places of its priority, and others wait there too. For one that is
  // not in the queue: whether it would have.
  bool is_above_share(const Entry& entry) const;

 private:
  using Turn = std::pair<std::uint64_t, std::uint64_t>;  // virtual time; the order among those of the same
  // What waits of one share; at least one does.
  struct Flow {
    std::uint32_t weight = 1;
    Turn turn;
    std::size_t count = 0;
    Entry* first = nullptr;
    Entry* last = nullptr;
  };
  struct Level {
    std::uint64_t time = 0;  // the turn served last
    std::uint64_t turns_taken = 0;
    std::size_t count = 0;
    std::uint64_t weights = 0;  // of all flows
    std::unordered_map<std::string, Flow> flows;
    std::map<Turn, Flow*> turns;
  };

  static constexpr std::size_t kLevels = 3;

  Level& level_of(const Entry& entry) { return levels_[static_cast<std::size_t>(entry.priority)]; }
  const Level& level_of(const Entry& entry) const { return levels_[static_cast<std::size_t>(entry.priority)]; }
  static void take_turn(Level& level, Flow& flow);
  static Flow* heaviest(const Level& level);
  void unlink(Level& level, Entry& entry);

  Level levels_[kLevels];
  std::size_t size_ = 0;
};

}  // namespace sluice::provider
