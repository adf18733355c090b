// Commands that write into a data directory of a gateway that does not run (--data).
//
// Thread rule: the main thread. Ownership: the File keeps gateways out as long as it is open.
#pragma once

#include <string>
#include <string_view>

#include "base/journal/file.h"

namespace sluice::app {

// Who it is in the audit log that changes something there.
inline constexpr std::string_view kCommandLine = "the command line";

// Makes the directory where it is not there, its owner's alone. Faults: kInvalidConfig: it cannot be made.
Status make_data_directory(const std::string& data);

// The same, then keeps it. Faults: kInvalidConfig, also: a gateway runs on it, which the
// text names; kOverloaded: the disk.
Result<journal::File> hold_data_directory(const std::string& data);

}  // namespace sluice::app
