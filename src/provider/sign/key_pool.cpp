#include "provider/sign/key_pool.h"

#include <algorithm>

#include "base/digest.h"
#include "dialect/waiting.h"
#include "provider/sign/crypto.h"

namespace sluice::provider {

namespace {

constexpr Ms kRefusedRest{300'000};  // revoked, unpaid or without permission: somebody has to do something
constexpr Ms kLimitedRest{5'000};    // by a 429 that does not say how long
constexpr Ms kLeastRest{1'000};

Ms rest_after(const http::ResponseHead& answer, WallTime now) {
  if (answer.status != 429) return kRefusedRest;
  return std::max(dialect::requested_wait(answer.headers, now).value_or(kLimitedRest), kLeastRest);
}

}  // namespace

KeyPool::KeyPool(std::string name, std::string_view before_key, std::vector<PooledKey> keys) : name_(std::move(name)) {
  for (auto& key : keys) {
    Secret value(std::string(before_key) + std::string(key.key.reveal()));
    keys_.push_back({std::move(value), std::move(key)});
  }
}

Signer::Again KeyPool::learn(const http::RequestHead& sent, const http::ResponseHead& answer, WallTime at) const {
  const bool refused = answer.status == 401 || answer.status == 402 || answer.status == 403 || answer.status == 429;
  const auto* used = refused ? shown_in(sent) : nullptr;
  if (used == nullptr) return Again::kNo;
  const auto instant = now();
  used->of.health->rest_until(instant + rest_after(answer, at));
  const bool others =
      std::ranges::any_of(keys_, [&](const Key& key) { return key.of.health->resting(instant) == Ms(0); });
  return others ? Again::kSignAgain : Again::kNo;
}

void KeyPool::mask(std::string& text) const {
  for (const auto& key : keys_) mask_secret(text, key.of.key.reveal());
}

std::optional<Status> KeyPool::sign_at_once(http::RequestHead& head, std::span<const std::string_view>,
                                            SignTools&) const {
  head.headers.set(name_, next(now()).value.reveal());
  return Status{};
}

Task<Status> KeyPool::sign_later(http::RequestHead&, std::span<const std::string_view>, SignTools&) const {
  co_return Status{};
}

const KeyPool::Key& KeyPool::next(Instant at) const {
  const auto turn = turn_.fetch_add(1, std::memory_order_relaxed);
  const Key* soonest = nullptr;
  Ms least = Ms::max();
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const auto& key = keys_[(turn + i) % keys_.size()];
    const auto rest = key.of.health->resting(at);
    if (rest >= least) continue;
    soonest = &key;
    least = rest;
    if (rest == Ms(0)) break;
  }
  return *soonest;
}

const KeyPool::Key* KeyPool::shown_in(const http::RequestHead& sent) const {
  const auto shown = sent.headers.get(name_);
  auto key = std::ranges::find_if(keys_, [&](const Key& one) { return shown && one.value.reveal() == *shown; });
  return key == keys_.end() ? nullptr : &*key;
}

std::unique_ptr<const Signer> pool_signer(std::string name, std::string_view before_key, std::vector<PooledKey> keys) {
  return std::make_unique<const KeyPool>(std::move(name), before_key, std::move(keys));
}

std::string key_label(const Secret& key) {
  return hex(sha256(key.reveal())).substr(0, 8);
}

}  // namespace sluice::provider
