// Expected failures as values: what happened, whose fault it was, whether another try makes sense, what the
// caller is told and what only the log is told.
//
// Thread rule: plain values. Exceptions are for bugs and are caught once per connection.
#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {

// What happened. The HTTP status of each kind is one switch (ingress/fault_status.cpp).
enum class FaultKind {
  kInvalidRequest,    // the client's request cannot be served as it is
  kTooLarge,          // a header, body or decompressed body above its limit
  kUnauthenticated,   // no key, or one we do not know
  kForbidden,         // a known key that may not do this
  kNotFound,          // no such path, model or route
  kMethodNotAllowed,  //
  kClientTimeout,     // the client was too slow to send its request
  kClientGone,        // the client left; nobody is there to be told
  kSuperseded,        // another try of the same request answered first
  kRateLimited,       // our own limit
  kOverloaded,        // we have no room (connections, pool, queue)
  kShuttingDown,      // drained before the answer was complete
  kUnreachable,       // the provider could not be connected to (DNS, TCP, TLS, proxy)
  kConnectionLost,    // the provider's connection broke before any byte of its answer
  kProviderTimeout,   // one of connect, first byte, idle, total
  kProviderStatus,    // the provider answered with an error status (Fault::answer has it)
  kProviderError,     // the provider reported an error inside a 200
  kTruncated,         // the provider's answer ended before its end
  kProviderProtocol,  // the provider's bytes are not what its protocol says
  kInvalidConfig,     // configuration, flags
  kInternal,          // our bug
};

enum class Blame { kClient, kGateway, kProvider };

// May another attempt help? kSame: the same deployment may work in a moment. kOther: only another one.
enum class Retry { kNo, kSame, kOther };

// What a provider's error means, whatever its API calls it.
enum class Meaning {
  kUnknown,
  kInvalidRequest,
  kContextLength,   // the prompt is longer than the model's window
  kContentPolicy,   // the prompt was refused before it was answered
  kAuthentication,  // of our key
  kPermission,      // of our key
  kBilling,         // our account has no money
  kQuotaExhausted,  // a limit that no short wait lifts
  kNotFound,        // no such model or address
  kRequestTooLarge,
  kRateLimit,
  kOverloaded,
  kTimeout,
  kServerError,
  kModelError,  // the model's output was malformed
  kCancelled,
};
std::string_view name(Meaning meaning);  // "rate_limit"

// An error answer of a provider, kept so that a client speaking the same dialect gets its very bytes.
struct ProviderAnswer {
  // kOurAccount: our key is refused or has no money left. That is never the client's 401 or 429.
  enum class Concerns { kRequest, kOurAccount };

  int status = 0;
  std::string_view dialect;  // a constant: the dialect it is written in
  Concerns concerns = Concerns::kRequest;
  std::string content_type;
  std::string body;
  std::string request_id;                                    // the provider's own id of the request, if it sent one
  std::vector<std::pair<std::string, std::string>> headers;  // those a client may see (rate limits, retry hints)
};

struct Fault {
  FaultKind kind = FaultKind::kInternal;
  std::string told;    // a sentence for the caller; never holds a secret
  std::string detail;  // for the log only; never holds a secret either
  Retry retry = Retry::kNo;
  Meaning meaning = Meaning::kUnknown;                   // with kProviderStatus and kProviderError
  std::string param;                                     // the field or header it is about, if one
  std::string code;                                      // machine-readable, the dialect's or the provider's word
  std::optional<std::chrono::milliseconds> retry_after;  // how long the provider or limit asks to wait
  std::shared_ptr<const ProviderAnswer> answer;          // with kProviderStatus
};

// Whose fault a kind is: decides log level and error metrics.
constexpr Blame blame(FaultKind kind) {
  switch (kind) {
    case FaultKind::kInvalidRequest:
    case FaultKind::kTooLarge:
    case FaultKind::kUnauthenticated:
    case FaultKind::kForbidden:
    case FaultKind::kNotFound:
    case FaultKind::kMethodNotAllowed:
    case FaultKind::kClientTimeout:
    case FaultKind::kClientGone:
    case FaultKind::kRateLimited:
      return Blame::kClient;
    case FaultKind::kUnreachable:
    case FaultKind::kConnectionLost:
    case FaultKind::kProviderTimeout:
    case FaultKind::kProviderStatus:
    case FaultKind::kProviderError:
    case FaultKind::kTruncated:
    case FaultKind::kProviderProtocol:
      return Blame::kProvider;
    case FaultKind::kOverloaded:
    case FaultKind::kShuttingDown:
    case FaultKind::kSuperseded:
    case FaultKind::kInvalidConfig:
    case FaultKind::kInternal:
      return Blame::kGateway;
  }
  return Blame::kGateway;
}

// The name of a kind in logs, metrics and error codes: "connection_lost".
std::string_view name(FaultKind kind);

template <class T>
using Result = std::expected<T, Fault>;
using Status = Result<void>;

// return fail(FaultKind::kNotFound, "There is no model 'x'.");
[[nodiscard]] inline std::unexpected<Fault> fail(FaultKind kind, std::string told, std::string detail = {}) {
  Fault fault;
  fault.kind = kind;
  fault.told = std::move(told);
  fault.detail = std::move(detail);
  return std::unexpected<Fault>(std::move(fault));
}
[[nodiscard]] inline std::unexpected<Fault> fail(Fault fault) {
  return std::unexpected<Fault>(std::move(fault));
}

// Passes a failure on: return fail(result).
template <class T>
[[nodiscard]] std::unexpected<Fault> fail_from(Result<T>& result) {
  return std::unexpected<Fault>(std::move(result.error()));
}

}  // namespace sluice
