#include "exchange/fallbacks.h"

#include <algorithm>
#include <iterator>

#include "provider/choose/choose.h"

namespace sluice {

std::size_t add_fallbacks(Exchange& x, const std::vector<const provider::Route*>& routes) {
  if (routes.empty() || x.fell_back || !x.asked.kept.empty()) return 0;
  x.fell_back = true;
  const auto before = x.candidates.size();
  for (const auto* other : routes) {
    if (x.caller && !x.caller->may_use(other->name)) {
      for (const auto& deployment : other->deployments)
        x.excluded.push_back({.deployment = deployment.get(), .reason = "the key may not use its model"});
      continue;
    }
    auto chosen = provider::choose({other, {}}, x.asking, now());
    for (auto& target : chosen.order) target.fallback = other;
    std::ranges::move(chosen.order, std::back_inserter(x.candidates));
    std::ranges::move(chosen.excluded, std::back_inserter(x.excluded));
  }
  return x.candidates.size() - before;
}

}  // namespace sluice
