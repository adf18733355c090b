#include "stage/dispatch/forwarding.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace sluice::stage {

namespace {

using Names = std::span<const std::string_view>;

// Of a routed request.
constexpr std::array<std::string_view, 8> kToProvider{
    "content-type",    "accept",      "user-agent", "openai-beta",
    "idempotency-key", "traceparent", "tracestate", "x-client-request-id"};
// Never, in either direction: they belong to one connection, or are made anew.
constexpr std::array<std::string_view, 14> kOfConnection{"connection",
                                                         "keep-alive",
                                                         "proxy-authenticate",
                                                         "proxy-authorization",
                                                         "proxy-connection",
                                                         "te",
                                                         "trailer",
                                                         "transfer-encoding",
                                                         "upgrade",
                                                         "content-length",
                                                         "content-encoding",
                                                         "host",
                                                         "expect",
                                                         "accept-encoding"};
// Of a passthrough request: the client's credentials for us, and what names the client or the gateway.
constexpr std::array<std::string_view, 10> kPrivate{
    "authorization",   "x-api-key",         "api-key",          "x-goog-api-key", "cookie",
    "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip",      "forwarded"};
constexpr std::array<std::string_view, 6> kToClient{"content-type",   "content-disposition", "openai-processing-ms",
                                                    "openai-version", "retry-after",         "retry-after-ms"};
constexpr std::array<std::string_view, 5> kRequestIds{"x-request-id", "request-id", "apim-request-id",
                                                      "x-amzn-requestid", "x-ms-request-id"};

bool is_one_of(std::string_view name, Names names) {
  return std::ranges::any_of(names, [&](std::string_view candidate) { return iequals(candidate, name); });
}

bool has_prefix(std::string_view name, std::string_view prefix) {
  return iequals(name.substr(0, prefix.size()), prefix);
}

// RFC 9110, 7.6.1: a message's Connection field names further fields that end here.
bool is_named_by_connection(const http::Headers& headers, std::string_view name) {
  auto connection = headers.get("connection");
  return connection && http::has_token(*connection, name);
}

bool may_reach_provider(const Exchange& x, std::string_view name) {
  if (x.endpoint) return is_one_of(name, kToProvider);
  return !is_one_of(name, kOfConnection) && !is_named_by_connection(x.request.head().headers, name) &&
         !is_one_of(name, kPrivate) && !has_prefix(name, "x-sluice-") && !has_prefix(name, "cf-") &&
         !has_prefix(name, "x-litellm-") && !has_prefix(name, "x-portkey-");
}

bool may_reach_client(const Exchange& x, const http::Headers& answer, std::string_view name) {
  if (x.endpoint) return is_one_of(name, kToClient) || has_prefix(name, "x-ratelimit-");
  return !is_one_of(name, kOfConnection) && !is_named_by_connection(answer, name) && !is_one_of(name, kRequestIds) &&
         !iequals(name, "set-cookie") && !iequals(name, "date") && !has_prefix(name, "x-sluice-") &&
         !has_prefix(name, "access-control-");
}

std::string target_of(const Exchange& x) {
  const auto& provider = *x.target->deployment->provider;
  if (x.endpoint) return provider::upstream_target(provider, x.endpoint->path, x.target->model);
  return provider.root_path + x.passthrough_target;
}

}  // namespace

http::RequestHead upstream_head(const Exchange& x) {
  const auto& provider = *x.target->deployment->provider;
  const auto& asked = x.request.head();
  http::RequestHead head{asked.method, target_of(x), {}};
  head.headers.reserve(asked.headers.size() + provider.headers.size() + 1);
  for (const auto& [name, value] : asked.headers) {
    if (may_reach_provider(x, name) && !provider.headers.has(name)) head.headers.add(name, value);
  }
  for (const auto& [name, value] : provider.headers) head.headers.add(name, value);
  head.headers.add("accept-encoding", "identity");
  return head;
}

http::Headers client_headers(const Exchange& x, const http::ResponseHead& answer) {
  http::Headers headers;
  headers.reserve(answer.headers.size() + 8);
  for (const auto& [name, value] : answer.headers) {
    if (may_reach_client(x, answer.headers, name)) headers.add(name, value);
  }
  if (auto id = provider_request_id(answer.headers); !id.empty()) headers.add("x-sluice-provider-request-id", id);
  return headers;
}

std::string_view provider_request_id(const http::Headers& headers) {
  for (auto name : kRequestIds) {
    if (auto id = headers.get(name)) return *id;
  }
  return {};
}

}  // namespace sluice::stage
