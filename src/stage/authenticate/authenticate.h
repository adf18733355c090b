// Who asks? The key becomes a caller by its full hash, or the request ends here: no key, no service. What the caller's
// key says of where, when and what it may be used for is seen to here too.
//
// Thread rule: immutable after construction. The callers are those of the loop (LoopTools); the exchange keeps its own.
#pragma once

#include "exchange/stage.h"

namespace sluice::stage {

class Authenticate final : public Stage {
 public:
  // kStaff: those with a role on the administrator's side; kOverseers: of them those whose role goes beyond a team.
  enum class Admits { kAnyCaller, kStaff, kOverseers };
  explicit Authenticate(Admits admits = Admits::kAnyCaller) : admits_(admits) {}
  Task<Status> run(Exchange& x, Sink& out, Next next) override;

 private:
  Status find_caller(Exchange& x) const;
  Status check(const Exchange& x) const;

  Admits admits_;
};

// The key of a request: Authorization: Bearer, x-api-key, api-key or x-goog-api-key; empty when it has none.
std::string_view key_of(const http::Headers& headers);

}  // namespace sluice::stage
