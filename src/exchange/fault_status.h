// The HTTP status of each fault: the one place where it is decided. Pure; any thread.
#pragma once

#include "base/result.h"

namespace sluice {

// A provider's own error status is kept, but for those about our credentials and redirects, which are a 502 to the
// client. What it reports inside of a success has the status that it would have had.
int http_status(const Fault& fault);

}  // namespace sluice
