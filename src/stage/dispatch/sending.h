// Sending what was written for a try, with the credentials of its provider: one signer, or a key of several.
//
// Thread rule: the loop's thread. Ownership: the Try keeps the key it uses.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "exchange/exchange.h"
#include "stage/dispatch/upstream.h"

namespace sluice::stage {

// Faults: what signing or the call says; no_room where no key has room under its limits.
Task<Result<std::unique_ptr<net::Call>>> send(Exchange& x, Try& t, Upstream& upstream);

// Once the try has ended and is settled: gives its key back and tells what became of it.
void finish_key(const Exchange& x, Try& t, const Status& status);

}  // namespace sluice::stage
