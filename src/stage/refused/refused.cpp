#include "stage/refused/refused.h"

namespace sluice::stage {

Task<Status> Refused::run(Exchange& x, Sink& out, Next next) {
  auto status = co_await next(x, out);
  if (!status && is_by_policy(status.error())) refusals_.note(x, status.error());
  co_return status;
}

}  // namespace sluice::stage
