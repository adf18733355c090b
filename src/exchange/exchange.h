// One request being served: what came, who asks, where it goes, what was tried and learned.
//
// Each stage fills in its part; the comments say which. Thread rule: the loop's thread, from arrival to its record.
// Ownership: the ingress owns it for the time of the request; references point to things that outlive it.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/money.h"
#include "base/workers.h"
#include "dialect/demand.h"
#include "dialect/dialect.h"
#include "exchange/callers.h"
#include "exchange/loop_journal.h"
#include "exchange/try.h"
#include "json/fwd.h"
#include "net/client.h"
#include "net/server.h"
#include "provider/choose/choose.h"
#include "provider/provider.h"
#include "store/row.h"

namespace sluice {

// What a loop lends to the exchanges on it.
struct LoopTools {
  net::Loop& loop;
  net::Client& client;
  Workers& workers;
  json::Reader& reader;
  LoopJournal* journal = nullptr;               // null: nothing is written down
  std::shared_ptr<const Callers> callers = {};  // who may ask, from now on
  std::string record = {};                      // of the exchange that ended last: its memory is used again
};

// An image or document that was fetched from its URL.
struct Medium {
  std::string_view type;  // a constant: "image/png"
  std::string base64;
};

struct Exchange {
  Exchange(net::Request& r, LoopTools& t)
      : request(r), tools(t), arrived(r.arrived()), arrived_at(wall_now()), cancel(r.cancel()) {}
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // The calendar is asked once, when the request has just arrived: nothing is waited for between the two.
  WallTime by_calendar(Instant at) const {
    return arrived_at + std::chrono::duration_cast<WallTime::duration>(at - arrived);
  }

  // ingress
  net::Request& request;
  LoopTools& tools;
  std::string id;  // ours, unique
  Instant arrived;
  WallTime arrived_at;  // the same by the calendar
  Cancel& cancel;
  std::string_view operation = "unknown";       // for metrics and logs: "chat", "passthrough", "models"
  const dialect::Server* server = nullptr;      // the client's dialect: of its answers and errors; never null
  const dialect::Endpoint* endpoint = nullptr;  // null: passthrough or an own page
  dialect::PathMatch path;                      // what the path says; views into the request's head
  std::string_view sdk_provider;                // of a path under an SDK's base: "anthropic"; names a provider
  std::string passthrough_provider;             // the first path segment, and what follows it
  std::string passthrough_target;
  std::string model_in_path;  // GET /v1/models/{id}

  // own pages: of a change that was refused, for the audit log
  std::string tried_at;  // "POST /keys: key 'web'"
  std::string tried;     // what it was to become, as JSON without secrets; empty: that is not kept

  // authenticate
  const Caller* caller = nullptr;
  std::shared_ptr<const Caller> caller_kept;  // the same, also when its key changes or goes meanwhile

  // identify
  store::Tags tags;  // by name; what the key fixes, the caller cannot change

  // receive
  Instant received = arrived;  // when its body was there
  std::string body;
  dialect::Asked asked;   // not for passthrough
  bool has_seal = false;  // the body carries state of a provider (chat/seal.h)

  // route
  provider::Routes::Match match;
  provider::Asking asking;                   // what choose() decided by, for fallback routes too
  std::vector<provider::Target> candidates;  // in the order they are tried
  std::vector<provider::Excluded> excluded;  // left out or put last, and why
  provider::Timeouts timeouts;
  std::string kept_id;  // of the answer, where its provider keeps it for later requests; empty: it does not

  // limit
  std::vector<quota::Account*>
      accounts;                // what it is charged to: the caller's, those of its tags and session, the route's
  http::Headers limit_fields;  // of the answer, whatever it is: how the caller's limits stand
  std::optional<dialect::Demand> demand;  // by demand_of()

  // attempt
  std::list<Try> tries;      // in the order in which they began
  Try* current = nullptr;    // the one begun last, or whose answer the client gets; null: none was begun
  bool fell_back = false;    // candidates of fallback models were added (exchange/fallbacks.h)
  std::string_view gave_up;  // why no further one was made, where that was not for want of candidates: a constant

  // admit
  std::int64_t queued_us = 0;  // time in which tries waited for room, all together

  // budget
  std::optional<Money> budget_left;  // the least that any budget had left before; nothing: there is none

  // dispatch
  std::map<std::string, Medium, std::less<>> fetched;  // by URL; translations of all tries point into it
  int waits = 0;                                       // under way, for providers and for what they need
  Instant waiting_since;
  std::int64_t upstream_us = 0;  // time in which a provider, or what it needs, was waited for

  // the client's side
  std::optional<Instant> first_content;  // when the first piece of the answer left
  int status_sent = 0;                   // 0: nothing was sent
  std::function<void()> afterwards;      // what need not be done before the end of the answer has left; may be empty
};

}  // namespace sluice
