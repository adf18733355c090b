// The outermost stage: whatever happens to a request is counted, logged and written into the ledger's journal here,
// once, and before the end of its answer leaves.
//
// Thread rule: immutable; the series are atomics. The Metrics and the Recent outlive all snapshots.
#pragma once

#include "base/metrics.h"
#include "exchange/stage.h"
#include "quota/book.h"
#include "stage/record/recent.h"

namespace sluice::stage {

// The families of the data plane. Labels come from configuration only, so their number is bounded: a model a client
// made up is counted under the route that took it, or under "none".
struct RequestMetrics {
  explicit RequestMetrics(Metrics& metrics);

  Metrics::Family<Counter>& requests;         // operation, route, status
  Metrics::Family<Counter>& attempts;         // deployment, outcome
  Metrics::Family<Counter>& tokens;           // route, deployment, kind
  Metrics::Family<Counter>& usage_unknown;    // route, deployment: answers of which nobody knows what they used
  Metrics::Family<Counter>& usage_estimated;  // route, deployment: answers whose provider did not tell all of it
  Metrics::Family<MoneyCounter>& cost;        // route, deployment
  Metrics::Family<Counter>& cost_unknown;     // route, deployment, reason: answers that cost nobody knows how much
  Metrics::Family<Histogram>& duration;       // operation, route
  Metrics::Family<Histogram>& first_token;    // route
  Metrics::Family<Histogram>& overhead;       // operation
  Gauge& in_flight;
};

class Record final : public Stage {
 public:
  // The book is told what budgets that began meanwhile did not count; null: there is none.
  Record(RequestMetrics& metrics, Recent& recent, quota::Book* book = nullptr)
      : metrics_(metrics), recent_(recent), book_(book) {}
  Task<Status> run(Exchange& x, Sink& out, Next next) override;

 private:
  // What the row says that the exchange does not.
  struct Told {
    int sent = 0;
    std::int64_t duration_us = 0;
    bool has_row = false;  // its record is the loop's now
  };

  Told tell(Exchange& x, const Status& status) const;
  void count_late(const Exchange& x, const Status& status, const Told& told, std::uint64_t number) const;
  void count(const Exchange& x, int sent, std::int64_t duration_us) const;
  void count_charges(const Exchange& x) const;
  void count_usage(const Exchange& x, const Try& one) const;

  RequestMetrics& metrics_;
  Recent& recent_;
  quota::Book* book_;
};

}  // namespace sluice::stage
