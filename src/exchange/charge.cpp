#include "exchange/charge.h"

#include "chat/estimate.h"
#include "dialect/prompt.h"
#include "exchange/with_reader.h"
#include "json/text.h"
#include "net/loop.h"

namespace sluice {

namespace {

enum class End : std::uint8_t { kServed, kBroken, kRefused };

End end_of(const std::optional<FaultKind>& fault) {
  if (!fault) return End::kServed;
  return *fault == FaultKind::kProviderError ? End::kRefused : End::kBroken;
}

// Whether the provider has worked on it, as far as can be known.
bool has_worked(const Exchange& x, const Try& one, End end) {
  if (one.provider_status == 0) return end == End::kBroken && one.sent;
  if (one.provider_status < 200 || one.provider_status > 299) return false;
  const bool told = one.learned.usage.source != chat::UsageSource::kNone;
  const bool received = one.learned.shown > 0 || one.learned.goes_on || (x.current == &one && x.first_content);
  return end != End::kRefused || told || received;
}

bool is_charged(const Exchange& x, const Try& one, End end) {
  return has_worked(x, one, end) && !is_free(x, one.target);
}

std::optional<Charge> charge_of(const Exchange& x, const Try& one, End end) {
  if (!is_charged(x, one, end)) return std::nullopt;
  if (one.learned.goes_on) return std::unexpected(provider::Unpriced{provider::Unpriced::Why::kGoesOn});
  const auto* price = provider::price_of(one.target, one.learned.model);
  return provider::cost_of(price, one.learned.usage, provider::terms_of(one.learned, x.arrived_at));
}

// Whether tokens are what such an answer is made of, and how many can be seen. Images and speech show none of theirs.
bool can_estimate(const Exchange& x, const Try& one) {
  if (!x.endpoint) return false;
  const auto operation = x.endpoint->operation;
  return one.learned.shown > 0 || operation == dialect::Operation::kChat || operation == dialect::Operation::kEmbed;
}

// Audio and images may come without a word.
chat::Reads read_by(const Exchange& x) {
  using enum dialect::Operation;
  const bool is_text = x.endpoint && (x.endpoint->operation == kChat || x.endpoint->operation == kEmbed ||
                                      x.endpoint->name == "completions");
  return is_text ? chat::Reads::kText : chat::Reads::kAnything;
}

// Of what the provider was sent: the client's request, and what another try had said where this one went on with it.
Task<std::uint64_t> prompt_tokens(const Exchange& x, const Try& one) {
  std::uint64_t tokens = x.asking.prompt_tokens;
  const bool is_form = !x.asked.boundary.empty();
  if (tokens == 0 && !is_form) {
    co_await with_reader(x, x.body.size(), [&](json::Reader&) { tokens = dialect::read_prompt(x.body).tokens; });
  }
  co_return tokens + chat::tokens_of(json::plain_size(one.continues));
}

// What was used is booked once, with the request that used it: not with one that looks at what is kept, nor as long as
// it is not all.
bool is_booked(const Exchange& x, const Try& one) {
  return !one.learned.goes_on && (!x.endpoint || !x.endpoint->asks_no_model);
}

void keep_charge(const Exchange& x, Try& one, End end) {
  if (!is_booked(x, one)) {
    const bool is_whole = !one.learned.goes_on && one.learned.usage.source == chat::UsageSource::kProvider;
    if (is_whole) one.looked_at = one.learned.usage;
    one.learned.usage = {};
  }
  one.charge = charge_of(x, one, end);
  one.settled = true;
}

Task<void> estimate_and_settle(const Exchange& x, Try& one, End end) {
  chat::estimate(one.learned, co_await prompt_tokens(x, one), read_by(x));
  keep_charge(x, one, end);
}

}  // namespace

bool is_free(const Exchange& x, const provider::Target& target) {
  if (!x.endpoint) return http::is_idempotent(x.request.head().method);
  if (x.endpoint->asks_no_model || x.endpoint->operation == dialect::Operation::kCountTokens) return true;
  const auto& deployment = *target.deployment;
  const bool is_moderation = x.endpoint->name == "moderations" && target.model.contains("moderation");
  return is_moderation && deployment.provider->catalogue_name == "openai" && !deployment.own_price;
}

std::optional<Charge> charge(const Exchange& x, const Try& one) {
  if (one.settled) return one.charge;
  return charge_of(x, one, end_of(one.fault));
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

Task<void> settle(const Exchange& x, Try& one, const Status& status) {
  if (one.settled) return Task<void>::ready();
  const End end = end_of(status ? std::nullopt : std::optional(status.error().kind));
  const bool estimates = !chat::is_counted(one.learned, read_by(x)) && is_booked(x, one) && can_estimate(x, one) &&
                         is_charged(x, one, end);
  if (estimates) return estimate_and_settle(x, one, end);
  keep_charge(x, one, end);
  return Task<void>::ready();
}

}  // namespace sluice
