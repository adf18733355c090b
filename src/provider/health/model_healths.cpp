// check: allow shared-pointers because a model is forgotten while tries at it may be under way
#include "provider/health/model_healths.h"

namespace sluice::provider {

std::shared_ptr<Health> ModelHealths::of(std::string_view model, Instant at) {
  std::scoped_lock lock(mutex_);
  auto found = by_model_.find(model);
  if (found == by_model_.end()) {
    if (by_model_.size() >= most_ && !make_room(at)) return nullptr;
    found = by_model_.try_emplace(std::string(model)).first;
  }
  found->second.asked = ++asked_;
  return found->second.health;
}

// With the mutex held. Nobody else can begin to use an entry meanwhile.
bool ModelHealths::make_room(Instant at) {
  auto oldest = by_model_.end();
  for (auto entry = by_model_.begin(); entry != by_model_.end(); ++entry) {
    const auto& health = entry->second.health;
    const bool is_well = health->breaker.phase() == Breaker::State::kClosed && health->resting(at) == Ms(0);
    if (!is_well || health.use_count() > 1) continue;
    if (oldest == by_model_.end() || entry->second.asked < oldest->second.asked) oldest = entry;
  }
  if (oldest == by_model_.end()) return false;
  by_model_.erase(oldest);
  return true;
}

std::vector<std::pair<std::string, std::shared_ptr<Health>>> ModelHealths::all() const {
  std::scoped_lock lock(mutex_);
  std::vector<std::pair<std::string, std::shared_ptr<Health>>> all;
  all.reserve(by_model_.size());
  for (const auto& [model, entry] : by_model_) all.emplace_back(model, entry.health);
  return all;
}

}  // namespace sluice::provider
