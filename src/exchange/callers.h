// Who may ask: callers by the hash of their key. The keys themselves are not kept.
//
// A table never changes; a change makes another one, which shares with it all but the shards that differ: that costs
// the same whether there are ten keys or a hundred thousand. Each loop has one table (LoopTools) and is handed the
// next. Keys are hashed with a secret of the server (HMAC-SHA-256), so that neither a database that was read nor the
// time that a look-up takes tells anything about them.
//
// Thread rule: immutable; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/hmac.h"
#include "exchange/caller.h"

namespace sluice {

struct KnownKey {
  Sha256 digest{};
  std::int64_t until_us = 0;  // since 1970, from then on it is unknown; 0: it has no such end
  std::shared_ptr<const Caller> caller;
};

class Callers {
 public:
  // Of keys with the same digest the last one counts.
  Callers(Hmac hash, std::vector<KnownKey> keys);

  // The one after it: `added` stand for their digests, `removed` are gone.
  std::shared_ptr<const Callers> with(std::vector<KnownKey> added, std::span<const Sha256> removed = {}) const;
  // `other` with the version after this one's.
  std::shared_ptr<const Callers> followed_by(Callers other) const;

  // Null: unknown. The caller of a key that is blocked, or whose time is over, is found.
  std::shared_ptr<const Caller> find(std::string_view key) const;
  Sha256 digest_of(std::string_view key) const { return hash_.of(key); }
  std::uint64_t version() const { return version_; }  // grows with each change
  std::size_t size() const;

 private:
  using Shard = std::vector<KnownKey>;  // by digest
  static constexpr std::size_t kShards = 1024;
  static std::size_t shard_of(const Sha256& digest) { return std::size_t{digest[0]} << 2 | digest[1] >> 6; }
  void apply(std::vector<KnownKey> added, std::span<const Sha256> removed);

  Hmac hash_;
  std::uint64_t version_ = 0;
  std::array<std::shared_ptr<const Shard>, kShards> shards_;  // null: empty
};

}  // namespace sluice
