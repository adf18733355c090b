#include "exchange/demand.h"

#include "dialect/prompt.h"
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

std::uint64_t estimated_tokens(const Exchange& x) {
  constexpr std::uint64_t kTokensOfImage = 1'000;  // an estimate, not a bound
  if (!x.demand || !x.demand->readable) return dialect::estimated_tokens(x.body.size());
  const auto& demand = *x.demand;
  return dialect::estimated_tokens(demand.text_bytes) + demand.images * kTokensOfImage +
         demand.max_output.value_or(0) * demand.answers;
}

}  // namespace sluice
