#include "exchange/charge.h"

namespace sluice {

namespace {

bool is_charged(const Exchange& x, const Try& one) {
  if (one.provider_status < 200 || one.provider_status > 299) return false;
  const bool told = one.learned.usage.source != chat::UsageSource::kNone;
  const bool used = x.current == &one && x.first_content;
  if (one.fault && !told && !used) return false;
  if (!x.endpoint) return !http::is_idempotent(x.request.head().method);
  return !x.endpoint->asks_no_model && x.endpoint->operation != dialect::Operation::kCountTokens;
}

}  // namespace

std::optional<Charge> charge(const Exchange& x, const Try& one) {
  if (!is_charged(x, one)) return std::nullopt;
  const auto* price = provider::price_of(one.target, one.learned.model);
  const WallTime arrived = wall_now() - std::chrono::duration_cast<WallTime::duration>(now() - x.arrived);
  return provider::cost_of(price, one.learned.usage, provider::terms_of(one.learned, arrived));
}

std::optional<std::expected<Money, provider::Unpriced>> charge(const Exchange& x) {
  std::optional<std::expected<Money, provider::Unpriced>> sum;
  for (const Try& one : x.tries) {
    const auto charged = charge(x, one);
    if (!charged) continue;
    if (!*charged) return std::unexpected(charged->error());
    if (!sum) sum = Money{};
    (*sum)->nanos += (*charged)->total.nanos;
  }
  return sum;
}

}  // namespace sluice
