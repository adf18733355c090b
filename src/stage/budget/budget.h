// Sets aside what a try may cost at most, in all budgets it is charged to or in none, and charges what it did cost.
//
// Called once a try, so that retries, hedges and fallbacks are counted each. The budgets are those of the caller
// (x.accounts) and the try's own (exchange/accounts.h), whose rate limits are taken here too. A caller's budget without
// room ends the request; the try's own leads to the next deployment.
//
// Where a budget is strict and there is not room for as long an answer as is asked for, a shorter one is asked for.
// What has no known bound or price is never taken for free: the strictest of the budgets says what becomes of it, and
// where they say nothing what is usual().
//
// Thread rule: immutable; the Book is shared by all loops.
#pragma once

#include "exchange/stage.h"
#include "provider/catalogue/worst_case.h"
#include "quota/book.h"
#include "quota/reservation.h"

namespace sluice::stage {

class Budget final : public Stage {
 public:
  // The book outlives it; the catalogue is read now.
  Budget(quota::Book& book, const provider::Catalogue& catalogue);
  void set(quota::Unpriced usual) { usual_ = usual; }

  // Faults of its own: kRateLimited (budget_exceeded), kOverloaded (spend_cap, no_room), kForbidden (unpriced_model).
  Task<Status> run(Exchange& x, Sink& out, Next next) override;

 private:
  struct Quote;
  Task<Status> run_limited(Exchange& x, Sink& out, Next next) const;
  Task<Status> run_priced(Exchange& x, Sink& out, Next next) const;
  Result<Quote> quote(const Exchange& x, const Try& t, std::span<quota::Account* const> accounts) const;
  quota::Unpriced strictest(std::span<quota::Account* const> accounts) const;
  void tell_unpriced(const Try& t, std::span<quota::Account* const> accounts) const;
  Quote at_dearest(const Exchange& x, const Try& t, dialect::AskedTerms terms) const;
  Task<Result<quota::Reservation>> reserve(Exchange& x, Try& t, std::span<quota::Account* const> accounts,
                                           const Quote& quote) const;
  void settle(const Exchange& x, Try& t, quota::Reservation& reservation) const;

  quota::Book& book_;
  provider::Price dearest_;
  provider::ModelLimits largest_;
  quota::Unpriced usual_ = quota::Unpriced::kBlock;
};

}  // namespace sluice::stage
