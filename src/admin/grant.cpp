#include "admin/grant.h"

#include <fmt/format.h>

#include <algorithm>

#include "admin/ask.h"
#include "admin/terms.h"
#include "net/address_rules.h"

namespace sluice::admin {

namespace {

Failure more_than(std::string_view field, std::string_view whose) {
  return forbidden(field, fmt::format("'{}' would be more than {} has.", field, whose), "more_than_own");
}

// The same for lists of exact names.
bool is_among(const store::Texts& given, const store::Texts& own) {
  if (own.empty()) return true;
  return !given.empty() &&
         std::ranges::all_of(given, [&](const std::string& name) { return std::ranges::find(own, name) != own.end(); });
}

bool covers(std::string_view outer, std::string_view inner) {
  auto large = net::parse_network(outer), small = net::parse_network(inner);
  return large && small && large->size == small->size && large->prefix <= small->prefix &&
         large->holds(net::AddressBytes(small->bytes).first(small->size));
}

bool are_inside(const store::Texts& given, const store::Texts& own) {
  if (own.empty()) return true;
  return !given.empty() && std::ranges::all_of(given, [&](const std::string& network) {
    return std::ranges::any_of(own, [&](const std::string& outer) { return covers(outer, network); });
  });
}

enum class Missing { kAllowed, kIsMore };  // what a limit that is not given is, beside one that is

bool exceeds(std::uint64_t given, std::uint64_t own, Missing missing) {
  if (own == 0) return false;
  return given == 0 ? missing == Missing::kIsMore : given > own;
}

Status check_terms(const quota::Terms& given, const quota::Terms& own, Missing missing, std::string_view whose) {
  if (exceeds(given.limits.rpm, own.limits.rpm, missing)) return more_than("limits.rpm", whose);
  if (exceeds(given.limits.tpm, own.limits.tpm, missing)) return more_than("limits.tpm", whose);
  if (exceeds(given.limits.concurrency, own.limits.concurrency, missing)) return more_than("limits.concurrency", whose);
  for (const auto& budget : own.budgets) {
    auto same = std::ranges::find(given.budgets, budget.window, &quota::BudgetTerms::window);
    bool there = same != given.budgets.end();
    if (there ? same->limit > budget.limit : missing == Missing::kIsMore) return more_than("budget", whose);
    if (there && budget.hard && !same->hard) return more_than("budget", whose);
  }
  return {};
}

Status check_within_team(const store::TeamRow& team, const store::KeyRow& row) {
  if (!row.models.empty() && !is_within(row.models, team.models)) return more_than("models", "its team");
  auto given = read_terms(row.limits, row.budget);
  auto own = read_terms(team.limits, team.budget);
  if (!given || !own) return fail(FaultKind::kInternal, "The limits of the team cannot be read.");
  // A key without limits of its own has its team's.
  return check_terms(*given, *own, Missing::kAllowed, "its team");
}

Status check_within_own(const store::KeyRow& own, const store::KeyRow& row) {
  constexpr std::string_view kWhose = "the key that asks for it";
  if (!is_within(row.models, own.models)) return more_than("models", kWhose);
  if (!is_among(row.operations, own.operations)) return more_than("endpoints", kWhose);
  if (!are_inside(row.networks, own.networks)) return more_than("ip_ranges", kWhose);
  if (own.expires_us != 0 && (row.expires_us == 0 || row.expires_us > own.expires_us))
    return more_than("expires_at", kWhose);
  auto given = read_terms(row.limits, row.budget);
  auto mine = read_terms(own.limits, own.budget);
  if (!given || !mine) return fail(FaultKind::kInternal, "The limits of the key cannot be read.");
  return check_terms(*given, *mine, Missing::kIsMore, kWhose);
}

}  // namespace

bool is_within(const store::Texts& given, const store::Texts& own) {
  if (own.empty()) return true;
  if (given.empty()) return sluice::is_within("*", own);
  return std::ranges::all_of(given, [&](const std::string& glob) { return sluice::is_within(glob, own); });
}

Status check_touch(const Granter& granter, const store::KeyRow& row) {
  if (granter.reach == Reach::kOwnTeam && row.team != granter.who.team) {
    return forbidden(
        "team",
        fmt::format("The role '{}' is good for keys of the team '{}' only.", name(granter.who.role), granter.who.team),
        "more_than_own");
  }
  if (may_grant(granter.who.role, find_role(row.role).value_or(Role::kMember))) return {};
  return forbidden("role", fmt::format("The role '{}' does not give the role '{}'.", name(granter.who.role), row.role),
                   "more_than_own");
}

Status check_grant(const Granter& granter, const store::KeyRow& row) {
  if (auto touched = check_touch(granter, row); !touched) return touched;
  if (granter.reach == Reach::kOwnTeam) {
    auto priority = provider::find_priority(row.priority).value_or(provider::Priority::kNormal);
    if (priority < granter.who.priority) return more_than("priority", "the key that asks for it");
    if (granter.team) {
      if (auto within = check_within_team(*granter.team, row); !within) return within;
    }
  }
  return granter.own ? check_within_own(*granter.own, row) : Status{};
}

}  // namespace sluice::admin
