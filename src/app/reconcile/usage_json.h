// Usage files that are answers of the providers' APIs: usage_file.h says which.
//
// Thread rule: pure. Faults: as there.
#pragma once

#include "app/reconcile/usage_file.h"

namespace sluice::app {

// One answer, or several: in a list, or one behind the other as pages were kept.
Result<UsageFile> read_usage_json(std::string_view text, std::optional<UsageFormat> wanted);

}  // namespace sluice::app
