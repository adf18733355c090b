// What an exchange cost, by what its answers have told so far.
//
// Thread rule: the exchange's loop.
#pragma once

#include <expected>
#include <optional>

#include "base/task.h"
#include "exchange/exchange.h"

namespace sluice {

// What nobody charges for: counting tokens, looking at what is kept, OpenAI's moderations where no price is configured.
bool is_free(const Exchange& x, const provider::Target& target);

// Of one try. Nothing where its provider charges nothing: it was not asked, or refused, with a status or in place of an
// answer; tokens were only counted, or something kept was only looked at. A request that was sent and not waited for
// until its end is charged: the provider works on it all the same.
std::optional<Charge> charge(const Exchange& x, const Try& one);

// Of all tries together; unknown where one of them is.
std::optional<std::expected<Money, provider::Unpriced>> charge(const Exchange& x);

// All of the answer of a try that will be is here; `status` is how it ended. Estimates the usage that its provider did
// not tell, and keeps the charge: from now on it is what charge() says. Only the first call counts.
Task<void> settle(const Exchange& x, Try& one, const Status& status);

}  // namespace sluice
