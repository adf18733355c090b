#include "stage/route/owners.h"

namespace sluice::stage {

void Owners::remember(std::string_view id, std::string_view provider) {
  if (id.empty() || id.size() > kLongestId) return;
  std::lock_guard lock(mutex_);
  auto [entry, is_new] = owners_.insert_or_assign(std::string(id), std::string(provider));
  if (!is_new) return;
  ids_.push_back(entry->first);
  if (ids_.size() <= kMost) return;
  owners_.erase(ids_.front());
  ids_.pop_front();
}

std::string Owners::find(std::string_view id) const {
  std::lock_guard lock(mutex_);
  auto found = owners_.find(std::string(id));
  return found == owners_.end() ? std::string() : found->second;
}

}  // namespace sluice::stage
