// One request being served: what came, who asks, where it goes, what was tried and learned.
//
// Each stage fills in its part; the comments say which. Thread rule: the loop's thread, from arrival to its record.
// Ownership: the ingress owns it for the time of the request; references point to things that outlive it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/workers.h"
#include "dialect/openai/answer.h"
#include "dialect/openai/endpoint.h"
#include "dialect/openai/request.h"
#include "exchange/caller.h"
#include "json/fwd.h"
#include "net/client.h"
#include "net/server.h"
#include "provider/provider.h"

namespace sluice {

// What a loop lends to the exchanges on it.
struct LoopTools {
  net::Loop& loop;
  net::Client& client;
  Workers& workers;
  json::Reader& reader;
};

// One try at one deployment.
struct AttemptRecord {
  const provider::Deployment* deployment = nullptr;
  std::int64_t duration_us = 0;
  int status = 0;                  // the provider's; 0: none came
  std::optional<FaultKind> fault;  // nothing: it served
  std::string error;
};

struct Exchange {
  Exchange(net::Request& r, LoopTools& t) : request(r), tools(t), arrived(r.arrived()), cancel(r.cancel()) {}
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // ingress
  net::Request& request;
  LoopTools& tools;
  std::string id;  // ours, unique
  Instant arrived;
  Cancel& cancel;
  std::string_view operation = "unknown";                    // for metrics and logs: "chat", "passthrough", "models"
  const dialect::openai::EndpointFacts* endpoint = nullptr;  // null: passthrough or an own page
  std::string passthrough_provider;                          // the first path segment, and what follows it
  std::string passthrough_target;
  std::string model_in_path;  // GET /v1/models/{id}

  // authenticate
  const Caller* caller = nullptr;

  // receive
  std::string body;
  dialect::openai::Asked asked;  // not for passthrough

  // route
  provider::Routes::Match match;
  std::vector<provider::Target> candidates;  // in the order they are tried

  // attempt
  const provider::Target* target = nullptr;  // of the current attempt; one of the candidates
  std::vector<AttemptRecord> attempts;
  provider::Timeouts timeouts;

  // dispatch
  dialect::openai::Learned learned;
  int provider_status = 0;
  std::string provider_request_id;
  std::int64_t upstream_us = 0;  // time spent waiting for providers

  // the client's side
  std::optional<Instant> first_content;  // when the first piece of the answer left
  int status_sent = 0;                   // 0: nothing was sent
  std::uint64_t bytes_sent = 0;
};

}  // namespace sluice
