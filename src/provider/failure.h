// What follows when a try fails, by what went wrong: a table with defaults that are right for most, and what a route
// says otherwise.
//
// Thread rule: plain values and pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"

namespace sluice::provider {

// The classes of failures, in the order of the table.
enum class Failure : std::uint8_t {
  kUnreachable,       // no address, no connection, no TLS
  kConnectTimeout,    //
  kConnectionLost,    // before any byte of an answer
  kFirstByteTimeout,  //
  kIdleTimeout,       // in the middle of an answer
  kRequestTimeout,    // status 408, 504
  kConflict,          // status 409
  kRateLimit,         // status 429
  kOverloaded,        // status 503, 529
  kServerError,       // other 5xx
  kModelError,        // the model's output was malformed
  kMalformed,         // an answer that cannot be read
  kTruncated,         // an answer that ended before its end
  kQuota,             // our account has no money or quota left
  kAccount,           // our key is refused
  kNotFound,          // the provider has no such model
  kContextWindow,     // the prompt is too long for the model
  kContentPolicy,     // the prompt was refused for what it says
  kForeignState,      // the prompt holds reasoning that another account or provider sealed
  kUnsupported,       // the request cannot be said in the provider's API
  kNoRoom,            // our own limits for the deployment
  kSpendCap,          // the deployment or its provider has spent what it may
  kUnpriced,          // what it may cost is not known, and the caller has a budget
  kBudget,            // the caller's budget has no room for what it may cost
  kRequest,           // the client's request is wrong, or what is left: no other try helps
};
constexpr std::size_t kFailures = static_cast<std::size_t>(Failure::kRequest) + 1;

enum class Remedy : std::uint8_t {
  kElsewhere,      // "next": another deployment; the same one again only where no other is left
  kAgain,          // "retry": the same deployment again, after that as above
  kElsewhereOnly,  // "next_only": another deployment, never the same one again
  kGiveUp,         // "give_up"
};

// May a failure be the deployment's own, so that its circuit breaker counts it?
enum class Counts : std::uint8_t { kNo, kYes };

struct FailureFacts {
  Failure failure;
  std::string_view name;  // "rate_limit": in configurations and records
  Remedy remedy;          // where the route says nothing
  Counts counts;
  std::string_view about;
};
std::span<const FailureFacts, kFailures> failures();
std::string_view name(Failure failure);
std::string_view name(Remedy remedy);
std::optional<Failure> find_failure(std::string_view name);
std::optional<Remedy> find_remedy(std::string_view name);

Failure classify(const Fault& fault);
// Refused by limits, budgets or prices of ours, before the provider was asked.
bool is_ours(Failure failure);

// What a route does about each class.
class FailurePolicy {
 public:
  FailurePolicy();  // the defaults
  void set(Failure failure, Remedy remedy);
  Remedy remedy(Failure failure) const { return remedies_[static_cast<std::size_t>(failure)]; }
  // For this very fault: a provider's own word on whether to try again is heeded, unless the route decided.
  Remedy remedy(const Fault& fault) const;

 private:
  std::array<Remedy, kFailures> remedies_;
  std::array<bool, kFailures> decided_{};
};

}  // namespace sluice::provider
