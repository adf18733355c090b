// Sends alerts of budgets (thresholds that were passed, costs that are not counted) to a webhook, off the path of
// requests: they wait in a queue of limited length and go out one after the other, each until it was taken, was refused
// for good or its time is over.
//
// What was taken is written down, so that a threshold is told once in its window, over restarts too; what was not is
// told again when the next request passes it there. A rolling window has no beginning: after a restart it is told anew.
//
// Thread rule: tell() from any thread, it takes a lock and waits for nothing; the rest on the main thread. Ownership:
// the Runtime; the directory outlives it. It has a thread of its own, with a loop, from the first webhook on.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "app/alert_message.h"
#include "app/config.h"
#include "base/metrics.h"
#include "net/client.h"
#include "store/directory.h"

namespace sluice::app {

class ClientTlsCache;

struct Webhook {
  net::Origin origin;
  std::string target;  // path and query
  Secret key;          // what bodies are signed with; empty: they are not
  Ms timeout{0}, give_up{0};
  std::size_t queue = 0;
};
// Null: none is configured. Faults: kInvalidConfig: its CA file or proxy cannot be used.
Result<std::shared_ptr<const Webhook>> webhook_of(const Config& config, const Environment& environment,
                                                  ClientTlsCache& client_tls);

// What an alert is about.
struct AlertSubject {
  quota::Scope scope = quota::Scope::kKey;
  std::string account;
  std::string window = {};    // of a budget whose threshold was passed, with:
  std::uint32_t percent = 0;  // that is told of it
  std::string model = {};     // without a price
};

class Alerts {
 public:
  Alerts(Metrics& metrics, store::Directory& told);
  // What is under way may end, for two seconds; nothing is tried again.
  ~Alerts();
  Alerts(const Alerts&) = delete;
  Alerts& operator=(const Alerts&) = delete;

  // For what is told from now on; null: nobody is told.
  void use(std::shared_ptr<const Webhook> webhook);
  void tell(const quota::Alert& alert);
  void tell(const quota::UnpricedUse& use);

 private:
  struct Waiting {
    std::string body;
    AlertPlace place;
    AlertSubject about;
    Instant until;
    std::shared_ptr<const Webhook> webhook;
  };
  struct Post;  // the loop and what runs on it
  // Of one try.
  enum class Outcome { kTaken, kRefused, kFailed };
  struct Tried {
    Outcome outcome = Outcome::kFailed;
    std::string why;
  };

  void tell(Waiting waiting);
  std::optional<Waiting> next();
  // On the loop.
  Task<void> work();
  Task<void> deliver(Waiting waiting);
  Task<Tried> try_once(const Webhook& webhook, std::string_view id, std::string_view body, Ms left);
  Task<bool> is_told(const Waiting& waiting);
  Task<void> note_told(const Waiting& waiting);
  void end();

  store::Directory& told_;
  Metrics::Family<Counter>& results_;
  Counter& sent_;
  Counter& failed_;
  Counter& dropped_;
  std::mutex mutex_;
  std::shared_ptr<const Webhook> webhook_;
  std::deque<Waiting> waiting_;
  bool working_ = false;
  std::unique_ptr<Post> post_;
  std::jthread thread_;  // last: joined first
};

}  // namespace sluice::app
