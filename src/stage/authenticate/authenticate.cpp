#include "stage/authenticate/authenticate.h"

#include <cstring>

#include "base/digest.h"
#include "http/url.h"

namespace sluice::stage {

namespace {

std::string_view bytes(const Sha256& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace

std::size_t Callers::Hash::operator()(const Sha256& digest) const {
  std::size_t prefix;
  std::memcpy(&prefix, digest.data(), sizeof prefix);
  return prefix;
}

void Callers::add(std::string_view key, Caller caller) {
  by_hash_.insert_or_assign(sha256(key), std::move(caller));
}

const Caller* Callers::find(std::string_view key) const {
  auto digest = sha256(key);
  auto found = by_hash_.find(digest);
  return found != by_hash_.end() && constant_time_equal(bytes(found->first), bytes(digest)) ? &found->second : nullptr;
}

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

// Google's API takes its key as ?key=… too.
std::string_view key_in_query(std::string_view target) {
  for (auto pair : split(http::query_of(target), '&')) {
    if (pair.starts_with("key=")) return pair.substr(4);
  }
  return {};
}

Task<Status> Authenticate::run(Exchange& x, Sink& out, Next next) {
  auto key = key_of(x.request.head().headers);
  if (key.empty() && x.endpoint && x.endpoint->dialect == "gemini") key = key_in_query(x.request.head().target);
  if (key.empty()) {
    co_return fail(Fault{
        .kind = FaultKind::kUnauthenticated,
        .told = "No API key was given. Send it as 'Authorization: Bearer KEY' (or x-api-key, api-key, x-goog-api-key).",
        .code = "invalid_api_key"});
  }
  x.caller = callers_.find(key);
  if (!x.caller) {
    co_return fail(Fault{
        .kind = FaultKind::kUnauthenticated, .told = "The API key is not known here.", .code = "invalid_api_key"});
  }
  if (admits_ == Admits::kMasterOnly && x.caller->role != Caller::Role::kMaster) {
    co_return fail(Fault{.kind = FaultKind::kForbidden, .told = "Only the master key may see this page."});
  }
  co_return co_await next(x, out);
}

}  // namespace sluice::stage
