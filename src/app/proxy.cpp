#include "app/proxy.h"

#include "base/digest.h"
#include "base/text.h"
#include "http/url.h"

namespace sluice::app {

namespace {

std::string first_set(const Environment& environment, std::initializer_list<std::string_view> names) {
  for (auto name : names) {
    auto value = environment(name);
    if (value && !value->empty()) return *value;
  }
  return {};
}

std::string basic_authorization(std::string_view user) {
  return "Basic " + base64(http::percent_decode(user).value_or(std::string(user)));
}

}  // namespace

bool is_exempt(std::string_view no_proxy, std::string_view host) {
  for (auto entry : split(no_proxy, ',')) {
    entry = trim(entry);
    if (entry == "*") return true;
    if (entry.starts_with('.')) entry.remove_prefix(1);
    if (entry.empty()) continue;
    if (iequals(entry, host)) return true;
    bool below = host.size() > entry.size() && host[host.size() - entry.size() - 1] == '.' &&
                 iequals(host.substr(host.size() - entry.size()), entry);
    if (below) return true;
  }
  return false;
}

Status set_proxy(net::Origin& origin, const std::string& setting, const Environment& environment) {
  auto proxy = setting;
  if (proxy == "none") return {};
  if (proxy.empty()) {
    // HTTP_PROXY in capitals is ignored in CGI programs; this is none, so both spellings count.
    proxy = origin.tls ? first_set(environment, {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
                       : first_set(environment, {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"});
    if (is_exempt(first_set(environment, {"no_proxy", "NO_PROXY"}), origin.host)) return {};
  }
  if (proxy.empty()) return {};
  auto url = http::parse_url(proxy);
  if (!url || url->tls) {
    return fail(FaultKind::kInvalidConfig,
                "The proxy for " + origin.host +
                    " is not of the form http://[user:password@]host:port (proxy, HTTP_PROXY or HTTPS_PROXY).");
  }
  origin.proxy_host = url->host;
  origin.proxy_port = url->port;
  if (!url->user.empty()) origin.proxy_authorization = basic_authorization(url->user);
  return {};
}

}  // namespace sluice::app
