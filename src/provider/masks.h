// A provider's secrets in what it says: providers repeat the credentials they refuse.
//
// Thread rule: any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "provider/provider.h"

namespace sluice::provider {

// Replaces the credentials in use, and what configured headers hold, by "***". Only what is long enough to be a secret,
// and of headers not what is public by its name (anthropic-version).
void mask(const Provider& provider, std::string& text);
// The same, and what looks like a key of anybody.
std::string without_secrets(const Provider& provider, std::string_view said);
// What an error answer means, without secrets. They are no part of what it is judged by either: that is what came.
Fault read_error(const Provider& provider, const dialect::Client& client, const http::ResponseHead& head,
                 std::string_view body, WallTime now);
// In all texts of a fault that is the provider's word.
void mask(const Provider& provider, Fault& fault);

}  // namespace sluice::provider
