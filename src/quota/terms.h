// What may be used up: limits of requests, tokens and concurrency, and budgets of money over windows of time, as they
// are configured for an account.
//
// Thread rule: plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/money.h"

namespace sluice::quota {

// Whose an account is.
enum class Scope : std::uint8_t {
  kOrganisation,
  kTeam,
  kUser,
  kKey,
  kTag,      // its name is "feature=search"
  kSession,  // one run of an agent, one conversation
  kRoute,
  kProvider,
  kDeployment,
  kProviderKey,  // one of the several keys of a provider: "openai/batch"
};
inline constexpr std::size_t kScopes = 10;
// A cap that an operator puts on a provider or a deployment: none of the caller's budgets.
constexpr bool is_cap(Scope scope) {
  return scope == Scope::kProvider || scope == Scope::kDeployment;
}
constexpr std::string_view name(Scope scope) {
  constexpr std::string_view kNames[] = {"organisation", "team",  "user",     "key",        "tag",
                                         "session",      "route", "provider", "deployment", "provider_key"};
  return kNames[static_cast<std::size_t>(scope)];
}

struct Limits {
  std::uint64_t rpm = 0, tpm = 0;  // in any 60 seconds; 0: no limit
  std::uint32_t concurrency = 0;   // at once; 0: no limit

  bool any() const { return rpm > 0 || tpm > 0 || concurrency > 0; }
  bool operator==(const Limits&) const = default;
};

struct Window {
  enum class Kind : std::uint8_t {
    kTotal,    // for ever
    kDay,      // from midnight
    kWeek,     // from Monday
    kMonth,    // from the first
    kRolling,  // the time just past
  };
  Kind kind = Kind::kTotal;
  Ms rolling{0};             // how much of it
  std::string zone = "UTC";  // of days, weeks and months

  bool operator==(const Window&) const = default;
};
inline constexpr Ms kShortestRolling{60'000}, kLongestRolling{366LL * 24 * 3'600'000};
inline constexpr std::string_view kRollingRange = "from 1m to 8784h";
// "total", "day", "week", "month Europe/Berlin", "rolling 24h"
std::string to_text(const Window& window);

// What becomes of a request whose worst case is not known, the strictest last.
enum class Unpriced : std::uint8_t {
  kAllowAndAlert,  // let through, counted and told
  kEstimateHigh,   // set aside and, where nobody tells the cost, charged at the dearest prices there are
  kBlock,          // refused
};
inline constexpr std::string_view kUnpricedNames[] = {"allow_and_alert", "estimate_high", "block"};
constexpr std::string_view name(Unpriced unpriced) {
  return kUnpricedNames[static_cast<std::size_t>(unpriced)];
}
std::optional<Unpriced> find_unpriced(std::string_view name);

struct BudgetTerms {
  Money limit;
  Window window;
  bool hard = true;                           // what there is no room for is refused; else it is only counted
  bool strict = false;                        // answers are made as short as what is left can pay
  std::vector<std::uint32_t> alerts_percent;  // ascending: told once a window
  std::optional<Unpriced> unpriced;           // nothing: as is usual

  bool operator==(const BudgetTerms&) const = default;
};

struct Terms {
  Limits limits;
  std::vector<BudgetTerms> budgets;  // all of them hold; each with a window of its own

  bool any() const { return limits.any() || !budgets.empty(); }
  bool operator==(const Terms&) const = default;
};

}  // namespace sluice::quota
