#include "exchange/demand.h"

#include "exchange/with_reader.h"

namespace sluice {

Task<void> read_demand(Exchange& x) {
  if (x.demand) return Task<void>::ready();
  const bool is_json =
      x.endpoint && x.endpoint->form != dialect::BodyForm::kNone && x.asked.boundary.empty() && !x.body.empty();
  return with_reader(x, is_json ? x.body.size() : 0, [&x, is_json](json::Reader&) {
    auto& demand = x.demand.emplace(is_json ? dialect::read_demand(x.body) : dialect::Demand());
    x.server->read_terms(x.request.head().headers, demand.terms);
    if (!x.asked.kept.empty()) demand.has_window_only = true;
  });
}

}  // namespace sluice
