// Who asks? The key becomes a caller by its full hash, or the request ends here: no key, no service.
//
// Thread rule: immutable after construction. Callers belong to the Snapshot.
#pragma once

#include <unordered_map>

#include "exchange/stage.h"

namespace sluice::stage {

// All callers by the SHA-256 of their key; the keys themselves are not kept.
class Callers {
 public:
  void add(std::string_view key, Caller caller);
  const Caller* find(std::string_view key) const;  // null: unknown. Compares full hashes in constant time.
  std::size_t size() const { return by_hash_.size(); }

 private:
  struct Hash {
    std::size_t operator()(const Sha256& digest) const;
  };
  std::unordered_map<Sha256, Caller, Hash> by_hash_;
};

class Authenticate final : public Stage {
 public:
  enum class Admits { kAnyCaller, kMasterOnly };
  explicit Authenticate(const Callers& callers, Admits admits = Admits::kAnyCaller)
      : callers_(callers), admits_(admits) {}
  Task<Status> run(Exchange& x, Sink& out, Next next) override;

 private:
  const Callers& callers_;
  Admits admits_;
};

// The key of a request: Authorization: Bearer, x-api-key, api-key or x-goog-api-key; empty when it has none.
std::string_view key_of(const http::Headers& headers);

}  // namespace sluice::stage
