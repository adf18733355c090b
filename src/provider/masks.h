// A provider's secrets in what it says: providers repeat the credentials they refuse.
//
// Thread rule: any thread.
#pragma once

#include <string>

#include "base/result.h"
#include "provider/provider.h"

namespace sluice::provider {

// Replaces the credentials in use, and what configured headers hold, by "***". Of headers only what is long enough to
// be a secret, and not what is public by its name (anthropic-version).
void mask(const Provider& provider, std::string& text);
// In all texts of a fault that is the provider's word.
void mask(const Provider& provider, Fault& fault);

}  // namespace sluice::provider
