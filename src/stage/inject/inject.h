// Makes deployments seem to fail, for drills: only in the pipeline where the configuration allows it.
//
// It stands where the provider's answer would come from, so that all above it (retries, fallbacks, breakers, hedges)
// meets an injected fault as they meet a real one. Thread rule: stateless; the Injections outlive it.
#pragma once

#include "exchange/stage.h"
#include "stage/inject/injections.h"

namespace sluice::stage {

class Inject final : public Stage {
 public:
  explicit Inject(Injections& injections) : injections_(injections) {}
  Task<Status> run(Exchange& x, Sink& out, Next next) override;

 private:
  Injections& injections_;
};

}  // namespace sluice::stage
