// The administrator's API: /admin/v1/…, JSON in, JSON out. The end of its pipeline; only callers with a role on the
// administrator's side come this far, and what theirs does not allow ends here.
//
// Thread rule: immutable; operations run on worker threads (ask.h). Ownership: the Snapshot.
#pragma once

#include <span>

#include "admin/ask.h"
#include "exchange/stage.h"

namespace sluice::admin {

struct Operation {
  std::string_view method;
  std::string_view path;  // below /admin/v1; at most one {parameter}, which may hold slashes
  Result<std::string> (*act)(const Tools&, const Ask&);
  Area area = Area::kGateway;  // with the method it says who may: rights.h
  // What it changes, as a JSON object, for the audit log before and after it; null: what it answers is what it did, or
  // it has an entry of its own.
  Result<std::string> (*state)(const Tools&, const Ask&) = nullptr;
  std::string_view (*type)(const Ask&) = nullptr;  // of its answer; null: JSON

  // Where its body says nothing: what is given stands in the path and the query.
  enum class Body : std::uint8_t { kSaysWhat, kIsEmpty } body = Body::kSaysWhat;

  Act right() const { return method == "GET" ? Act::kSee : Act::kChange; }
};

// All there are. The OpenAPI document (openapi.cpp) describes exactly these; a test compares them.
std::span<const Operation> operations();

// Stands before the question who may ask: says of a request what it is about, so that its refusal is of something.
class Place final : public Stage {
 public:
  Task<Status> run(Exchange& x, Sink& out, Next next) override;
};

class Api final : public Stage {
 public:
  explicit Api(Tools tools) : tools_(tools) {}
  Task<Status> run(Exchange& x, Sink& out, Next next) override;

 private:
  Tools tools_;
};

}  // namespace sluice::admin
