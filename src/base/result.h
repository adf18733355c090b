// Expected failures as values: what happened, whose fault it was, whether another try makes sense, what the
// caller is told and what only the log is told.
//
// Thread rule: plain values. Exceptions are for bugs and are caught once per connection.
#pragma once

#include <chrono>
#include <concepts>
#include <expected>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
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
  kForeignState,    // it holds reasoning that another account or provider sealed
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
class Result;

// A fault on its way to who asked. It is large and rare: kept apart, it takes no room in results, of which the frames
// of coroutines hold many.
class [[nodiscard]] Failure {
 public:
  explicit Failure(Fault fault) : fault_(std::make_unique<Fault>(std::move(fault))) {}

  const Fault& error() const& { return *fault_; }
  Fault&& error() && { return std::move(*fault_); }

 private:
  template <class T>
  friend class Result;
  template <class T>
  friend Failure fail_from(Result<T>& result);
  explicit Failure(std::unique_ptr<Fault> fault) : fault_(std::move(fault)) {}
  std::unique_ptr<Fault> fault_;
};

// Passes a failure on: return fail_from(result). The result holds none afterwards, and is not looked at again.
template <class T>
[[nodiscard]] Failure fail_from(Result<T>& result);

// What was asked for, or why there is none.
template <class T>
class Result {
 public:
  using value_type = T;

  Result() = default;  // a value
  template <class U = T>
    requires(!std::same_as<std::remove_cvref_t<U>, Result> && !std::same_as<std::remove_cvref_t<U>, Failure> &&
             std::constructible_from<T, U>)
  explicit(!std::convertible_to<U, T>) Result(U&& value) : held_(std::in_place, std::forward<U>(value)) {}
  template <class U>
    requires(!std::same_as<U, T> && std::constructible_from<T, U>)
  Result(Result<U> other) : held_(std::unexpect) {  // NOLINT: a result of what converts to T is one
    if (other) {
      held_.emplace(std::move(*other));
    } else {
      held_.error() = std::move(other.held_.error());
    }
  }
  Result(Failure failure) : held_(std::unexpect, std::move(failure.fault_)) {}  // NOLINT: return fail(…)
  Result(const Result& other) : held_(other ? Held(std::in_place, *other) : Held(std::unexpect, other.copied())) {}
  Result(Result&&) noexcept = default;
  Result& operator=(const Result& other) { return *this = Result(other); }
  Result& operator=(Result&&) noexcept = default;
  ~Result() = default;

  bool has_value() const { return held_.has_value(); }
  explicit operator bool() const { return held_.has_value(); }

  T& operator*() & { return *held_; }
  const T& operator*() const& { return *held_; }
  T&& operator*() && { return std::move(*held_); }
  T* operator->() { return &*held_; }
  const T* operator->() const { return &*held_; }
  // Where a fault would be a bug: it is thrown as one.
  T& value() & { return checked(), *held_; }
  const T& value() const& { return checked(), *held_; }
  T&& value() && { return checked(), std::move(*held_); }
  template <class U>
  T value_or(U&& other) const& {
    return held_ ? *held_ : static_cast<T>(std::forward<U>(other));
  }
  template <class U>
  T value_or(U&& other) && {
    return held_ ? std::move(*held_) : static_cast<T>(std::forward<U>(other));
  }

  Fault& error() & { return *held_.error(); }
  const Fault& error() const& { return *held_.error(); }
  Fault&& error() && { return std::move(*held_.error()); }

 private:
  template <class U>
  friend class Result;
  friend Failure fail_from<T>(Result& result);
  using Held = std::expected<T, std::unique_ptr<Fault>>;
  std::unique_ptr<Fault> copied() const { return std::make_unique<Fault>(error()); }
  void checked() const {
    if (!held_) throw std::logic_error(error().told);
  }

  Held held_;
};

// Whether it was done, or why not.
template <>
class Result<void> {
 public:
  using value_type = void;

  Result() = default;                                             // done
  Result(Failure failure) : fault_(std::move(failure.fault_)) {}  // NOLINT: return fail(…)
  Result(const Result& other) : fault_(other ? nullptr : std::make_unique<Fault>(other.error())) {}
  Result(Result&&) noexcept = default;
  Result& operator=(const Result& other) { return *this = Result(other); }
  Result& operator=(Result&&) noexcept = default;
  ~Result() = default;

  bool has_value() const { return !fault_; }
  explicit operator bool() const { return !fault_; }
  Fault& error() & { return *fault_; }
  const Fault& error() const& { return *fault_; }
  Fault&& error() && { return std::move(*fault_); }

 private:
  friend Failure fail_from<void>(Result& result);
  std::unique_ptr<Fault> fault_;
};

using Status = Result<void>;

// return fail(FaultKind::kNotFound, "There is no model 'x'.");
[[nodiscard]] inline Failure fail(FaultKind kind, std::string told, std::string detail = {}) {
  Fault fault;
  fault.kind = kind;
  fault.told = std::move(told);
  fault.detail = std::move(detail);
  return Failure(std::move(fault));
}
[[nodiscard]] inline Failure fail(Fault fault) {
  return Failure(std::move(fault));
}

template <class T>
Failure fail_from(Result<T>& result) {
  if constexpr (std::is_void_v<T>) {
    return Failure(std::move(result.fault_));
  } else {
    return Failure(std::move(result.held_.error()));
  }
}

}  // namespace sluice
