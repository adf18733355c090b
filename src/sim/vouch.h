// Marks on what a simulator said, by which it knows its own words again without keeping them: the signatures of
// reasoning, and ids of calls that fit their arguments.
//
// Thread rule: pure.
#pragma once

#include <string>
#include <string_view>

namespace sluice::sim {

// A mark on a text; `kind` tells apart what is signed ("anthropic thinking"). Base64, 44 characters.
std::string vouch(std::string_view kind, std::string_view said);

// An id of a call: `prefix` and 24 letters and digits. Two calls of one answer differ by `seed`. `arguments` is JSON
// text; how it is spelled makes no difference.
std::string call_id(std::string_view prefix, std::string_view seed, std::string_view name, std::string_view arguments);

// The id was made by call_id() with this prefix, but for another name or other arguments.
bool is_altered(std::string_view prefix, std::string_view id, std::string_view name, std::string_view arguments);

}  // namespace sluice::sim
