// Usage as the ledger's rows have it, and back.
//
// Thread rule: pure.
#pragma once

#include "chat/usage.h"
#include "store/row.h"

namespace sluice {

store::UsageRow row_of(const chat::Usage& usage);
store::UsageView view_of(const chat::Usage& usage);  // of constants
chat::Usage usage_of(const store::UsageRow& row);

}  // namespace sluice
