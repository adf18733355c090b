#include "base/result.h"

namespace sluice {

std::string_view name(FaultKind kind) {
  switch (kind) {
    case FaultKind::kInvalidRequest:
      return "invalid_request";
    case FaultKind::kTooLarge:
      return "too_large";
    case FaultKind::kUnauthenticated:
      return "unauthenticated";
    case FaultKind::kForbidden:
      return "forbidden";
    case FaultKind::kNotFound:
      return "not_found";
    case FaultKind::kMethodNotAllowed:
      return "method_not_allowed";
    case FaultKind::kClientTimeout:
      return "client_timeout";
    case FaultKind::kClientGone:
      return "client_gone";
    case FaultKind::kSuperseded:
      return "superseded";
    case FaultKind::kRateLimited:
      return "rate_limited";
    case FaultKind::kOverloaded:
      return "overloaded";
    case FaultKind::kShuttingDown:
      return "shutting_down";
    case FaultKind::kUnreachable:
      return "unreachable";
    case FaultKind::kConnectionLost:
      return "connection_lost";
    case FaultKind::kProviderTimeout:
      return "provider_timeout";
    case FaultKind::kProviderStatus:
      return "provider_status";
    case FaultKind::kProviderError:
      return "provider_error";
    case FaultKind::kTruncated:
      return "truncated";
    case FaultKind::kProviderProtocol:
      return "provider_protocol";
    case FaultKind::kInvalidConfig:
      return "invalid_config";
    case FaultKind::kInternal:
      return "internal";
  }
  return "internal";
}

std::string_view name(Meaning meaning) {
  switch (meaning) {
    case Meaning::kUnknown:
      return "unknown";
    case Meaning::kInvalidRequest:
      return "invalid_request";
    case Meaning::kContextLength:
      return "context_length";
    case Meaning::kContentPolicy:
      return "content_policy";
    case Meaning::kForeignState:
      return "foreign_state";
    case Meaning::kAuthentication:
      return "authentication";
    case Meaning::kPermission:
      return "permission";
    case Meaning::kBilling:
      return "billing";
    case Meaning::kQuotaExhausted:
      return "quota_exhausted";
    case Meaning::kNotFound:
      return "not_found";
    case Meaning::kRequestTooLarge:
      return "request_too_large";
    case Meaning::kRateLimit:
      return "rate_limit";
    case Meaning::kOverloaded:
      return "overloaded";
    case Meaning::kTimeout:
      return "timeout";
    case Meaning::kServerError:
      return "server_error";
    case Meaning::kModelError:
      return "model_error";
    case Meaning::kCancelled:
      return "cancelled";
  }
  return "unknown";
}

}  // namespace sluice
