// An exchange as a row of the ledger.
//
// Never bodies, never secrets; texts that somebody else made up are cut. Thread rule: the exchange's loop.
#pragma once

#include "exchange/exchange.h"
#include "store/row.h"

namespace sluice::stage {

// `status_sent` is the HTTP status the client got or would have got.
store::ExchangeRow row_of(const Exchange& x, const Status& status, int status_sent, std::int64_t duration_us);

}  // namespace sluice::stage
