// The server's secret with which the keys of callers are hashed: made on the first start and kept in the data
// directory.
//
// Without it no key that was made before is known any more. Thread rule: the main thread. The file DATA/key_secret is
// readable by its owner only; the secret never reaches the log.
#pragma once

#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace sluice::app {

// The directory is there. Faults: kInvalidConfig naming the file that cannot be read or written, that others may read,
// or that holds something else.
Result<Secret> key_secret(const std::string& data_directory);

}  // namespace sluice::app
