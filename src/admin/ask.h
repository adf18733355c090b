// What the operations of the administrator's API get and give.
//
// Thread rule: an operation runs on a worker thread and may take milliseconds; all it touches is immutable or guards
// itself. Lifetime: the tools belong to the snapshot the request began with, the caller to the request.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/rights.h"
#include "base/result.h"
#include "base/sealer.h"
#include "provider/provider.h"
#include "stage/inject/injections.h"
#include "stage/record/recent.h"
#include "store/audit.h"
#include "store/ledger.h"

namespace sluice::admin {

class Roster;

// What secrets are sealed with, and whether one of them is another one now: the configuration is to be read again.
struct Vault {
  std::optional<Sealer> sealer;  // nothing: there is no key
  std::atomic<bool> changed{false};
};

struct Tools {
  const provider::Routes& routes;
  const stage::Recent& recent;
  stage::Injections* injections;  // null: drills are not allowed here
  store::Ledger& ledger;
  Roster* roster = nullptr;                                // null: there is no directory
  Vault* vault = nullptr;                                  // null: secrets can be looked at only
  const std::vector<std::string>* used_secrets = nullptr;  // by the configuration in force; null: nobody knows
};

struct Ask {
  std::string parameter;   // what stood for {…} in the path, decoded
  std::string_view query;  // of the target, without '?'
  std::string_view body;
  const Caller& who;
  Reach reach = Reach::kAll;  // how far the caller's role goes here
  std::string_view from;      // the address
  std::string_view request_id;
};

// An entry of the audit log about a change that is asked for: "keys.create", "key 'web'".
store::AuditEntry change_of(const Ask& ask, std::string what, std::string about);

Failure invalid(std::string_view field, std::string told);
Failure not_found(std::string_view field, std::string told);
Failure conflict(std::string_view field, std::string told);
Failure forbidden(std::string_view field, std::string told, std::string code);

}  // namespace sluice::admin
