#include "stage/route/owners.h"

#include <utility>

namespace sluice::stage {

Maker maker_of(const store::ExchangeRow& row) {
  return {row.key, row.team, row.provider, row.arrived_us};
}

void Owners::remember(std::string_view id, Maker maker) {
  if (id.empty() || id.size() > kLongestId) return;
  std::lock_guard lock(mutex_);
  auto [entry, is_new] = makers_.insert_or_assign(std::string(id), std::move(maker));
  if (!is_new) return;
  ids_.push_back(entry->first);
  if (ids_.size() <= kMost) return;
  makers_.erase(ids_.front());
  ids_.pop_front();
}

std::optional<Maker> Owners::find(std::string_view id) const {
  std::lock_guard lock(mutex_);
  auto found = makers_.find(std::string(id));
  return found == makers_.end() ? std::nullopt : std::optional(found->second);
}

Result<std::optional<Maker>> Owners::look_up(std::string_view id) const {
  if (id.empty() || id.size() > kLongestId) return std::nullopt;
  auto row = ledger_.find_kept(id);
  if (!row) return fail_from(row);
  if (!*row) return std::nullopt;
  return maker_of(**row);
}

void Owners::tell_use(std::string_view id, Use use) {
  if (id.empty() || id.size() > kLongestId) return;
  std::lock_guard lock(mutex_);
  if (uses_.size() < kMostUses) uses_.insert_or_assign(std::string(id), std::move(use));
}

Owners::Uses Owners::take_uses() {
  std::lock_guard lock(mutex_);
  return std::exchange(uses_, {});
}

bool is_own(const Caller& caller, const Maker& maker) {
  if (caller.role == Caller::Role::kMaster) return true;
  if (!maker.team.empty()) {
    const auto created_us = caller.its_team ? caller.its_team->created_us : 0;
    return caller.team == maker.team && created_us <= maker.at_us;
  }
  return caller.name == maker.key && caller.created_us <= maker.at_us;
}

}  // namespace sluice::stage
