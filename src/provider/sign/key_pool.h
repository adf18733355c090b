// Several keys of one provider, taken in turn, each with a circuit breaker and limits of its own.
//
// A key refused for what it is (401, 402, 403) rests for minutes, one that met a limit (429) as long as the provider
// asks; the request goes on with the next. A key whose calls keep failing opens its breaker, and the others go on. When
// none is well, the one that will be soonest is taken: the client gets what the provider says to it. A key without room
// under its limits is passed over; where only such are well, the request goes elsewhere. What an administrator holds
// open or drained is never taken.
//
// Thread rule: all loops; atomics, and the locks of accounts where keys have limits. Lifetime: of its provider; what
// was learned of a key, and what it used, outlives it.
// check: allow shared-pointers because configurations come and go while what is known of a key stays
#pragma once

#include <atomic>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "provider/health/health.h"
#include "provider/sign/signer.h"

namespace sluice::quota {
class Account;
class Permit;
}  // namespace sluice::quota

namespace sluice::provider {

struct PooledKey {
  std::string label;                     // by which it is told from others; never the key
  std::unique_ptr<const Signer> signer;  // shows it
  std::shared_ptr<Health> health;        // of the key, over all configurations
  quota::Account* account = nullptr;     // what it may be used for; null: anything
};

// The use of a key by one try, until it is finished or ends.
class KeyUse {
 public:
  KeyUse(KeyUse&& other) noexcept;
  KeyUse(const KeyUse&) = delete;
  KeyUse& operator=(const KeyUse&) = delete;
  KeyUse& operator=(KeyUse&&) = delete;
  ~KeyUse();

  const Signer& signer() const { return *key_->signer; }
  // Once: what became of it. `tokens`: what it used in truth; nothing: nobody told.
  void finish(Breaker::Outcome outcome, std::optional<std::uint64_t> tokens, Instant at);

 private:
  friend class KeyPool;
  KeyUse(const PooledKey& key, const BreakerPolicy& policy, Breaker::Pass pass, std::unique_ptr<quota::Permit> permit);

  const PooledKey* key_;
  const BreakerPolicy* policy_;
  std::optional<Breaker::Pass> pass_;
  std::unique_ptr<quota::Permit> permit_;  // null: it has no limits
};

class KeyPool {
 public:
  KeyPool(std::vector<PooledKey> keys, const BreakerPolicy& policy);  // at least one key

  // The key whose turn it is, for a request of so many tokens as estimated. Fault: kOverloaded, code no_room,
  // Retry::kOther, with retry_after: no key has room under its limits; keys_held: all are held.
  Result<KeyUse> take(std::uint64_t tokens, Instant at) const;
  // Looks at the head of the provider's answer to a use. True: the key was refused, rests, and another one is well.
  bool goes_on(const KeyUse& use, const http::ResponseHead& answer, WallTime wall, Instant at) const;
  static std::string_view label(const KeyUse& use) { return use.key_->label; }

  // Why a key would be passed over: "drained", "breaker", "resting"; empty: it would not. Its limits are not looked at.
  std::string_view trouble(const PooledKey& key, Instant at) const;

  const std::vector<PooledKey>& keys() const { return keys_; }
  const BreakerPolicy& policy() const { return policy_; }
  bool has_limits() const;
  // Before the first request.
  void limit(std::size_t key, quota::Account* account) { keys_[key].account = account; }
  void mask(std::string& text) const;

 private:
  // Where its limits have no room: how long until there is some.
  std::expected<KeyUse, Ms> with_room(const PooledKey& key, Breaker::Pass pass, std::uint64_t tokens, Instant at) const;
  Ms wait(const PooledKey& key, Instant at) const;

  std::vector<PooledKey> keys_;
  BreakerPolicy policy_;
  mutable std::atomic<std::size_t> turn_{0};
};

// By which a key without a name is told from others: the first 8 hex digits of its SHA-256.
std::string key_label(const Secret& key);

}  // namespace sluice::provider
