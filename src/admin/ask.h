// What the operations of the administrator's API get and give.
//
// Thread rule: an operation runs on a worker thread and may take milliseconds; all it touches is immutable or guards
// itself. Lifetime: the tools belong to the snapshot the request began with.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "provider/provider.h"
#include "stage/inject/injections.h"
#include "stage/record/recent.h"
#include "store/ledger.h"

namespace sluice::admin {

struct Tools {
  const provider::Routes& routes;
  const stage::Recent& recent;
  stage::Injections* injections;  // null: drills are not allowed here
  store::Ledger& ledger;
};

struct Ask {
  std::string parameter;   // what stood for {…} in the path, decoded
  std::string_view query;  // of the target, without '?'
  std::string_view body;
};

// The decoded value of a query parameter; nothing when it is not there or not coded correctly.
std::optional<std::string> query_value(std::string_view query, std::string_view name);

std::unexpected<Fault> invalid(std::string_view field, std::string told);
std::unexpected<Fault> not_found(std::string_view field, std::string told);

}  // namespace sluice::admin
