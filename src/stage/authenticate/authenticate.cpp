#include "stage/authenticate/authenticate.h"

#include <fmt/format.h>

#include "base/time_text.h"
#include "http/url.h"

namespace sluice::stage {

namespace {

Failure unauthenticated(std::string told, std::string code = "invalid_api_key") {
  return fail(Fault{.kind = FaultKind::kUnauthenticated, .told = std::move(told), .code = std::move(code)});
}

Failure forbidden(std::string told, std::string code) {
  return fail(Fault{.kind = FaultKind::kForbidden, .told = std::move(told), .code = std::move(code)});
}

// Google's API takes its key as ?key=… too.
std::string_view key_in_query(std::string_view target) {
  for (auto pair : split(http::query_of(target), '&')) {
    if (pair.starts_with("key=")) return pair.substr(4);
  }
  return {};
}

}  // namespace

std::string_view key_of(const http::Headers& headers) {
  if (auto authorization = headers.get("authorization")) {
    constexpr std::string_view kScheme = "bearer ";
    if (iequals(authorization->substr(0, kScheme.size()), kScheme)) return trim(authorization->substr(kScheme.size()));
    // The AWS SDKs sign with a key id, which is the caller's key here: the rest of the signature proves nothing to us.
    constexpr std::string_view kAws = "AWS4-HMAC-SHA256 Credential=";
    if (authorization->starts_with(kAws)) {
      auto id = authorization->substr(kAws.size());
      return id.substr(0, id.find('/'));
    }
  }
  for (std::string_view name : {"x-api-key", "api-key", "x-goog-api-key"}) {
    if (auto key = headers.get(name)) return *key;
  }
  return {};
}

Task<Status> Authenticate::run(Exchange& x, Sink& out, Next next) {
  auto status = find_caller(x);
  if (status) status = check(x);
  return status ? next(x, out) : Task<Status>::ready(std::move(status));
}

Status Authenticate::find_caller(Exchange& x) const {
  auto key = key_of(x.request.head().headers);
  if (key.empty() && x.server->name() == "gemini") key = key_in_query(x.request.head().target);
  if (key.empty()) {
    return unauthenticated(
        "No API key was given. Send it as 'Authorization: Bearer KEY' (or x-api-key, api-key, x-goog-api-key).");
  }
  x.caller_kept = x.tools.callers ? x.tools.callers->find(key) : nullptr;
  x.caller = x.caller_kept.get();
  if (!x.caller) return unauthenticated("The API key is not known here.");
  return {};
}

Status Authenticate::check(const Exchange& x) const {
  const auto& caller = *x.caller;
  if (caller.blocked) return forbidden(fmt::format("The key '{}' is blocked.", caller.name), "key_blocked");
  if (caller.expires_us != 0 && wall_us() >= caller.expires_us)
    return unauthenticated(fmt::format("The key '{}' has expired.", caller.name), "key_expired");
  if (caller.its_team && caller.its_team->blocked)
    return forbidden(fmt::format("The team '{}' is blocked.", caller.team), "team_blocked");
  if (caller.its_user && caller.its_user->blocked)
    return forbidden(fmt::format("The user '{}' is blocked.", caller.user), "user_blocked");
  if (!caller.may_ask_from(x.request.peer())) {
    return forbidden(fmt::format("The key '{}' may not be used from {}.", caller.name, x.request.peer()),
                     "address_not_allowed");
  }
  if (admits_ != Admits::kAnyCaller) {
    const auto least = admits_ == Admits::kStaff ? Role::kTeamAdmin : Role::kViewer;
    if (caller.role >= least) return {};
    return forbidden(fmt::format("The role '{}' of the key '{}' does not allow this.", name(caller.role), caller.name),
                     "role_not_allowed");
  }
  if (caller.may_ask_for(x.operation) || x.operation == "models") return {};
  return forbidden(fmt::format("The key '{}' may not be used for '{}'.", caller.name, x.operation),
                   "operation_not_allowed");
}

}  // namespace sluice::stage
