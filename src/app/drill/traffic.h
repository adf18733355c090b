// The steady traffic of a drill: chat requests at a fixed rate, every other one streamed, and the fault in its middle
// third.
//
// Thread rule: the loop's thread. Ownership: lives until run() has returned; everything it was given outlives it.
#pragma once

#include "app/drill/sample.h"
#include "app/remote/remote.h"

namespace sluice::app {

class DrillTraffic {
 public:
  DrillTraffic(RemoteLoop& loop, const Remote& gateway, const DrillPlan& plan)
      : loop_(loop), gateway_(gateway), plan_(plan) {}
  DrillTraffic(const DrillTraffic&) = delete;
  DrillTraffic& operator=(const DrillTraffic&) = delete;

  // Returns once every request has ended. Fault: the gateway did not take the fault; nothing was measured then.
  Task<Status> run();
  const std::vector<DrillSample>& samples() const { return samples_; }

 private:
  Task<Status> change(DrillPhase to);  // at the border of two phases
  Task<void> send(DrillPhase phase, std::size_t number);
  Task<void> exchange(DrillSample& sample, Cancel& cancel);
  Task<void> until(Instant time);

  RemoteLoop& loop_;
  const Remote& gateway_;
  const DrillPlan& plan_;
  Cancel never_;
  TaskGroup requests_;
  std::vector<DrillSample> samples_;
};

}  // namespace sluice::app
