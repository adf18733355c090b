#include "provider/choose/expected_cost.h"

namespace sluice::provider {

namespace {

constexpr std::uint64_t kUsualPrompt = 1'000;  // tokens, where nothing is known of it

const Price* price_at(const Deployment& deployment, const Routes::Match& match, const Asking& asking) {
  if (deployment.own_price) return &*deployment.own_price;
  if (deployment.price) return deployment.price;
  // What a wildcard stands for is found by its name.
  return deployment.model.ends_with('*') ? price_of(target_of(deployment, match, asking.model), {}) : nullptr;
}

}  // namespace

std::optional<double> expected_cost(const Deployment& deployment, const Routes::Match& match, const Asking& asking,
                                    WallTime at) {
  const Price* price = price_at(deployment, match, asking);
  if (!price) return std::nullopt;
  const std::uint64_t input = asking.prompt_tokens > 0 ? asking.prompt_tokens : kUsualPrompt;
  const Rates& rates = price->rates_for(input, at);
  const auto& in = rates[Item::kInput];
  const auto& out = rates[Item::kOutput];
  const bool answers = !asking.endpoint || asking.endpoint->operation == dialect::Operation::kChat;
  if (!in || (answers && !out)) return std::nullopt;
  const double read = static_cast<double>(input) * static_cast<double>(in->nanos);
  const double written = answers ? static_cast<double>(input) / 3 * static_cast<double>(out->nanos) : 0;
  return (read + written) / static_cast<double>(unit_of(Item::kInput));
}

}  // namespace sluice::provider
