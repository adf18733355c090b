#include "stage/route/owners.h"

namespace sluice::stage {

void Owners::remember(std::string_view id, store::Maker maker) {
  if (id.empty() || id.size() > kLongestId) return;
  std::lock_guard lock(mutex_);
  auto [entry, is_new] = makers_.insert_or_assign(std::string(id), std::move(maker));
  if (!is_new) return;
  ids_.push_back(entry->first);
  if (ids_.size() <= kMost) return;
  makers_.erase(ids_.front());
  ids_.pop_front();
}

std::optional<store::Maker> Owners::find(std::string_view id) const {
  std::lock_guard lock(mutex_);
  auto found = makers_.find(std::string(id));
  return found == makers_.end() ? std::nullopt : std::optional(found->second);
}

Result<std::optional<store::Maker>> Owners::look_up(std::string_view id) const {
  if (id.empty() || id.size() > kLongestId) return std::nullopt;
  return ledger_.maker_of(id);
}

bool is_own(const Caller& caller, const store::Maker& maker) {
  if (caller.role == Caller::Role::kMaster) return true;
  return maker.team.empty() ? caller.name == maker.key : caller.team == maker.team;
}

}  // namespace sluice::stage
