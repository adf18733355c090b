// What a key says of its holder under the names of tags: no request says otherwise, nor do tags of the key or its team.
//
// Thread rule: pure.
#pragma once

#include <array>
#include <string_view>

#include "exchange/caller.h"
#include "quota/rows.h"

namespace sluice {

inline constexpr std::array<std::string_view, 2> kHolderTags = {quota::kTeamTag, quota::kUserTag};

// The key's team or user; empty: it has none, or the tag is another one.
inline std::string_view fixed_tag(const Caller& caller, std::string_view tag) {
  if (tag == kHolderTags[0]) return caller.team;
  return tag == kHolderTags[1] ? std::string_view(caller.user) : std::string_view();
}

}  // namespace sluice
