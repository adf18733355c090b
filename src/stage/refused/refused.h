// Notes what the stages below refuse by policy, for the audit log.
//
// Thread rule: immutable; the refusals guard themselves and outlive it.
#pragma once

#include "exchange/stage.h"
#include "stage/refused/refusals.h"

namespace sluice::stage {

class Refused final : public Stage {
 public:
  explicit Refused(Refusals& refusals) : refusals_(refusals) {}
  Task<Status> run(Exchange& x, Sink& out, Next next) override;

 private:
  Refusals& refusals_;
};

}  // namespace sluice::stage
