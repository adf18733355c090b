// An exchange as a row of the ledger, in the form in which the journal has it (store/record.h).
//
// Never bodies, never secrets; texts that somebody else made up are cut. Thread rule: the exchange's loop.
#pragma once

#include <string>

#include "exchange/exchange.h"

namespace sluice::stage {

// `status_sent` is the HTTP status the client got or would have got.
void append_row(const Exchange& x, const Status& status, int status_sent, std::int64_t duration_us, std::string& out);

}  // namespace sluice::stage
