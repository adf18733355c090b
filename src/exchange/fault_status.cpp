#include "exchange/fault_status.h"

#include "dialect/faults.h"

namespace sluice {

namespace {

// Of what a provider reports inside of a success: the status it would have had. What says nothing of the request or of
// a limit is a bad gateway.
int status_of_report(Meaning meaning) {
  const int status = dialect::status_of(meaning).value_or(502);
  const bool says_nothing = meaning == Meaning::kServerError || meaning == Meaning::kModelError;
  return says_nothing || meaning == Meaning::kCancelled ? 502 : status;
}

}  // namespace

int http_status(const Fault& fault) {
  switch (fault.kind) {
    case FaultKind::kInvalidRequest:
      return fault.code == "conflict" ? 409 : 400;
    case FaultKind::kTooLarge:
      return fault.code.starts_with("header") ? 431 : 413;
    case FaultKind::kUnauthenticated:
      return 401;
    case FaultKind::kForbidden:
      return 403;
    case FaultKind::kNotFound:
      return 404;
    case FaultKind::kMethodNotAllowed:
      return 405;
    case FaultKind::kClientTimeout:
      return 408;
    case FaultKind::kClientGone:
      return 499;
    case FaultKind::kRateLimited:
      return 429;
    case FaultKind::kOverloaded:
      return 503;
    case FaultKind::kShuttingDown:
      return 503;
    case FaultKind::kProviderTimeout:
      return 504;
    case FaultKind::kUnreachable:
    case FaultKind::kConnectionLost:
    case FaultKind::kTruncated:
    case FaultKind::kProviderProtocol:
      return 502;
    case FaultKind::kProviderError:
      return status_of_report(fault.meaning);
    case FaultKind::kProviderStatus: {
      int status = fault.answer ? fault.answer->status : 502;
      return status < 400 || dialect::concerns_our_account(fault) ? 502 : status;
    }
    case FaultKind::kSuperseded:
    case FaultKind::kInvalidConfig:
    case FaultKind::kInternal:
      return 500;
  }
  return 500;
}

}  // namespace sluice
