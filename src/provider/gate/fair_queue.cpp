#include "provider/gate/fair_queue.h"

#include <algorithm>
#include <utility>

namespace sluice::provider {

namespace {

constexpr std::uint64_t kStride = 1 << 20;  // a turn of weight 1, in virtual time

// Whether `a` places for weight `wa` are more than `b` for `wb`.
bool weighs_more(std::uint64_t a, std::uint64_t wa, std::uint64_t b, std::uint64_t wb) {
  return a * wb > b * wa;
}

}  // namespace

std::optional<Priority> find_priority(std::string_view name) {
  if (name == "high") return Priority::kHigh;
  if (name == "normal") return Priority::kNormal;
  if (name == "low") return Priority::kLow;
  return std::nullopt;
}

// A turn is 1/weight behind the share's last one, or behind the one served last when it did not wait.
void FairQueue::take_turn(Level& level, Flow& flow) {
  flow.turn = {level.time + std::max<std::uint64_t>(kStride / flow.weight, 1), ++level.turns_taken};
  level.turns.emplace(flow.turn, &flow);
}

void FairQueue::push(Entry& entry) {
  Level& level = level_of(entry);
  Flow& flow = level.flows[entry.share];
  if (flow.count == 0) {
    flow.weight = std::max(entry.weight, 1U);
    level.weights += flow.weight;
    take_turn(level, flow);
  }
  entry.flow = &flow;
  entry.next = nullptr;
  entry.previous = std::exchange(flow.last, &entry);
  (entry.previous ? entry.previous->next : flow.first) = &entry;
  ++flow.count;
  ++level.count;
  ++size_;
}

FairQueue::Entry* FairQueue::pop() {
  for (Level& level : levels_) {
    if (level.turns.empty()) continue;
    Flow& flow = *level.turns.begin()->second;
    Entry* entry = flow.first;
    level.time = flow.turn.first;
    level.turns.erase(level.turns.begin());
    if (flow.count > 1) take_turn(level, flow);
    unlink(level, *entry);
    return entry;
  }
  return nullptr;
}

void FairQueue::remove(Entry& entry) {
  Level& level = level_of(entry);
  if (entry.flow->count == 1) level.turns.erase(entry.flow->turn);
  unlink(level, entry);
}

// Takes the entry out of its flow, whose turns are in order already. A flow that does not wait has no turn before the
// one served last, so nothing need be remembered of it.
void FairQueue::unlink(Level& level, Entry& entry) {
  Flow& flow = *entry.flow;
  (entry.previous ? entry.previous->next : flow.first) = entry.next;
  (entry.next ? entry.next->previous : flow.last) = entry.previous;
  entry.flow = nullptr;
  --level.count;
  --size_;
  if (--flow.count > 0) return;
  level.weights -= flow.weight;
  level.flows.erase(entry.share);
}

FairQueue::Flow* FairQueue::heaviest(const Level& level) {
  Flow* most = nullptr;
  for (const auto& [turn, flow] : level.turns) {
    if (!most || weighs_more(flow->count, flow->weight, most->count, most->weight)) most = flow;
  }
  return most;
}

FairQueue::Entry* FairQueue::least_entitled(const Entry& newcomer) {
  for (std::size_t i = kLevels; i-- > 0;) {
    Level& level = levels_[i];
    if (level.count == 0) continue;
    auto own = static_cast<std::size_t>(newcomer.priority);
    if (own > i) return nullptr;
    Flow* most = heaviest(level);
    if (own < i) return most->last;
    auto found = level.flows.find(newcomer.share);
    std::size_t places = 1 + (found == level.flows.end() ? 0 : found->second.count);
    bool gives_way = weighs_more(most->count, most->weight, places, std::max(newcomer.weight, 1U));
    return gives_way ? most->last : nullptr;
  }
  return nullptr;
}

bool FairQueue::is_above_share(const Entry& entry) const {
  const Level& level = level_of(entry);
  auto found = level.flows.find(entry.share);
  if (found == level.flows.end() || found->second.count == 0 || level.turns.size() < 2) return false;
  std::size_t newcomer = holds(entry) ? 0 : 1;
  const Flow& flow = found->second;
  return weighs_more(flow.count + newcomer, flow.weight, level.count + newcomer, level.weights);
}

}  // namespace sluice::provider
