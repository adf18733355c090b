// May a request go to a deployment, and should it?
//
// Thread rule: any thread; reads the deployment's health as it is now.
#pragma once

#include <optional>
#include <string_view>

#include "provider/choose/choose.h"

namespace sluice::provider {

// Why the choice does not count for this request; empty: it does.
std::string_view mismatch(const When& when, const Asking& asking);

// Why it cannot be sent there at all.
std::optional<Excluded> judge(const Deployment& deployment, const Routes::Match& match, const Asking& asking);

// Why it should not be sent there while another one is left, and for how long; kLength: not a matter of time.
struct LastResort {
  Why why = Why::kLength;
  Ms wait{0};
};
// `health`: the deployment's, or that of the one of its models that is asked for.
std::optional<LastResort> last_resort(const Deployment& deployment, const Health& health, const Route& route,
                                      const Asking& asking, Instant at);

}  // namespace sluice::provider
