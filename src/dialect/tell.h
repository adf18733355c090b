// A provider's words as they may be told to a client and to the log. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace sluice::dialect {

// Key-like words (sk-…, Bearer …, long tokens after "key") replaced by "***": providers echo keys in messages.
std::string mask_secrets(std::string_view text);

// Secrets masked, on one line, valid UTF-8, at most `limit` bytes and a few.
std::string tellable(std::string_view text, std::size_t limit = 2000);

}  // namespace sluice::dialect
