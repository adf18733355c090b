// The tags of a request, collected from where people already put them.
//
// The first who gives a tag wins: the key, then x-sluice-* fields, then those of other gateways, the body, W3C baggage.
// What the caller says in x-sluice-* fields is taken at its word or refused; what is meant for others and does not fit
// is left out.
//
// Thread rule: pure. Sources: LiteLLM, Portkey, Cloudflare, Helicone and Bifrost name their fields in their
// documentation; W3C Baggage.
#pragma once

#include <string_view>

#include "base/result.h"
#include "exchange/exchange.h"

namespace sluice::stage {

// Ordered by name. Faults: kInvalidRequest, with the field in param.
Result<store::Tags> tags_of(const Exchange& x);

}  // namespace sluice::stage
