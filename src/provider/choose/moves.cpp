#include "provider/choose/moves.h"

#include <algorithm>

namespace sluice::provider {

std::uint64_t Moves::find(std::uint64_t session, Instant at) const {
  if (last_until_.load(std::memory_order_relaxed) <= at) return 0;
  std::lock_guard lock(mutex_);
  auto found = moves_.find(session);
  return found == moves_.end() || found->second.until <= at ? 0 : found->second.choice;
}

void Moves::remember(std::uint64_t session, std::uint64_t choice, Instant at, Instant until) {
  std::lock_guard lock(mutex_);
  auto [entry, is_new] = moves_.insert_or_assign(session, Move{choice, until});
  if (is_new) oldest_.push_back(session);
  make_room(at);
  last_until_.store(std::max(until, last_until_.load(std::memory_order_relaxed)), std::memory_order_relaxed);
}

void Moves::make_room(Instant at) {
  while (!oldest_.empty()) {
    auto first = moves_.find(oldest_.front());
    if (oldest_.size() <= kMost && first->second.until > at) return;
    moves_.erase(first);
    oldest_.pop_front();
  }
}

}  // namespace sluice::provider
