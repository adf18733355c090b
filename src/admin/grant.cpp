#include "admin/grant.h"

#include <fmt/format.h>

#include <algorithm>

#include "admin/roster.h"
#include "admin/terms.h"
#include "net/address_rules.h"

namespace sluice::admin {

namespace {

Failure more_than(std::string_view field, std::string_view whose) {
  return forbidden(field, fmt::format("'{}' would be more than {} has.", field, whose), "more_than_own");
}

Failure more_than(const quota::BudgetTerms& own, std::string_view whose) {
  return forbidden("budget",
                   fmt::format("'budget' would be more than {} has: it needs a budget of the same window and zone ({}) "
                               "with at most {} USD, 'hard': {}, and 'unpriced' {} or stricter.",
                               whose, to_text(own.window), to_text(own.limit), own.hard ? "true" : "true or false",
                               name(*own.unpriced)),
                   "more_than_own");
}

// The same for lists of exact names.
bool is_among(const store::Texts& given, const store::Texts& own) {
  if (own.empty()) return true;
  return !given.empty() &&
         std::ranges::all_of(given, [&](const std::string& name) { return std::ranges::find(own, name) != own.end(); });
}

bool covers(std::string_view outer, std::string_view inner) {
  const auto first = net::parse_network(outer), second = net::parse_network(inner);
  if (!first || !second) return false;
  const auto large = net::unmapped(*first), small = net::unmapped(*second);
  return large.size == small.size && large.prefix <= small.prefix &&
         large.holds(net::AddressBytes(small.bytes).first(small.size));
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

const quota::BudgetTerms* find_same(const std::vector<quota::BudgetTerms>& budgets, const quota::Window& window) {
  auto found = std::ranges::find(budgets, window, &quota::BudgetTerms::window);
  return found == budgets.end() ? nullptr : &*found;
}

// Of all that a budget says but `strict` and `alerts`: these say how it is kept and told, not how much there is.
bool is_as_tight(const quota::BudgetTerms& budget, const quota::BudgetTerms& as) {
  return budget.limit <= as.limit && (budget.hard || !as.hard) && *budget.unpriced >= *as.unpriced;
}

Status check_budgets(const std::vector<quota::BudgetTerms>& given, const std::vector<quota::BudgetTerms>& own,
                     Missing missing, std::string_view whose) {
  for (const auto& budget : own) {
    const auto* same = find_same(given, budget.window);
    if (same ? !is_as_tight(*same, budget) : missing == Missing::kIsMore) return more_than(budget, whose);
  }
  return {};
}

Status check_terms(const quota::Terms& given, const quota::Terms& own, Missing missing, std::string_view whose) {
  if (exceeds(given.limits.rpm, own.limits.rpm, missing)) return more_than("limits.rpm", whose);
  if (exceeds(given.limits.tpm, own.limits.tpm, missing)) return more_than("limits.tpm", whose);
  if (exceeds(given.limits.concurrency, own.limits.concurrency, missing)) return more_than("limits.concurrency", whose);
  return check_budgets(given.budgets, own.budgets, missing, whose);
}

// With what counts where a budget does not say it.
Result<quota::Terms> terms_of(const Granter& granter, std::string_view limits, std::string_view budget) {
  auto terms = read_terms(limits, budget);
  if (!terms) return terms;
  for (auto& one : terms->budgets) one.unpriced = one.unpriced.value_or(granter.usual_unpriced);
  return terms;
}

constexpr std::string_view kKey = "the key that asks for it";
constexpr std::string_view kUser = "the user who asks for it";
constexpr std::string_view kTeam = "the team of who asks for it";

// One of those that hold the granter: all that is said of it.
struct Holder {
  std::string_view whose;
  const store::Texts* models = nullptr;  // null: it says nothing of models
  quota::Terms terms;
};

Result<std::vector<Holder>> holders_of(const Granter& granter) {
  std::vector<Holder> holders;
  Status read;
  auto add = [&](const auto& row, std::string_view whose, const store::Texts* models) {
    auto terms = terms_of(granter, row->limits, row->budget);
    if (!terms) read = fail(FaultKind::kInternal, fmt::format("The limits of {} cannot be read.", whose));
    if (terms) holders.push_back({whose, models, std::move(*terms)});
  };
  if (granter.key) add(granter.key, kKey, &granter.key->models);
  if (granter.user) add(granter.user, kUser, nullptr);
  if (granter.team) add(granter.team, kTeam, &granter.team->models);
  if (!read) return fail_from(read);
  return holders;
}

// What of the same team or user is held by it anyway.
Missing missing_of(const Granter& granter, const Holder& holder, const store::KeyRow& row) {
  const bool held = (holder.whose == kTeam && row.team == granter.team->name) ||
                    (holder.whose == kUser && row.user == granter.user->name);
  return held ? Missing::kAllowed : Missing::kIsMore;
}

Status check_within_key(const store::KeyRow& own, const store::KeyRow& row) {
  if (!is_among(row.operations, own.operations)) return more_than("endpoints", kKey);
  if (!are_inside(row.networks, own.networks)) return more_than("ip_ranges", kKey);
  if (own.expires_us != 0 && (row.expires_us == 0 || row.expires_us > own.expires_us))
    return more_than("expires_at", kKey);
  return {};
}

// A limit that was not there is less than none.
bool grows(std::uint64_t before, std::uint64_t after, std::uint64_t own) {
  const bool loosened = before != 0 && (after == 0 || after > before);
  return loosened && own != 0 && (after == 0 || after > own);
}

// What is added to budgets that stay only bounds what they allow.
bool are_loosened(const std::vector<quota::BudgetTerms>& before, const std::vector<quota::BudgetTerms>& after) {
  return std::ranges::any_of(before, [&](const auto& one) {
    const auto* now = find_same(after, one.window);
    return !now || !is_as_tight(*now, one);
  });
}

Status check_terms_change(const quota::Terms& before, const quota::Terms& after, const Holder& holder) {
  const auto& own = holder.terms;
  if (grows(before.limits.rpm, after.limits.rpm, own.limits.rpm)) return more_than("limits.rpm", holder.whose);
  if (grows(before.limits.tpm, after.limits.tpm, own.limits.tpm)) return more_than("limits.tpm", holder.whose);
  if (grows(before.limits.concurrency, after.limits.concurrency, own.limits.concurrency))
    return more_than("limits.concurrency", holder.whose);
  // A budget that is loosened lets more be had in any other window too, so all of them count then.
  if (!are_loosened(before.budgets, after.budgets)) return {};
  return check_budgets(after.budgets, own.budgets, Missing::kIsMore, holder.whose);
}

enum class Given { kAll, kChange };

template <class Row>
Status check_terms_change(const Granter& granter, const std::vector<Holder>& holders, const Row& before,
                          const Row& after, Given given) {
  auto then = terms_of(granter, before.limits, before.budget);
  auto now = terms_of(granter, after.limits, after.budget);
  if (!then || !now) return fail(FaultKind::kInternal, "The limits cannot be read.");
  for (const auto& holder : holders) {
    auto fine = given == Given::kAll ? check_terms(*now, holder.terms, Missing::kIsMore, holder.whose)
                                     : check_terms_change(*then, *now, holder);
    if (!fine) return fine;
  }
  return {};
}

template <class Row>
Given what_is_given(const Row& before, const Row& after) {
  return before.name.empty() || (before.blocked && !after.blocked) ? Given::kAll : Given::kChange;
}

Status check_role(const Granter& granter, std::string_view role) {
  if (may_grant(granter.who.role, find_role(role).value_or(Role::kMember))) return {};
  return forbidden("role", fmt::format("The role '{}' does not give the role '{}'.", name(granter.who.role), role),
                   "more_than_own");
}

bool is_held_by_key_alone(Role role) {
  return role == Role::kOwner || role == Role::kMaster;
}

Status check_priority(const Granter& granter, const store::KeyRow& row) {
  if (is_held_by_key_alone(granter.who.role)) return {};
  const auto priority = provider::find_priority(row.priority).value_or(provider::Priority::kNormal);
  return priority < granter.who.priority ? more_than("priority", kKey) : Status{};
}

// What an alias leads to is one's own too.
bool leads_further(const store::TeamRow& before, const store::TeamRow& after, const store::Texts& own) {
  return std::ranges::any_of(after.aliases, [&](const auto& alias) {
    return std::ranges::find(before.aliases, alias) == before.aliases.end() && !is_within({alias.second}, own);
  });
}

}  // namespace

Result<Granter> granter_of(const Tools& tools, const Ask& ask) {
  Granter granter{.who = ask.who,
                  .reach = ask.reach,
                  .key = {},
                  .user = {},
                  .team = {},
                  .usual_unpriced = tools.roster->usual_unpriced()};
  if (ask.who.id.empty()) return granter;
  auto key = tools.roster->find_key(ask.who.id);
  if (!key) return fail_from(key);
  // It went while its last request was under way.
  if (!*key) return forbidden("", "The key that asks for it is gone.", "role_not_allowed");
  granter.key = std::move((*key)->row);
  if (is_held_by_key_alone(ask.who.role)) return granter;
  if (auto user = tools.roster->find_user(granter.key->user)) granter.user = std::move(user->row);
  if (auto team = tools.roster->find_team(granter.key->team)) granter.team = std::move(team->row);
  return granter;
}

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
  return check_role(granter, row.role);
}

Status check_touch(const Granter& granter, const store::UserRow& row) {
  return check_role(granter, row.role);
}

Status check_grant(const Granter& granter, const store::KeyRow& row) {
  if (auto touched = check_touch(granter, row); !touched) return touched;
  if (auto fine = check_priority(granter, row); !fine) return fine;
  auto holders = holders_of(granter);
  if (!holders) return fail_from(holders);
  auto given = terms_of(granter, row.limits, row.budget);
  if (!given) return fail(FaultKind::kInternal, "The limits of the key cannot be read.");
  for (const auto& holder : *holders) {
    const auto missing = missing_of(granter, holder, row);
    const bool left_out = row.models.empty() && missing == Missing::kAllowed;
    if (holder.models && !left_out && !is_within(row.models, *holder.models)) return more_than("models", holder.whose);
    if (auto fine = check_terms(*given, holder.terms, missing, holder.whose); !fine) return fine;
  }
  return granter.key ? check_within_key(*granter.key, row) : Status{};
}

Status check_change(const Granter& granter, const store::UserRow& before, const store::UserRow& after) {
  if (!before.name.empty()) {
    if (auto fine = check_role(granter, before.role); !fine) return fine;
  }
  if (auto fine = check_role(granter, after.role); !fine) return fine;
  auto holders = holders_of(granter);
  if (!holders) return fail_from(holders);
  return check_terms_change(granter, *holders, before, after, what_is_given(before, after));
}

Status check_change(const Granter& granter, const store::TeamRow& before, const store::TeamRow& after) {
  auto holders = holders_of(granter);
  if (!holders) return fail_from(holders);
  const auto given = what_is_given(before, after);
  const bool all = given == Given::kAll;
  for (const auto& holder : *holders) {
    if (!holder.models) continue;
    if ((all || before.models != after.models) && !is_within(after.models, *holder.models))
      return more_than("models", holder.whose);
    if (leads_further(all ? store::TeamRow() : before, after, *holder.models))
      return more_than("aliases", holder.whose);
  }
  if (granter.team && (all || after.weight > before.weight) && after.weight > granter.team->weight)
    return more_than("weight", kTeam);
  return check_terms_change(granter, *holders, before, after, given);
}

Status check_change(const Granter& granter, const store::OrganisationRow& before, const store::OrganisationRow& after) {
  auto holders = holders_of(granter);
  if (!holders) return fail_from(holders);
  return check_terms_change(granter, *holders, before, after, Given::kChange);
}

}  // namespace sluice::admin
