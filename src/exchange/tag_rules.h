// What tags may be, whoever gives them: callers, their keys and teams.
//
// Thread rule: pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace sluice {

inline constexpr std::size_t kMostTags = 32;  // of a request
// Of a key, and of its team: they are tags of all its requests, and leave room for those that these bring.
inline constexpr std::size_t kMostFixedTags = 12;
inline constexpr std::size_t kLongestTagName = 64;
inline constexpr std::size_t kLongestTagValue = 256;
inline constexpr std::string_view kTagNameCharacters = "A-Z a-z 0-9 _ - . / :";

// Names the tags that a request lacks, where its route marks it: the gateway's word, no caller's.
inline constexpr std::string_view kUntagged = "untagged";

bool is_tag_name(std::string_view name);
bool is_tag_value(std::string_view value);

}  // namespace sluice
