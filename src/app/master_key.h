// The master key: configured, or made on the first start and kept in the data directory.
//
// Thread rule: the main thread. The file DATA/master_key is readable by its owner only; the key never reaches the log.
#pragma once

#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace sluice::app {

struct MasterKey {
  Secret key;
  enum class Origin { kConfigured, kFound, kMade } origin = Origin::kConfigured;
  std::string file;  // where it is kept; empty when configured
};

// Faults: kInvalidConfig naming the file that cannot be read or written.
Result<MasterKey> master_key(const Secret& configured, const std::string& data_directory);

}  // namespace sluice::app
