// Books what answers used that were made in the background, with the requests that had them made: those were charged
// at their worst case, for nobody could tell more. A row changes as by recomputed prices, with its place in the
// history, and sums and budgets follow.
//
// Thread rule: one thread; waits for the ledger. The ledger and the owners outlive it.
#pragma once

#include "admin/recompute.h"
#include "stage/route/owners.h"
#include "store/ledger.h"

namespace sluice::app {

// Gives back those whose rows are not in the ledger yet: they are there in a moment. Of requests that were made
// elsewhere there will be none, which is why nothing is given back that was told before `give_up`. Faults: the
// ledger's, which has changed nothing then.
Result<stage::Owners::Uses> book_uses(store::Ledger& ledger, const stage::Owners::Uses& uses,
                                      const admin::PriceOf& price_of, Instant give_up);

class LateUses {
 public:
  LateUses(store::Ledger& ledger, stage::Owners& owners) : ledger_(ledger), owners_(owners) {}

  // Books what the owners were told since. To be called now and then; what cannot be booked yet is tried again.
  void book(const provider::Routes& routes);

 private:
  store::Ledger& ledger_;
  stage::Owners& owners_;
  Instant next_{};
};

}  // namespace sluice::app
