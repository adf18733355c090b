#include "provider/sign/key_pool.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/digest.h"
#include "dialect/waiting.h"
#include "provider/sign/crypto.h"
#include "quota/permit.h"

namespace sluice::provider {

namespace {

constexpr Ms kRefusedRest{300'000};  // revoked, unpaid or without permission: somebody has to do something
constexpr Ms kLimitedRest{5'000};    // by a 429 that does not say how long
constexpr Ms kLeastRest{1'000};
constexpr Ms kShortly{1'000};  // when one of those under way ends, nobody knows

Ms rest_after(const http::ResponseHead& answer, WallTime now) {
  if (answer.status != 429) return kRefusedRest;
  return std::max(dialect::requested_wait(answer.headers, now).value_or(kLimitedRest), kLeastRest);
}

Failure no_room(Ms wait) {
  return fail(Fault{.kind = FaultKind::kOverloaded,
                    .told = "No key of the provider has room under its limits now.",
                    .retry = Retry::kOther,
                    .code = "no_room",
                    .retry_after = wait});
}

Failure all_held() {
  return fail(Fault{.kind = FaultKind::kOverloaded,
                    .told = "All keys of the provider are held by an administrator.",
                    .retry = Retry::kOther,
                    .code = "keys_held"});
}

bool is_held(const PooledKey& key) {
  const auto hold = key.health->breaker.held();
  return hold == Breaker::Hold::kOpen || hold == Breaker::Hold::kDrained;
}

}  // namespace

KeyUse::KeyUse(const PooledKey& key, const BreakerPolicy& policy, Breaker::Pass pass,
               std::unique_ptr<quota::Permit> permit)
    : key_(&key), policy_(&policy), pass_(pass), permit_(std::move(permit)) {}

KeyUse::KeyUse(KeyUse&& other) noexcept
    : key_(other.key_),
      policy_(other.policy_),
      pass_(std::exchange(other.pass_, std::nullopt)),
      permit_(std::move(other.permit_)) {}

KeyUse::~KeyUse() {
  finish(Breaker::Outcome::kNotCounted, std::nullopt, now());
}

void KeyUse::finish(Breaker::Outcome outcome, std::optional<std::uint64_t> tokens, Instant at) {
  if (!pass_) return;
  key_->health->in_flight.fetch_sub(1, std::memory_order_relaxed);
  key_->health->breaker.leave(*policy_, *pass_, outcome, at);
  if (permit_ && tokens) permit_->correct(*tokens, at);
  permit_.reset();
  pass_.reset();
}

KeyPool::KeyPool(std::vector<PooledKey> keys, const BreakerPolicy& policy) : keys_(std::move(keys)), policy_(policy) {}

bool KeyPool::has_limits() const {
  return std::ranges::any_of(keys_, [](const PooledKey& key) { return key.account && key.account->has_limits(); });
}

void KeyPool::mask(std::string& text) const {
  for (const auto& key : keys_) key.signer->mask(text);
}

Ms KeyPool::wait(const PooledKey& key, Instant at) const {
  return std::max(key.health->resting(at), key.health->breaker.remaining(policy_, at));
}

Result<KeyUse> KeyPool::take(std::uint64_t tokens, Instant at) const {
  const auto turn = turn_.fetch_add(1, std::memory_order_relaxed);
  std::optional<Ms> room_in;  // of a key that is well
  const PooledKey* soonest = nullptr;
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const auto& key = keys_[(turn + i) % keys_.size()];
    auto& breaker = key.health->breaker;
    const auto pass = key.health->resting(at) == Ms(0) ? breaker.enter(policy_, at) : std::nullopt;
    if (!pass) {
      if (!is_held(key) && (!soonest || wait(key, at) < wait(*soonest, at))) soonest = &key;
      continue;
    }
    auto use = with_room(key, *pass, tokens, at);
    if (use) return std::move(*use);
    room_in = std::min(room_in.value_or(use.error()), use.error());
  }
  if (room_in) return no_room(*room_in);
  if (!soonest) return all_held();
  const auto pass = soonest->health->breaker.enter_anyway(policy_, at);
  if (!pass) return no_room(kShortly);
  auto use = with_room(*soonest, *pass, tokens, at);
  if (!use) return no_room(use.error());
  return std::move(*use);
}

std::expected<KeyUse, Ms> KeyPool::with_room(const PooledKey& key, Breaker::Pass pass, std::uint64_t tokens,
                                             Instant at) const {
  std::unique_ptr<quota::Permit> permit;
  if (key.account && key.account->has_limits()) {
    quota::Account* accounts[] = {key.account};
    auto taken = quota::Permit::take(accounts, tokens, at);
    if (!taken) {
      key.health->breaker.leave(policy_, pass, Breaker::Outcome::kNotCounted, at);
      return std::unexpected(taken.error().wait.value_or(kShortly));
    }
    permit = std::make_unique<quota::Permit>(std::move(*taken));
  }
  key.health->in_flight.fetch_add(1, std::memory_order_relaxed);
  return KeyUse(key, policy_, pass, std::move(permit));
}

bool KeyPool::goes_on(const KeyUse& use, const http::ResponseHead& answer, WallTime wall, Instant at) const {
  const bool refused = answer.status == 401 || answer.status == 402 || answer.status == 403 || answer.status == 429;
  if (!refused) return false;
  use.key_->health->rest_until(at + rest_after(answer, wall));
  return std::ranges::any_of(keys_, [&](const PooledKey& key) {
    return key.health->resting(at) == Ms(0) && key.health->breaker.admits(policy_, at);
  });
}

std::string_view KeyPool::trouble(const PooledKey& key, Instant at) const {
  const auto& breaker = key.health->breaker;
  if (breaker.held() == Breaker::Hold::kDrained) return "drained";
  if (!breaker.admits(policy_, at)) return "breaker";
  return key.health->resting(at) > Ms(0) ? "resting" : "";
}

std::string key_label(const Secret& key) {
  return hex(sha256(key.reveal())).substr(0, 8);
}

}  // namespace sluice::provider
