#include "exchange/demand.h"

#include "json/fwd.h"

namespace sluice {

Task<void> read_demand(Exchange& x) {
  if (x.demand) co_return;
  dialect::Demand demand;
  const bool is_json =
      x.endpoint && x.endpoint->form != dialect::BodyForm::kNone && x.asked.boundary.empty() && !x.body.empty();
  if (is_json && x.body.size() <= json::kLoopLimit) {
    demand = dialect::read_demand(x.body);
  } else if (is_json) {
    co_await net::offload(x.tools.loop, x.tools.workers, [&] { demand = dialect::read_demand(x.body); });
  }
  if (!x.asked.kept.empty()) demand.has_window_only = true;
  x.demand = std::move(demand);
}

}  // namespace sluice
