#include "stage/dispatch/sending.h"

#include "exchange/charge.h"
#include "exchange/demand.h"
#include "stage/dispatch/waiting.h"

namespace sluice::stage {

namespace {

using Outcome = provider::Breaker::Outcome;
using Sent = Result<std::unique_ptr<net::Call>>;

// Tokens that the limits of keys have to have room for.
Task<std::uint64_t> tokens_at_most(Exchange& x, const provider::KeyPool& pool) {
  if (!pool.has_limits()) co_return 0;
  co_await read_demand(x);
  co_return estimated_tokens(x);
}

// What a try says of the key that was shown.
Outcome outcome_of(const Try& t, const Status& status) {
  using provider::Failure;
  if (status) return Outcome::kServed;
  if (t.cancel.cancelled() || blame(status.error().kind) == Blame::kClient) return Outcome::kNotCounted;
  const auto failure = provider::classify(status.error());
  const bool was_shown = failure != Failure::kUnreachable && failure != Failure::kConnectTimeout;
  const auto& facts = provider::failures()[static_cast<std::size_t>(failure)];
  return was_shown && facts.counts == provider::Counts::kYes ? Outcome::kFailed : Outcome::kNotCounted;
}

// What a signer may learn from a refusal of how it signed: a clock that is off, a token that ended early.
enum class Learns : std::uint8_t { kNo, kYes };

// A request that was refused for how it was signed is signed and sent once more, where the signer learns.
Task<Sent> send_with(Exchange& x, Try& t, Upstream& upstream, const provider::Signer* signer, Learns learns) {
  const auto& provider = *t.target.deployment->provider;
  bool replays = x.endpoint || http::is_idempotent(upstream.head.method);
  while (true) {
    Waiting waiting;
    const auto began = now();
    waiting.begin(x, began);
    t.sent = false;
    if (signer) {
      provider::SignTools tools{x.tools.loop, x.tools.client, x.tools.workers, t.cancel, x.by_calendar(began)};
      auto is_signed = co_await signer->sign(upstream.head, upstream.body.pieces, tools);
      if (!is_signed) co_return fail_from(is_signed);
    }
    auto call =
        co_await x.tools.client.call(provider.origin, upstream.head, upstream.body.pieces, x.timeouts.call, t.cancel,
                                     replays ? net::Replay::kWhenDead : net::Replay::kNever, [&t] { t.sent = true; });
    t.answered = waiting.end();
    if (!call || !signer || learns == Learns::kNo) co_return call;
    const auto again = signer->learn(upstream.head, (*call)->head(), x.by_calendar(t.answered));
    if (again != provider::Signer::Again::kSignAgain) co_return call;
    learns = Learns::kNo;
  }
}

// With the key of several whose turn it is; where that is refused with the next one, each once at most.
Task<Sent> send_with_key(Exchange& x, Try& t, Upstream& upstream, const provider::KeyPool& pool) {
  const auto tokens = co_await tokens_at_most(x, pool);
  for (auto left = pool.keys().size();; --left) {
    auto use = pool.take(tokens, now());
    if (!use) co_return fail_from(use);
    t.key.emplace(std::move(*use));
    t.keys.push_back(provider::KeyPool::label(*t.key));
    auto call = co_await send_with(x, t, upstream, &t.key->signer(), Learns::kNo);
    if (!call || !pool.goes_on(*t.key, (*call)->head(), x.by_calendar(t.answered), t.answered) || left <= 1)
      co_return call;
    const bool limited = (*call)->head().status == 429;
    t.sent = false;  // this key was refused
    t.key->finish(limited ? Outcome::kNotCounted : Outcome::kFailed, 0, t.answered);
    t.key.reset();
  }
}

}  // namespace

Task<Sent> send(Exchange& x, Try& t, Upstream& upstream) {
  const auto& provider = *t.target.deployment->provider;
  return provider.keys ? send_with_key(x, t, upstream, *provider.keys)
                       : send_with(x, t, upstream, provider.signer.get(), Learns::kYes);
}

void finish_key(const Exchange& x, Try& t, const Status& status) {
  if (!t.key) return;
  const auto& usage = t.learned.usage;
  std::optional<std::uint64_t> tokens;
  if (usage.source != chat::UsageSource::kNone || !charge(x, t)) tokens = usage.input + usage.output;
  t.key->finish(outcome_of(t, status), tokens, now());
}

}  // namespace sluice::stage
