// Which deployments of a route a request goes to, in which order, and which ones it may not go to and why.
//
// The order is whole: the first choice of each group's strategy, then the others as fallbacks. In a group, choices
// whose condition holds go before those without one; a choice drawn by its percentage goes first, one not drawn last.
// Behind all of them, as last resorts, stand deployments that are expected to fail: their breaker is open, they asked
// to be left alone, or the prompt seems longer than their window. What cannot serve the request is left out.
//
// Thread rule: any thread. Reads the health of deployments as it is now and draws from a generator of the thread; what
// it changes are asking.moves (a mutex) alone.
#pragma once

#include <vector>

#include "base/clock.h"
#include "provider/choose/asking.h"
#include "provider/provider.h"

namespace sluice::provider {

// Why a deployment was left out, or put behind the others.
enum class Why : std::uint8_t {
  kCondition,   // of its choice
  kEndpoint,    // its provider has no such endpoint, and no form for what is asked
  kCapability,  // the configuration says that it cannot
  kResidency,
  kDrained,  // by an administrator
  kSpent,    // its budget, or its provider's
  // Last resorts from here on: they stay in the order.
  kDoubtful,  // the catalogue says that it cannot
  kLength,    // the prompt seems longer than its window
  kResting,   // it asked to be left alone
  kBreaker,
};

struct Excluded {
  const Deployment* deployment = nullptr;
  Why why = Why::kCondition;
  std::string_view reason;   // a constant that ends the sentence "it was left out: …"
  dialect::Needs lacking{};  // kCapability
};

struct Chosen {
  std::vector<Target> order;
  std::vector<Excluded> excluded;  // last resorts too, each deployment once
};

Chosen choose(const Routes::Match& match, const Asking& asking, Instant at);

// What the client is told when the order is empty. Kinds: kInvalidRequest (unsupported_capability,
// unsupported_endpoint, no_matching_deployment), kForbidden (residency), kOverloaded (drained,
// spend_cap).
// A conversation was served by this deployment, which is not the first of the order: where a sticky group is on the way
// to it, it stays there.
void keep_served(const Routes::Match& match, const Asking& asking, const Deployment& served, Instant at);

Fault nothing_left(const Routes::Match& match, const Asking& asking, const Chosen& chosen);

// Whether read_prompt() has to be asked before choose() for this route or one it falls back to, for a body of so many
// bytes.
bool reads_prompt(const Route& route, std::uint64_t body_bytes);

}  // namespace sluice::provider
