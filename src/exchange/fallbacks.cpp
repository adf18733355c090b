#include "exchange/fallbacks.h"

#include <algorithm>
#include <iterator>

#include "exchange/required_tags.h"
#include "provider/choose/choose.h"

namespace sluice {

namespace {

// Why the request may not go to this model, as of a deployment that is left out; empty: it may.
std::string_view bar_to(const Exchange& x, const provider::Route& model) {
  if (x.caller && !x.caller->may_use(model.name)) return "the key may not use its model";
  const bool refuses = model.untagged == provider::Untagged::kRefuse && !missing_tags(x, model).empty();
  return refuses ? "the request lacks a tag that its model requires" : "";
}

}  // namespace

std::size_t add_fallbacks(Exchange& x, const std::vector<const provider::Route*>& routes) {
  if (routes.empty() || x.fell_back || !x.asked.kept.empty()) return 0;
  x.fell_back = true;
  const auto before = x.candidates.size();
  for (const auto* other : routes) {
    if (const auto bar = bar_to(x, *other); !bar.empty()) {
      for (const auto& deployment : other->deployments)
        x.excluded.push_back({.deployment = deployment.get(), .reason = bar});
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
