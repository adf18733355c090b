#include "provider/failure.h"

#include <algorithm>

namespace sluice::provider {

namespace {

constexpr std::array<FailureFacts, kFailures> kTable{{
    {Failure::kUnreachable, "unreachable", Remedy::kElsewhere, Counts::kYes, "No address, no connection or no TLS."},
    {Failure::kConnectTimeout, "connect_timeout", Remedy::kElsewhere, Counts::kYes, "It could not be reached in time."},
    {Failure::kConnectionLost, "connection_lost", Remedy::kElsewhere, Counts::kYes,
     "The connection broke before any byte of an answer."},
    {Failure::kFirstByteTimeout, "first_byte_timeout", Remedy::kElsewhereOnly, Counts::kYes,
     "No answer began in time."},
    {Failure::kIdleTimeout, "idle_timeout", Remedy::kElsewhereOnly, Counts::kYes,
     "An answer stood still for too long."},
    {Failure::kRequestTimeout, "request_timeout", Remedy::kElsewhere, Counts::kYes,
     "The provider says that it was too slow: 408, 504."},
    {Failure::kConflict, "conflict", Remedy::kElsewhere, Counts::kNo, "Status 409."},
    {Failure::kRateLimit, "rate_limit", Remedy::kElsewhere, Counts::kNo, "Status 429."},
    {Failure::kOverloaded, "overloaded", Remedy::kElsewhere, Counts::kYes, "Status 503 or 529."},
    {Failure::kServerError, "server_error", Remedy::kElsewhere, Counts::kYes,
     "Another 5xx, or an error in place of an answer."},
    {Failure::kModelError, "model_error", Remedy::kElsewhere, Counts::kNo, "The model's output was malformed."},
    {Failure::kMalformed, "malformed", Remedy::kElsewhere, Counts::kYes, "An answer that cannot be read."},
    {Failure::kTruncated, "truncated", Remedy::kElsewhere, Counts::kYes, "An answer that ended before its end."},
    {Failure::kQuota, "quota", Remedy::kElsewhereOnly, Counts::kYes, "The account has no money or quota left."},
    {Failure::kAccount, "account", Remedy::kElsewhereOnly, Counts::kYes, "The configured key is refused: 401, 403."},
    {Failure::kNotFound, "not_found", Remedy::kElsewhereOnly, Counts::kNo, "The provider has no such model."},
    {Failure::kContextWindow, "context_window", Remedy::kElsewhereOnly, Counts::kNo,
     "The prompt is too long for the model."},
    {Failure::kContentPolicy, "content_policy", Remedy::kGiveUp, Counts::kNo,
     "The provider refuses the prompt for what it says."},
    {Failure::kForeignState, "foreign_state", Remedy::kElsewhere, Counts::kNo,
     "The conversation holds reasoning that another account sealed: 'next' asks the other deployments, then this one "
     "again without it."},
    {Failure::kUnsupported, "unsupported", Remedy::kElsewhereOnly, Counts::kNo,
     "The request cannot be said in the provider's API."},
    {Failure::kNoRoom, "no_room", Remedy::kElsewhereOnly, Counts::kNo, "The deployment's own limits here are reached."},
    {Failure::kSpendCap, "spend_cap", Remedy::kElsewhereOnly, Counts::kNo,
     "The deployment's or provider's own budget has no room for it."},
    {Failure::kUnpriced, "unpriced", Remedy::kElsewhereOnly, Counts::kNo,
     "What it may cost is not known, and the caller has a budget."},
    {Failure::kBudget, "budget", Remedy::kGiveUp, Counts::kNo, "The caller's budget has no room for what it may cost."},
    {Failure::kRequest, "request", Remedy::kGiveUp, Counts::kNo, "The request is wrong: no other try helps."},
}};

struct RemedyName {
  Remedy remedy;
  std::string_view name;
};
constexpr RemedyName kRemedies[] = {{Remedy::kElsewhere, "next"},
                                    {Remedy::kAgain, "retry"},
                                    {Remedy::kElsewhereOnly, "next_only"},
                                    {Remedy::kGiveUp, "give_up"}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kFailures; ++i) {
    if (static_cast<std::size_t>(kTable[i].failure) != i) return false;
  }
  return true;
}
static_assert(in_order());

Failure of_timeout(const Fault& fault) {
  if (fault.code == "connect_timeout") return Failure::kConnectTimeout;
  if (fault.code == "first_byte_timeout") return Failure::kFirstByteTimeout;
  if (fault.code == "idle_timeout") return Failure::kIdleTimeout;
  return fault.code == "total_timeout" ? Failure::kRequest : Failure::kFirstByteTimeout;  // a deadline leaves no time
}

// Of what is refused here for money; providers may use the same words.
std::optional<Failure> of_own_budget(const Fault& fault) {
  if (fault.kind == FaultKind::kOverloaded && fault.code == "spend_cap") return Failure::kSpendCap;
  if (fault.kind == FaultKind::kForbidden && fault.code == "unpriced_model") return Failure::kUnpriced;
  if (fault.kind == FaultKind::kRateLimited && fault.code == "budget_exceeded") return Failure::kBudget;
  return std::nullopt;
}

// What the provider said, in a status or inside an answer.
Failure of_meaning(const Fault& fault) {
  const bool is_conflict = fault.answer && fault.answer->status == 409;
  switch (fault.meaning) {
    case Meaning::kContextLength:
      return Failure::kContextWindow;
    case Meaning::kContentPolicy:
      return Failure::kContentPolicy;
    case Meaning::kForeignState:
      return Failure::kForeignState;
    case Meaning::kAuthentication:
    case Meaning::kPermission:
      return Failure::kAccount;
    case Meaning::kBilling:
    case Meaning::kQuotaExhausted:
      return Failure::kQuota;
    case Meaning::kNotFound:
      return Failure::kNotFound;
    case Meaning::kRateLimit:
      return Failure::kRateLimit;
    case Meaning::kOverloaded:
      return Failure::kOverloaded;
    case Meaning::kTimeout:
      return Failure::kRequestTimeout;
    case Meaning::kModelError:
      return Failure::kModelError;
    case Meaning::kInvalidRequest:
    case Meaning::kRequestTooLarge:
    case Meaning::kCancelled:
      return is_conflict ? Failure::kConflict : Failure::kRequest;
    case Meaning::kUnknown:
      return is_conflict ? Failure::kConflict : Failure::kServerError;
    case Meaning::kServerError:
      return Failure::kServerError;
  }
  return Failure::kServerError;
}

}  // namespace

std::span<const FailureFacts, kFailures> failures() {
  return kTable;
}

std::string_view name(Failure failure) {
  return kTable[static_cast<std::size_t>(failure)].name;
}

bool is_ours(Failure failure) {
  return failure == Failure::kNoRoom || failure == Failure::kSpendCap || failure == Failure::kUnpriced ||
         failure == Failure::kBudget;
}

std::string_view name(Remedy remedy) {
  return kRemedies[static_cast<std::size_t>(remedy)].name;
}

std::optional<Failure> find_failure(std::string_view name) {
  const auto* found = std::ranges::find(kTable, name, &FailureFacts::name);
  return found == kTable.end() ? std::nullopt : std::optional(found->failure);
}

std::optional<Remedy> find_remedy(std::string_view name) {
  const auto* found = std::ranges::find(kRemedies, name, &RemedyName::name);
  return found == std::end(kRemedies) ? std::nullopt : std::optional(found->remedy);
}

Failure classify(const Fault& fault) {
  if (fault.code == "credentials_unavailable") return Failure::kAccount;
  if (const auto own = of_own_budget(fault)) return *own;
  switch (fault.kind) {
    case FaultKind::kUnreachable:
      return Failure::kUnreachable;
    case FaultKind::kConnectionLost:
      return Failure::kConnectionLost;
    case FaultKind::kProviderTimeout:
      return of_timeout(fault);
    case FaultKind::kTruncated:
      return Failure::kTruncated;
    case FaultKind::kProviderProtocol:
      return Failure::kMalformed;
    case FaultKind::kProviderStatus:
    case FaultKind::kProviderError:
      return of_meaning(fault);
    case FaultKind::kOverloaded:
    case FaultKind::kRateLimited:
      return Failure::kNoRoom;
    case FaultKind::kInvalidRequest:
      return fault.code.starts_with("unsupported_") ? Failure::kUnsupported : Failure::kRequest;
    default:
      return Failure::kRequest;
  }
}

FailurePolicy::FailurePolicy() {
  for (const auto& facts : kTable) remedies_[static_cast<std::size_t>(facts.failure)] = facts.remedy;
}

void FailurePolicy::set(Failure failure, Remedy remedy) {
  remedies_[static_cast<std::size_t>(failure)] = remedy;
  decided_[static_cast<std::size_t>(failure)] = true;
}

Remedy FailurePolicy::remedy(const Fault& fault) const {
  const auto failure = classify(fault);
  const auto remedy = this->remedy(failure);
  if (decided_[static_cast<std::size_t>(failure)]) return remedy;
  const bool is_said = fault.kind == FaultKind::kProviderStatus || fault.kind == FaultKind::kProviderError;
  if (remedy == Remedy::kGiveUp) return is_said && fault.retry == Retry::kSame ? Remedy::kElsewhere : remedy;
  if (fault.retry == Retry::kOther) return Remedy::kElsewhereOnly;
  return is_said && fault.retry == Retry::kNo ? Remedy::kGiveUp : remedy;
}

}  // namespace sluice::provider
