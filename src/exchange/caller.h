// Who asks: the holder of a key. Built from configuration, never changed; read by all loops.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/text.h"
#include "provider/gate/fair_queue.h"

namespace sluice {

struct Caller {
  enum class Role { kMember, kMaster };

  std::string name;
  std::string team;
  Role role = Role::kMember;
  std::vector<std::string> models;  // globs over public names; empty: all
  std::map<std::string, std::string> tags;
  // Where requests wait for room: whose fair share this one's are of, for people too ("team 'search'"), and how much.
  std::string share;
  std::uint32_t weight = 1;
  provider::Priority priority = provider::Priority::kNormal;

  bool may_use(std::string_view model) const {
    if (models.empty()) return true;
    for (const auto& pattern : models) {
      if (glob_match(pattern, model)) return true;
    }
    return false;
  }
};

}  // namespace sluice
