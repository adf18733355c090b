// The status that a client is sent for a fault: that of fault_status.h, as the client's API spells it. The one who
// answers and the one who writes it down ask here alike.
//
// Thread rule: pure.
#pragma once

#include "base/result.h"
#include "dialect/dialect.h"

namespace sluice {

// A provider's own status, but in the words of another API: there 529 is 503, and 424 a plain 500.
int status_in_words_of(const Fault& fault, const dialect::Server& server);
// With what the API itself spells another way: 402 for money that is spent, 529 for too much at once.
int sent_status(const Fault& fault, const dialect::Server& server);

}  // namespace sluice
