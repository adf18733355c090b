#include "ingress/cors.h"

#include <algorithm>

namespace sluice::ingress {

bool Cors::allows(std::string_view origin) const {
  return std::ranges::any_of(origins, [&](const std::string& allowed) { return allowed == "*" || allowed == origin; });
}

void add_cors(const Cors& cors, const http::RequestHead& request, http::Headers& headers) {
  if (cors.origins.empty()) return;
  headers.add("vary", "origin");
  auto origin = request.headers.get("origin");
  if (!origin || !cors.allows(*origin)) return;
  headers.add("access-control-allow-origin", std::string(*origin));
  headers.add(
      "access-control-expose-headers",
      "x-request-id, x-sluice-request-id, x-sluice-route, x-sluice-deployment, x-sluice-provider, x-sluice-model, "
      "x-sluice-dropped, x-sluice-attempts, x-sluice-unavailable, x-sluice-overhead-us, x-sluice-cost-usd, "
      "x-sluice-usage-source, x-sluice-budget-remaining-usd, x-sluice-max-tokens, x-sluice-provider-request-id, "
      "x-ratelimit-limit-requests, x-ratelimit-remaining-requests, x-ratelimit-reset-requests, "
      "x-ratelimit-limit-tokens, x-ratelimit-remaining-tokens, x-ratelimit-reset-tokens, "
      "anthropic-ratelimit-requests-limit, anthropic-ratelimit-requests-remaining, "
      "anthropic-ratelimit-requests-reset, anthropic-ratelimit-tokens-limit, anthropic-ratelimit-tokens-remaining, "
      "anthropic-ratelimit-tokens-reset, x-should-retry, retry-after");
}

http::ResponseHead preflight(const Cors& cors, const http::RequestHead& request) {
  http::ResponseHead head{204, {{"allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"}}};
  add_cors(cors, request, head.headers);
  if (!head.headers.has("access-control-allow-origin")) return head;
  head.headers.add("access-control-allow-methods", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  auto wanted = request.headers.get("access-control-request-headers");
  head.headers.add("access-control-allow-headers", std::string(wanted.value_or("authorization, content-type")));
  head.headers.add("access-control-max-age", std::to_string(cors.max_age.count() / 1000));
  return head;
}

}  // namespace sluice::ingress
