// One request of our own that finds out whether a provider or a deployment answers: of a path, which costs nothing, or
// the smallest chat that its API takes.
//
// It is no client's: no exchange, no row of the ledger, no series of requests. It passes the gates and takes a key like
// any other try, and is not sent where there is no room: what is busy answers.
//
// Thread rule: the loop's thread. Lifetime: what it is given outlives it.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "json/fwd.h"
#include "provider/catalogue/cost.h"
#include "provider/provider.h"

namespace sluice::provider {

// What is probed. Without a deployment: the provider, by a path.
struct Probed {
  const Provider* provider = nullptr;
  const Deployment* deployment = nullptr;
  const ProbePlan* plan = nullptr;

  std::string_view name() const { return deployment ? deployment->name : provider->name; }
};

struct ProbeResult {
  enum class Outcome : std::uint8_t {
    kGood,
    kFailed,
    kUnclear,  // an answer that says nothing of whether it is well: 404, 429
    kSkipped,  // it was not sent: no room, or it was ended
  };
  Outcome outcome = Outcome::kSkipped;
  int status = 0;                                     // 0: no answer came
  std::string why;                                    // where it is not good; without secrets
  std::optional<std::expected<Cost, Unpriced>> cost;  // nothing: it costs nothing
};
constexpr std::string_view name(ProbeResult::Outcome outcome) {
  constexpr std::string_view kNames[] = {"ok", "failed", "unclear", "skipped"};
  return kNames[static_cast<std::size_t>(outcome)];
}

Task<ProbeResult> probe(const Probed& probed, SignTools tools, json::Reader& reader);

}  // namespace sluice::provider
