// Credentials that end and are fetched anew: by one request at a time, early, while the others go on with the old ones.
//
// Who finds them due fetches, as part of its own request. Others take the old ones as long as these are valid; else
// they wait for the fetch, each within its own cancel. When the fetching request is cancelled, one that waits takes
// over. A failed fetch is told to all that waited, and for a short rest to all that come, so that a dead server is not
// asked by every request.
//
// Thread rule: all loops. ready() takes no lock; the mutex is held for a few lines by those who find nothing ready.
// Lifetime: outlives the requests that use it.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "provider/sign/credentials.h"
#include "provider/sign/published.h"

namespace sluice::provider {

struct RenewRules {
  Ms early{300'000};            // before the end; but not before half of their life is over
  Ms early_limit{2'000};        // the longest that a request with valid credentials is held up by fetching new ones
  Ms rest{5'000};               // after a failure
  Ms rest_while_valid{30'000};  // the same, while the old ones are valid
  Ms distrust_after{60'000};    // younger ones are not fetched anew because a provider refused them
};

class Renewed {
 public:
  using Held = std::shared_ptr<const Credentials>;  // shared by the requests that use them

  explicit Renewed(Credentials fixed);
  explicit Renewed(std::unique_ptr<const CredentialSource> source, RenewRules rules = {});
  ~Renewed();
  Renewed(const Renewed&) = delete;
  Renewed& operator=(const Renewed&) = delete;

  // What is at hand; null when it has to be fetched.
  Held ready(WallTime now) const;
  // The same, fetched if need be. Faults: of the source; the cancel's reason.
  Task<Result<Held>> get(SignTools& tools);
  // A provider refused them: they are fetched anew by the next request. False when that would not help.
  bool distrust(WallTime now);
  // Whatever is held, valid or not; may be null.
  Held held() const;

 private:
  struct Entry {
    Held credentials;
    WallTime issued;
    WallTime due;
  };
  using EntryPtr = Published<Entry>::Ptr;
  struct Waiter;
  class Flight;
  enum class Turn { kReady, kFailed, kFetch, kWait };
  struct Decision {
    Turn turn = Turn::kReady;
    Held held;
    std::optional<Fault> fault;
  };

  static bool valid(const EntryPtr& entry, WallTime now);
  bool resting() const;
  Decision decide(WallTime now, Waiter& waiter);
  bool leave(Waiter& waiter);
  void land(const std::optional<Fault>& fault, Ms rest);
  Held keep(Credentials credentials, WallTime now);
  Task<Result<Held>> fetch(SignTools& tools, Held old);
  Task<std::optional<Fault>> wait(SignTools& tools, Waiter& waiter);

  const std::unique_ptr<const CredentialSource> source_;  // null: fixed
  const RenewRules rules_;
  Published<Entry> entry_;                   // set under the mutex
  std::atomic<bool> fetching_{false};        // changed under the mutex
  std::atomic<Instant::rep> rest_until_{0};  // the same
  std::mutex mutex_;
  std::vector<Waiter*> waiting_;     // under the mutex
  std::optional<Fault> last_fault_;  // the same; of the rest
};

}  // namespace sluice::provider
