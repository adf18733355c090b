// Base64 as RFC 4648 has it: with '+' and '/', and for URLs and names with '-' and '_' and no padding. Pure; any
// thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice {

std::string base64url(std::string_view bytes);

// Takes both alphabets, with or without padding; nothing when a character is none of theirs or a byte is cut in two.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace sluice
