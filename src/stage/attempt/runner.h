// One try under way: has its place at the deployment, runs the rest of the pipeline, gives the place back and says what
// was learned of the deployment's health.
//
// Thread rule: the loop's thread. Lifetime: until run() has ended; the exchange keeps the Try.
#pragma once

#include "base/signal.h"
#include "exchange/stage.h"
#include "net/wait.h"
#include "stage/attempt/holdback.h"

namespace sluice::stage {

// The tries of one exchange that are under way, of which one answers: the first that has something to show.
struct Race {
  Try* winner = nullptr;
  net::Wait* changed = nullptr;  // told when one has something to show, or has ended; null: nobody waits
};

class Runner {
 public:
  Runner(Exchange& x, Try& t, provider::Breaker::Pass pass, Race& race, Sink& out);
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  // Never throws: a bug is kept and thrown again by result().
  Task<void> run(Next next);

  bool ended() const { return tried_.ended.has_value(); }
  bool released() const { return held_.released(); }
  Try& tried() { return tried_; }
  // Once it has ended.
  Status result();

 private:
  bool claim();
  void leave(Instant at);
  void tell_all_models(Instant at) const;

  Exchange& x_;
  Try& tried_;
  provider::Breaker::Pass pass_;
  Race& race_;
  Holdback held_;
  Status status_;
  std::exception_ptr bug_;
};

}  // namespace sluice::stage
