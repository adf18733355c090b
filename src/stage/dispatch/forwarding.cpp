#include "stage/dispatch/forwarding.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "http/query.h"

namespace sluice::stage {

namespace {

using Names = std::span<const std::string_view>;

// Of a routed request, whatever is done to its body.
constexpr std::array<std::string_view, 5> kToProvider{"user-agent", "idempotency-key", "traceparent", "tracestate",
                                                      "x-client-request-id"};
// The same where the bytes of the body pass through.
constexpr std::array<std::string_view, 2> kWithBody{"content-type", "accept"};
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
// What of a passthrough request stays here, beside what belongs to the connection; docs/guide/api.md says the same.
enum class Match : std::uint8_t { kWhole, kBegin, kPart };
struct Private {
  std::string_view text;
  Match match;
};
constexpr Private kPrivate[] = {
    // credentials, for whomever they are
    {"authorization", Match::kPart},
    {"api-key", Match::kPart},
    {"api_key", Match::kPart},
    {"apikey", Match::kPart},
    {"access-key", Match::kPart},
    {"subscription-key", Match::kPart},
    {"token", Match::kPart},
    {"secret", Match::kPart},
    {"credential", Match::kPart},
    {"password", Match::kPart},
    {"cookie", Match::kPart},
    {"x-auth", Match::kBegin},
    {"x-goog-user-project", Match::kWhole},  // whose quota the client's credentials use
    // where the client is, and what it came through
    {"via", Match::kWhole},
    {"forwarded", Match::kWhole},
    {"x-forwarded-", Match::kBegin},
    {"x-real-ip", Match::kWhole},
    {"x-client-ip", Match::kWhole},
    {"true-client-ip", Match::kWhole},
    {"origin", Match::kWhole},
    {"referer", Match::kWhole},
    // what is said to gateways
    {"cf-", Match::kBegin},
    {"helicone-", Match::kBegin},
    {"x-litellm-", Match::kBegin},
    {"x-portkey-", Match::kBegin},
    {"x-sluice-", Match::kBegin},
};
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

bool is_private(std::string_view name) {
  return std::ranges::any_of(kPrivate, [&](const Private& one) {
    if (one.match == Match::kWhole) return iequals(name, one.text);
    if (one.match == Match::kBegin) return has_prefix(name, one.text);
    for (std::size_t at = 0; at + one.text.size() <= name.size(); ++at) {
      if (has_prefix(name.substr(at), one.text)) return true;
    }
    return false;
  });
}

// RFC 9110, 7.6.1: a message's Connection fields name further fields that end here.
bool is_named_by_connection(const http::Headers& headers, std::string_view name) {
  return std::ranges::any_of(headers, [&](const auto& field) {
    return iequals(field.first, "connection") && http::has_token(field.second, name);
  });
}

bool may_reach_provider_raw(const Exchange& x, std::string_view name) {
  return !is_one_of(name, kOfConnection) && !is_named_by_connection(x.request.head().headers, name) &&
         !is_private(name);
}

bool may_reach_client(const Exchange& x, const Try& t, const http::Headers& answer, std::string_view name) {
  if (t.translation && iequals(name, "content-type")) return false;       // the answer is written anew
  if (t.translation && dialect::is_rate_limit_field(name)) return false;  // they are spelled anew
  if (x.endpoint)
    return is_one_of(name, kToClient) || has_prefix(name, "x-ratelimit-") || has_prefix(name, "anthropic-ratelimit-") ||
           has_prefix(name, "x-amzn-bedrock-");
  return !is_one_of(name, kOfConnection) && !is_named_by_connection(answer, name) && !is_one_of(name, kRequestIds) &&
         !iequals(name, "set-cookie") && !iequals(name, "date") && !has_prefix(name, "x-sluice-") &&
         !has_prefix(name, "access-control-");
}

// The query of a path-driven API goes along, but for credentials in it.
std::string query_to_provider(const Exchange& x) {
  if (x.endpoint->streaming != dialect::Streaming::kByPath) return {};
  auto query = http::without_keys(http::query_of(x.request.head().target));
  return query.empty() ? query : "?" + query;
}

template <class Passes>
http::RequestHead head_with(const Exchange& x, const Try& t, std::string method, std::string target, Passes passes,
                            const http::Headers& added) {
  const auto& provider = *t.target.deployment->provider;
  const auto& asked = x.request.head();
  http::RequestHead head{std::move(method), std::move(target), {}};
  head.headers.reserve(asked.headers.size() + provider.headers.size() + added.size() + 2);
  for (const auto& [name, value] : asked.headers) {
    if (passes(name) && !provider.headers.has(name) && !added.has(name)) head.headers.add(name, value);
  }
  for (const auto& [name, value] : added) {
    if (!provider.headers.has(name)) head.headers.add(name, value);
  }
  for (const auto& [name, value] : provider.headers) head.headers.add(name, value);
  head.headers.add("accept-encoding", "identity");
  return head;
}

}  // namespace

http::Headers api_fields(const Exchange& x) {
  http::Headers fields;
  const Names names = x.server->request_fields();
  for (const auto& [name, value] : x.request.head().headers) {
    if (is_one_of(name, names)) fields.add(name, value);
  }
  return fields;
}

http::RequestHead native_head(const Exchange& x, const Try& t, const dialect::Client& client,
                              const dialect::Target& target, const http::Headers& added) {
  const auto& provider = *t.target.deployment->provider;
  auto path = client.native_path(*x.endpoint, x.path, target);
  auto to = provider::upstream_target(provider, path, t.target.model) + query_to_provider(x);
  auto passes = [](std::string_view name) { return is_one_of(name, kToProvider) || is_one_of(name, kWithBody); };
  return head_with(x, t, x.request.head().method, std::move(to), passes, added);
}

http::RequestHead translated_head(const Exchange& x, const Try& t, const dialect::Client& client,
                                  const dialect::Target& target, const http::Headers& added) {
  const auto& provider = *t.target.deployment->provider;
  auto to = provider::upstream_target(provider, client.path(target), t.target.model);
  auto passes = [](std::string_view name) { return is_one_of(name, kToProvider); };
  auto head = head_with(x, t, "POST", std::move(to), passes, added);
  head.headers.set("content-type", "application/json");
  if (target.stream && !head.headers.has("accept")) head.headers.add("accept", client.stream_type());
  return head;
}

http::RequestHead passthrough_head(const Exchange& x, const Try& t) {
  const auto& provider = *t.target.deployment->provider;
  auto passes = [&](std::string_view name) { return may_reach_provider_raw(x, name); };
  return head_with(x, t, x.request.head().method, provider.root_path + x.passthrough_target, passes, {});
}

http::Headers client_headers(const Exchange& x, const Try& t, const http::ResponseHead& answer) {
  http::Headers headers;
  headers.reserve(answer.headers.size() + 8);
  for (const auto& [name, value] : answer.headers) {
    if (may_reach_client(x, t, answer.headers, name)) headers.add(name, value);
  }
  if (t.translation) {
    auto limits = dialect::rate_limits_as(x.server->limit_spelling(), answer.headers, wall_now());
    for (const auto& [name, value] : limits) headers.add(name, value);
  }
  if (!t.provider_request_id.empty()) headers.add("x-sluice-provider-request-id", t.provider_request_id);
  return headers;
}

std::string_view provider_request_id(const http::Headers& headers) {
  for (auto name : kRequestIds) {
    if (auto id = headers.get(name)) return *id;
  }
  return {};
}

}  // namespace sluice::stage
