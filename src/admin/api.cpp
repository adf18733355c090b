#include "admin/api.h"

#include <fmt/format.h>

#include <algorithm>

#include "admin/audit_page.h"
#include "admin/deployments.h"
#include "admin/exchanges.h"
#include "admin/faults.h"
#include "admin/keys.h"
#include "admin/members.h"
#include "admin/openapi.h"
#include "admin/organisation.h"
#include "admin/recompute.h"
#include "admin/report.h"
#include "admin/roster.h"
#include "admin/rows.h"
#include "admin/secrets.h"
#include "admin/teams.h"
#include "admin/users.h"
#include "base/log.h"
#include "base/text.h"
#include "http/url.h"

namespace sluice::admin {

namespace {

constexpr std::string_view kRoot = "/admin/v1";
constexpr std::size_t kMostTried = 4'096;  // bytes of a body that go into the audit log
constexpr auto kEmpty = Operation::Body::kIsEmpty;

constexpr Operation kOperations[] = {
    {"GET", "/openapi.json", get_openapi, Area::kDocument},
    {"GET", "/deployments", list_deployments},
    {"PUT", "/deployments/{name}/hold", hold_deployment, Area::kGateway, hold_of_deployment},
    {"GET", "/provider-keys", list_provider_keys},
    {"PUT", "/provider-keys/{key}/hold", hold_provider_key, Area::kGateway, hold_of_provider_key},
    {"GET", "/exchanges", list_exchanges, Area::kBooks},
    {"GET", "/exchanges/{request_id}", get_exchange, Area::kBooks},
    {"GET", "/report", get_report, Area::kBooks, nullptr, report_type},
    {"POST", "/prices/recompute", recompute_prices, Area::kGateway, nullptr, nullptr, kEmpty},
    {"GET", "/faults", list_faults, Area::kFaults},
    {"PUT", "/faults", put_fault, Area::kFaults, list_faults},
    {"DELETE", "/faults", delete_faults, Area::kFaults, list_faults, nullptr, kEmpty},
    {"GET", "/keys", list_keys, Area::kKeys},
    {"POST", "/keys", create_key, Area::kKeys},
    {"GET", "/keys/{key}", get_key, Area::kKeys},
    {"PATCH", "/keys/{key}", patch_key, Area::kKeys},
    {"DELETE", "/keys/{key}", delete_key, Area::kKeys, nullptr, nullptr, kEmpty},
    {"POST", "/keys/{key}/rotate", rotate_key, Area::kKeys},
    {"POST", "/keys/{key}/block", block_key, Area::kKeys, nullptr, nullptr, kEmpty},
    {"POST", "/keys/{key}/unblock", unblock_key, Area::kKeys, nullptr, nullptr, kEmpty},
    {"GET", "/teams", list_teams, Area::kTeams},
    {"POST", "/teams", create_team, Area::kTeams},
    {"GET", "/teams/{team}", get_team, Area::kTeams},
    {"PATCH", "/teams/{team}", patch_team, Area::kTeams},
    {"DELETE", "/teams/{team}", delete_team, Area::kTeams, nullptr, nullptr, kEmpty},
    {"GET", "/users", list_users, Area::kUsers},
    {"POST", "/users", create_user, Area::kUsers},
    {"GET", "/users/{user}", get_user, Area::kUsers},
    {"PATCH", "/users/{user}", patch_user, Area::kUsers},
    {"DELETE", "/users/{user}", delete_user, Area::kUsers, nullptr, nullptr, kEmpty},
    {"GET", "/organisation", get_organisation, Area::kOrganisation},
    {"PATCH", "/organisation", patch_organisation, Area::kOrganisation},
    {"GET", "/secrets", list_secrets, Area::kSecrets},
    {"GET", "/secrets/{name}", get_secret, Area::kSecrets},
    {"PUT", "/secrets/{name}", put_secret, Area::kSecrets},
    {"DELETE", "/secrets/{name}", delete_secret, Area::kSecrets, nullptr, nullptr, kEmpty},
    {"GET", "/audit", list_audit, Area::kAudit},
};

// What stands for the {parameter} of a path; empty for one without; nothing when the path is another one.
std::optional<std::string_view> match(std::string_view pattern, std::string_view path) {
  auto open = pattern.find('{');
  if (open == std::string_view::npos) return pattern == path ? std::optional(std::string_view()) : std::nullopt;
  auto before = pattern.substr(0, open);
  auto after = pattern.substr(pattern.find('}') + 1);
  bool fits = path.size() > before.size() + after.size() && path.starts_with(before) && path.ends_with(after);
  if (!fits) return std::nullopt;
  return path.substr(before.size(), path.size() - before.size() - after.size());
}

struct Found {
  const Operation* operation = nullptr;
  std::string parameter;
};

Result<Found> find(std::string_view method, std::string_view path) {
  std::string allowed;
  for (const auto& operation : kOperations) {
    auto parameter = match(operation.path, path);
    if (!parameter) continue;
    bool same = method == operation.method || (method == "HEAD" && operation.method == "GET");
    if (!same) {
      allowed += fmt::format("{}{}", allowed.empty() ? "" : ", ", operation.method);
      continue;
    }
    auto decoded = http::percent_decode(*parameter);
    if (!decoded) return invalid("", "The request's path is not coded correctly.");
    return Found{&operation, std::move(*decoded)};
  }
  if (allowed.empty()) {
    return not_found("", fmt::format("There is no such page: {}{}. GET {}/openapi.json tells what there is.", kRoot,
                                     printable(path), kRoot));
  }
  return fail(Fault{.kind = FaultKind::kMethodNotAllowed,
                    .told = fmt::format("The method {} is not possible here; use {}.", printable(method), allowed),
                    .code = allowed});
}

// How far the caller's role goes; a role of a team goes nowhere without one.
Result<Reach> reach_of(const Caller& who, const Operation& operation) {
  auto far = reach(who.role, operation.area, operation.right());
  if (far == Reach::kAll || (far == Reach::kOwnTeam && !who.team.empty())) return far;
  return forbidden("", fmt::format("The role '{}' of the key '{}' does not allow this.", name(who.role), who.name),
                   "role_not_allowed");
}

std::span<const std::string_view> fields_of(Area area) {
  if (area == Area::kKeys) return key_fields();
  if (area == Area::kTeams) return team_fields();
  return area == Area::kUsers ? user_fields() : std::span<const std::string_view>();
}

// A body that nobody reads may have been meant: to change less than what is done without it.
Status check_body(const Operation& operation, const Ask& ask) {
  const bool says_nothing = ask.body.find_first_not_of(" \t\r\n{}") == ask.body.npos;
  if (operation.body == Operation::Body::kSaysWhat || says_nothing) return {};
  return invalid("", fmt::format("The body of {} {}{} must be empty: what it is about stands in the path, and "
                                 "parameters in the query, as in ?name=value. Nothing was changed.",
                                 operation.method, kRoot, operation.path));
}

// "POST /keys: key 'web'"
std::string place_of(const Operation& operation, const std::string& parameter, std::string_view body) {
  auto place = fmt::format("{} {}", operation.method, operation.path);
  auto name = parameter;
  if (name.empty()) {
    auto members = Members::read(body, fields_of(operation.area));
    if (auto text = members ? members->text("name") : Result<std::string>(std::string())) name = std::move(*text);
  }
  if (name.empty()) return place;
  const auto kind = operation.path.substr(1, operation.path.find('/', 1) - 1);  // "keys"
  return fmt::format("{}: {} '{}'", place, kind.substr(0, kind.size() - 1), printable(name));
}

// What something was to become. Of other refusals the body may not have been looked at, and a secret's is never kept.
std::string tried_of(const Operation& operation, std::string_view body, const Fault& fault) {
  const bool is_kept = fault.code == "more_than_own" && operation.right() == Act::kChange &&
                       operation.body == Operation::Body::kSaysWhat && operation.area != Area::kSecrets;
  if (!is_kept || body.size() > kMostTried) return {};
  std::string tried(body);  // an entry is one line
  std::ranges::replace_if(tried, [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return tried;
}

void tell_refused(Exchange& x, const Operation& operation, const std::string& parameter, std::string_view body,
                  const Fault& fault) {
  if (fault.kind != FaultKind::kForbidden) return;
  x.tried_at = place_of(operation, parameter, body);
  x.tried = tried_of(operation, body, fault);
}

// What changes callers has an entry of its own, made together with the change.
bool is_noted_here(const Operation& operation) {
  return operation.right() == Act::kChange && (operation.area == Area::kGateway || operation.area == Area::kFaults);
}

void note(const Tools& tools, const Operation& operation, const Ask& ask, std::string before, std::string after) {
  if (!tools.roster) return;
  // What is asked for stands in the path or in the query.
  auto about = ask.parameter.empty() ? std::string(ask.query) : ask.parameter;
  if (about.empty() && operation.body == Operation::Body::kIsEmpty) about = "all";
  auto entry = change_of(ask, fmt::format("{} {}", operation.method, operation.path), std::move(about));
  entry.before = std::move(before);
  entry.after = std::move(after);
  if (auto noted = tools.roster->note(entry); !noted)
    log::write(log::Level::kError, "a change is not in the audit log", noted.error());
}

Result<std::string> act(const Tools& tools, const Operation& operation, const Ask& ask) {
  if (!tools.roster && operation.area >= Area::kKeys)
    return fail(FaultKind::kOverloaded, "There is no directory of keys here.");
  if (auto fine = check_body(operation, ask); !fine) return fail_from(fine);
  if (!is_noted_here(operation)) return operation.act(tools, ask);
  auto state = [&] { return operation.state ? operation.state(tools, ask) : Result<std::string>(std::string()); };
  auto before = state();
  auto answer = operation.act(tools, ask);
  if (!answer) return answer;
  auto after = operation.state ? state() : answer;
  note(tools, operation, ask, before ? std::move(*before) : std::string(), after ? std::move(*after) : std::string());
  return answer;
}

}  // namespace

std::span<const Operation> operations() {
  return kOperations;
}

Task<Status> Place::run(Exchange& x, Sink& out, Next next) {
  const auto& head = x.request.head();
  if (auto found = find(head.method, http::path_of(head.target).substr(kRoot.size())))
    x.tried_at = place_of(*found->operation, found->parameter, {});
  return next(x, out);
}

Task<Status> Api::run(Exchange& x, Sink& out, Next) {
  const auto& head = x.request.head();
  auto found = find(head.method, http::path_of(head.target).substr(kRoot.size()));
  if (!found) co_return fail_from(found);
  auto reach = reach_of(*x.caller, *found->operation);
  if (!reach) {
    tell_refused(x, *found->operation, found->parameter, {}, reach.error());
    co_return fail_from(reach);
  }
  auto body = co_await x.request.body();
  if (!body) co_return fail_from(body);
  Ask ask{std::move(found->parameter), http::query_of(head.target), *body, *x.caller, *reach, x.request.peer(), x.id};
  Result<std::string> answer;
  co_await net::offload(x.tools.loop, x.tools.workers, [&] { answer = act(tools_, *found->operation, ask); });
  if (!answer) {
    tell_refused(x, *found->operation, ask.parameter, *body, answer.error());
    co_return fail_from(answer);
  }
  AnswerHead answered;
  const auto& operation = *found->operation;
  answered.headers.add("content-type", operation.type ? operation.type(ask) : "application/json");
  answered.headers.add("cache-control", "no-store");
  if (auto begun = co_await out.begin(std::move(answered)); !begun) co_return begun;
  chat::Event event{chat::EventKind::kContent, *answer, {}};
  co_return co_await out.push({&event, 1});
}

}  // namespace sluice::admin
