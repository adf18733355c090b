// Lets a request in under the rate limits of all its accounts (organisation, team, user, key, tags, session, route), or
// takes nothing from any of them.
//
// Concurrency is given back when the request is over; tokens, which were taken by an estimate, are corrected by what
// was used. Which accounts a request has is settled here, for the stages below. The answer says how the tightest limits
// stand, in the words of the client's dialect, whatever becomes of the request.
//
// Thread rule: stateless but for the Book, which is shared by all loops.
#pragma once

#include "exchange/stage.h"
#include "quota/book.h"

namespace sluice::stage {

class Limit final : public Stage {
 public:
  explicit Limit(quota::Book& book) : book_(book) {}
  // Faults of its own: kRateLimited (rate_limit_exceeded), with retry_after.
  Task<Status> run(Exchange& x, Sink& out, Next next) override;

 private:
  Task<Status> limit(Exchange& x, Sink& out, Next next);

  quota::Book& book_;
};

}  // namespace sluice::stage
