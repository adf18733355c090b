// Thought signatures: what this simulator signs, and whether a signature that came back is one of its own for exactly
// what it stands on.
//
// A signature is 64 bytes in base64: a mark on what was said together with the thoughts behind it, and a mark on the
// thoughts alone. So a client that leaves the thoughts out (it may) is believed, and one that changed them is not.
//
// Thread rule: pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice::sim {

// What carries a signature: a call, a text together with its signature, or an empty text part behind the whole text.
enum class Signed { kCall, kText, kEmptyText };

// `said` is the text, or what said_by_call() makes.
std::string sign_thought(Signed what, std::string_view said, std::string_view thoughts);

// `thoughts` are those that came back with it; nothing: there are none.
bool vouches(std::string_view signature, Signed what, std::string_view said,
             const std::optional<std::string>& thoughts);

// `arguments` is JSON text; how it is spelled makes no difference.
std::string said_by_call(std::string_view name, std::string_view arguments);

// One of the two words Google documents for calls that another model made: they switch the check off.
bool skips_validation(std::string_view signature);

}  // namespace sluice::sim
