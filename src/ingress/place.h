// Path → what is asked for. Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "dialect/catalogue.h"
#include "http/message.h"

namespace sluice::ingress {

enum class PlaceKind {
  kHealth,       // GET /healthz: the process answers
  kReady,        // GET /readyz: it takes requests
  kMetrics,      // GET /metrics
  kAdmin,        // any method, /admin/v1/…: the API of the administrator tells what is there
  kModels,       // GET /v1/models, /v1beta/models
  kModel,        // GET /v1/models/{id}, /v1beta/models/{id}
  kCall,         // an endpoint of a dialect
  kPassthrough,  // /{provider}/…, by any method but TRACE, CONNECT and those that nobody knows
};

struct Place {
  PlaceKind kind;
  std::string_view operation;                   // its name in metrics and logs
  const dialect::Server* server = nullptr;      // kCall: whose it is
  const dialect::Endpoint* endpoint = nullptr;  // kCall
  dialect::PathMatch match;                     // kCall: views into the target
  std::string_view sdk_provider;                // kCall below an SDK's base path: "anthropic"
  std::string model;                            // kModel, decoded
  std::string provider;                         // kPassthrough: the first segment
  std::string rest;                             // kPassthrough: the target behind it, with its query
};

// The paths that need no credentials. Everything else does.
inline constexpr std::string_view kOpenPaths[] = {"/healthz", "/readyz"};

// In whose words a client is told of what is no endpoint of a dialect: of its path, or else of the fields it sends.
const dialect::Server& server_of(const http::RequestHead& head);

// Faults: kInvalidRequest (a path with dot segments, control characters or no slash), kMethodNotAllowed (told names
// those allowed).
Result<Place> find_place(std::string_view method, std::string_view target);

}  // namespace sluice::ingress
