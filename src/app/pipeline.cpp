#include "app/snapshot.h"

namespace sluice::app {

// The order in which a request passes the stages, from the outside to the inside. Each stage awaits the ones below it,
// so what one takes it gives back when they have ended.
void Snapshot::order_stages() {
  calls = {
      &record_,        // counted and logged, whatever happens below
      &refused_,       // what is refused by policy goes to the audit log
      &overload_,      // no more at once than the process is to serve            503
      &authenticate_,  // key → caller; where, when and what for it is good       401 403
      &receive_,       // body; model and stream                                  400 408 413
      &identify_,      // tags                                                    400
      &route_,         // model → deployments this caller may use                 403 404
      &limit_,         // rates of the caller, all together or none           429
      &attempt_,       // retry, fallback, until something was sent out
      &admit_,         // room at the deployment, or a place in its queue         429 503
      &*budget_,       // money for what the try may cost                     429 403
      &dispatch_,      // write the body; sign; pass the answer back
  };
  if (config_.drills) calls.insert(calls.end() - 1, &inject_);  // faults on purpose, where an answer would come from
  models = {&record_, &refused_, &authenticate_, &models_};
  metrics = config_.metrics_open ? Pipeline{&record_, &metrics_page_}
                                 : Pipeline{&record_, &refused_, &authenticate_overseer_, &metrics_page_};
  admin = {&record_, &refused_, &admin_place_, &authenticate_staff_, &admin_};
}

}  // namespace sluice::app
