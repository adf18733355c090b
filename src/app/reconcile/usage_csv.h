// Usage files that are CSV: usage_file.h says which.
//
// Thread rule: pure. Faults: as there.
#pragma once

#include "app/reconcile/usage_file.h"

namespace sluice::app {

Result<UsageFile> read_usage_csv(std::string_view text, std::optional<UsageFormat> wanted);

}  // namespace sluice::app
