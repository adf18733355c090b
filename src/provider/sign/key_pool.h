// Several keys of one provider, taken in turn: one that is refused rests, and the request goes on with the next.
//
// A key refused for what it is (401, 402, 403) rests for minutes, one that met a limit (429) as long as the provider
// asks. After its rest it is tried by the next request whose turn it is, which goes on with another key if it is
// refused again. When all rest, the one whose rest ends first is tried and the client gets what the provider says to
// it.
//
// Thread rule: all loops; atomics. Lifetime: of its provider; what was learned of a key outlives it.
#pragma once

#include "provider/sign/signer.h"

namespace sluice::provider {

class KeyPool final : public Signer {
 public:
  KeyPool(std::string name, std::string_view before_key, std::vector<PooledKey> keys);  // at least one key

  Again learn(const http::RequestHead& sent, const http::ResponseHead& answer, WallTime now) const override;
  std::size_t chances() const override { return keys_.size(); }
  void mask(std::string& text) const override;

 protected:
  std::optional<Status> sign_at_once(http::RequestHead& head, std::span<const std::string_view> body,
                                     SignTools& tools) const override;
  Task<Status> sign_later(http::RequestHead& head, std::span<const std::string_view> body,
                          SignTools& tools) const override;

 private:
  struct Key {
    Secret value;  // of the field
    PooledKey of;
  };
  const Key& next(Instant at) const;
  const Key* shown_in(const http::RequestHead& sent) const;

  std::string name_;
  std::vector<Key> keys_;
  mutable std::atomic<std::size_t> turn_{0};
};

// By which a key is told from others where it must not be shown: the first 8 hex digits of its SHA-256.
std::string key_label(const Secret& key);

}  // namespace sluice::provider
