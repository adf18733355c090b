#include "stage/overload/overload.h"

#include <fmt/format.h>

namespace sluice::stage {

namespace {

Task<Status> serve(Exchange& x, Sink& out, Next next, provider::Gate& gate) {
  auto room = gate.try_enter();
  if (room) co_return co_await next(x, out);
  auto status = co_await gate.enter(x.tools.loop, x.cancel, {});
  if (status) co_return co_await next(x, out);
  auto& fault = status.error();
  if (fault.kind == FaultKind::kOverloaded) {
    fault.told = fmt::format("This gateway serves {} requests, as many as limits.in_flight allows.", gate.limit());
    fault.code = "overloaded";
    fault.retry = Retry::kNo;
  }
  co_return fail_from(status);
}

}  // namespace

Task<Status> Overload::run(Exchange& x, Sink& out, Next next) {
  return gate_ ? serve(x, out, next, *gate_) : next(x, out);
}

}  // namespace sluice::stage
