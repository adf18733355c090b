#include "exchange/callers.h"

#include <algorithm>
#include <ranges>
#include <tuple>

#include "base/time_text.h"
#include "base/workers.h"

namespace sluice {

namespace {

std::string_view bytes(const Sha256& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

constexpr std::size_t kMany = 10'000;  // keys that are worth a thread

// A key to add, and what most of them are told apart by: looking at all of their digests would be slow.
struct Added {
  std::uint64_t head = 0;  // of its digest
  KnownKey* key = nullptr;

  explicit Added(KnownKey& of) : key(&of) {
    for (std::size_t i = 0; i < sizeof(head); ++i) head = head << 8 | of.digest[i];
  }
};

// Of the same digest the later one comes later.
bool is_before(const Added& a, const Added& b) {
  if (a.head != b.head) return a.head < b.head;
  return std::tie(a.key->digest, a.key) < std::tie(b.key->digest, b.key);
}

// The shard stays in the order of digests. Those of `added` that have the same digest are the later the better.
void add_to(std::vector<KnownKey>& shard, std::vector<Added>& added) {
  std::ranges::sort(added, is_before);
  shard.reserve(shard.size() + added.size());
  for (auto* key : std::views::transform(added, &Added::key)) {
    const bool is_last = shard.empty() || shard.back().digest < key->digest;
    auto place = is_last ? shard.end() : std::ranges::lower_bound(shard, key->digest, {}, &KnownKey::digest);
    if (place != shard.end() && place->digest == key->digest) {
      *place = std::move(*key);
    } else {
      shard.insert(place, std::move(*key));
    }
  }
}

}  // namespace

Callers::Callers(Hmac hash, std::vector<KnownKey> keys) : hash_(hash) {
  apply(std::move(keys), {});
}

std::shared_ptr<const Callers> Callers::with(std::vector<KnownKey> added, std::span<const Sha256> removed) const {
  auto next = std::make_unique<Callers>(*this);
  ++next->version_;
  next->apply(std::move(added), removed);
  return next;
}

void Callers::apply(std::vector<KnownKey> added, std::span<const Sha256> removed) {
  std::vector<std::vector<Added>> to_add(kShards);
  std::vector<std::vector<const Sha256*>> to_remove(kShards);
  for (auto& key : added) to_add[shard_of(key.digest)].emplace_back(key);
  for (const auto& digest : removed) to_remove[shard_of(digest)].push_back(&digest);
  auto change = [&](std::size_t from, std::size_t to) {
    for (std::size_t number = from; number < to; ++number) {
      if (to_add[number].empty() && to_remove[number].empty()) continue;
      auto shard = shards_[number] ? std::make_unique<Shard>(*shards_[number]) : std::make_unique<Shard>();
      for (const auto* digest : to_remove[number]) {
        std::erase_if(*shard, [&](const KnownKey& key) { return key.digest == *digest; });
      }
      add_to(*shard, to_add[number]);
      shards_[number] = std::move(shard);
    }
  };
  added.size() < kMany ? change(0, kShards) : in_halves(kShards, change);
}

std::shared_ptr<const Callers> Callers::followed_by(Callers other) const {
  other.version_ = version_ + 1;
  return std::make_shared<const Callers>(std::move(other));
}

std::shared_ptr<const Caller> Callers::find(std::string_view key) const {
  auto digest = digest_of(key);
  const auto& shard = shards_[shard_of(digest)];
  if (!shard) return nullptr;
  auto found = std::ranges::lower_bound(*shard, digest, {}, &KnownKey::digest);
  if (found == shard->end() || !constant_time_equal(bytes(found->digest), bytes(digest))) return nullptr;
  if (found->until_us != 0 && wall_us() >= found->until_us) return nullptr;
  return found->caller;
}

std::size_t Callers::size() const {
  std::size_t count = 0;
  for (const auto& shard : shards_) count += shard ? shard->size() : 0;
  return count;
}

}  // namespace sluice
