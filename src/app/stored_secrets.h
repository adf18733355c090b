// ${secret:NAME} of the configuration: texts that are kept sealed in the data directory, and the key they are sealed
// with.
//
// The key comes from the environment, for the configuration cannot be read without it: SLUICE_SECRETS_KEY is its text,
// or SLUICE_SECRETS_KEY_FILE names a file with it. It is never kept beside what it opens. Thread rule: waits for the
// disk.
#pragma once

#include <optional>
#include <string>

#include "app/config.h"
#include "base/result.h"
#include "base/sealer.h"

namespace sluice::app {

inline constexpr std::size_t kShortestSecretsKey = 32;  // characters: what 16 random bytes have in hex

// Nothing: there is no key. Faults: kInvalidConfig: both are set, a file that cannot be read, a key that is too short.
Result<std::optional<Sealer>> secrets_sealer(const Environment& environment);

// For one reading of a configuration: the database is opened when the first secret is asked for.
SecretSource stored_secrets(const std::string& data_directory, const Environment& environment);

}  // namespace sluice::app
