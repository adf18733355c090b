// Tries the candidates until one answers: fallback, retry and hedge, until something was sent out.
//
// What follows a failure is the route's policy (provider/failure.h); which candidate is next is in course.h. One
// deadline spans all tries. The first events of an answer are held back until one of them is content, so that a
// provider that fails before it said anything is replaced without the client noticing.
//
// Thread rule: shared by all loops; what it keeps are budgets of atomics. Ownership: the Snapshot; the budget outlives
// it.
#pragma once

#include "base/retry_budget.h"
#include "exchange/stage.h"

namespace sluice::stage {

class Attempt final : public Stage {
 public:
  // `budget`: for further tries at the same deployments, so that retries never become the outage.
  explicit Attempt(RetryBudget& budget) : budget_(budget) {}
  Task<Status> run(Exchange& x, Sink& out, Next next) override;

 private:
  RetryBudget& budget_;
};

}  // namespace sluice::stage
